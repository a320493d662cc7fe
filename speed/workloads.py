"""The comparisons of ``make bench``, one line each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sklearn.base import ClassifierMixin
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from speed import data, loops, plain
from speed.data import Maker
from speed.loops import SEED, Loop, Score, by_index, textbook

PEERS: dict[str, Loop] = {"scikit-activeml": loops.skactiveml, "small-text": loops.small_text}
BY_INDEX: dict[str, Loop] = {"by index": by_index}
TEXTBOOK: dict[str, Loop] = {"textbook": textbook}
ALL = TEXTBOOK | BY_INDEX | PEERS

LBFGS = LogisticRegression(max_iter=1000)
# As exact as ``logistic_newton``, so that it queries the same rows.
EXACT = LogisticRegression(solver="newton-cholesky", tol=1e-10, max_iter=1000)


@dataclass(frozen=True)
class Workload:
    """One comparison.

    Attributes
    ----------
    name : str
    data : callable
        Makes the table.
    n_queries : int
    goal : float
        How many times faster than the first of the other loops ours should be.
    against : dict of str to Loop
        The other loops.
    learner, strategy : str
        Ours.
    model : scikit-learn classifier
        The learner of the other loops.
    peer_goal : float
        How many times faster than other libraries ours should be.
    rounding : float
        Difference of two decision values that the other loops may take for none; the rows queried
        after such a tie may differ.
    """

    name: str
    data: Maker
    n_queries: int
    goal: float | None
    against: Mapping[str, Loop] = field(default_factory=lambda: ALL)
    learner: str = "logistic_regression"
    strategy: str = "least_confidence"
    model: ClassifierMixin = LBFGS
    peer_goal: float | None = None
    rounding: float = 0.0

    def goal_against(self, name: str) -> float | None:
        """Goal against one of the other loops, if there is one."""
        if name in PEERS:
            return self.peer_goal
        return self.goal if name == next(iter(self.against)) else None


def table(n_rows: int, n_features: int = 10, **options: Any) -> Maker:
    """Maker of a table of numbers."""
    return partial(data.table, n_rows, n_features, **options)


def scored(**scores: Score) -> dict[str, Loop]:
    """Loops by index with these scores."""
    return {
        name.replace("_", " "): partial(by_index, score=score) for name, score in scores.items()
    }


def strategy(
    name: str, n_rows: int, n_queries: int, goal: float | None, **scores: Score
) -> Workload:
    """Comparison of a strategy other than uncertainty sampling, with the exact learner."""
    return Workload(
        f"{name}, {n_rows // 1000}k×10", table(n_rows), n_queries, goal, scored(**scores),
        "logistic_newton", name, EXACT,
    )  # fmt: skip


def estimator(model: ClassifierMixin) -> Workload:
    """Comparison of a classifier by import path, at least as fast as a plain loop."""
    path = f"{type(model).__module__.partition('._')[0]}.{type(model).__name__}"
    return Workload(
        f"{type(model).__name__}, 20k×10", table(20_000, n_initial=200), 10, 1,
        TEXTBOOK, path, model=model,
    )  # fmt: skip


def support_vectors(n_rows: int, n_queries: int) -> Workload:
    """Comparison of the support vector machine."""
    against = {"textbook": partial(textbook, measure=loops.nearest_boundary)}
    return Workload(
        f"svm_rbf, {n_rows // 1000}k×10", table(n_rows), n_queries, 8, against, "svm_rbf",
        model=SVC(random_state=SEED),
    )  # fmt: skip


def embeddings(n_queries: int) -> Workload:
    """Comparison on embeddings, set-up included."""
    queries = f"{n_queries} queries" if n_queries > 1 else "one query"
    return Workload(
        f"embeddings, 100k×768 float32, {queries}", partial(data.embeddings, 100_000), n_queries,
        2.5, BY_INDEX, rounding=1e-5,
    )  # fmt: skip


WORKLOADS = [
    Workload("tutorial", data.tutorial, 20, 1.6, peer_goal=1.6),
    Workload(
        "tutorial, logistic_newton", data.tutorial, 20, 20, TEXTBOOK,
        "logistic_newton", model=EXACT,
    ),
    Workload("100k×10", table(100_000), 100, 6, peer_goal=5),
    Workload("1M×10", table(1_000_000), 100, 20, peer_goal=12),
    Workload(
        "1M×10, logistic_newton", table(1_000_000), 100, 30, ALL, "logistic_newton",
        model=EXACT, peer_goal=25,
    ),
    Workload("1M×50", table(1_000_000, 50), 100, 12, peer_goal=3.5),
    Workload(
        "100k×10, 10 classes", table(100_000, n_classes=10, n_initial=100), 50, 3, peer_goal=2.5
    ),
    *map(embeddings, [1, 5, 20, 100]),
    Workload("text, 100k×50k CSR", partial(data.text, 100_000), 20, 2, BY_INDEX),
    support_vectors(20_000, 10),
    support_vectors(100_000, 5),
    Workload(
        "gaussian_nb, 100k×10", table(100_000), 50, 4.5, BY_INDEX, "gaussian_nb",
        model=GaussianNB(),
    ),
    strategy("query_by_committee", 100_000, 20, 4, by_index=plain.query_by_committee),
    strategy("expected_model_change", 100_000, 50, 5, by_index=plain.expected_model_change),
    strategy("expected_error_reduction", 10_000, 5, 4.5, by_index=plain.expected_error_reduction),
    strategy(
        "k_center_greedy", 100_000, 20, 15,
        all_distances=plain.k_center(plain.all_distances),
        nearest_distances=plain.k_center(plain.nearest_distances),
        kept_distances=plain.k_center(plain.KeptDistances()),
    ),
    strategy(
        "ranked_batch", 100_000, 20, 15,
        all_distances=plain.ranked_batch(plain.all_distances),
        nearest_distances=plain.ranked_batch(plain.nearest_distances),
        kept_distances=plain.ranked_batch(plain.KeptDistances()),
    ),
    strategy(
        "information_density", 100_000, 20, None, kept_densities=plain.InformationDensity()
    ),
    *map(
        estimator,
        [
            RandomForestClassifier(random_state=SEED),
            HistGradientBoostingClassifier(random_state=SEED),
            KNeighborsClassifier(),
            DecisionTreeClassifier(random_state=SEED),
            MLPClassifier(random_state=SEED),
            LinearDiscriminantAnalysis(),
        ],
    ),
]  # fmt: skip
