"""Stopping rules, and their checks during a run."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property, partial
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from active_learning.core import rng
from active_learning.core.errors import named
from active_learning.core.plugins import Plugin
from active_learning.core.pool import Pool, take
from active_learning.core.prediction import Prediction
from active_learning.models.task import Task, significant
from active_learning.simulation.snapshot import Snapshot


class StoppingRule(Plugin, ABC):
    """A plug-in that decides when to stop buying labels."""

    KIND: ClassVar[str] = "stopping"

    @abstractmethod
    def value(self, snapshot: Snapshot) -> float:
        """Value that the rule is based on.

        Parameters
        ----------
        snapshot : Snapshot
            Model, pool, stop set, the model's predictions for it, those of the check before, and
            the estimate of the score.

        Returns
        -------
        float
        """

    @abstractmethod
    def stops(self, values: NDArray[np.float64]) -> bool:
        """Whether to stop.

        Parameters
        ----------
        values : ndarray of shape (n_checks,)
            Values of all checks so far.

        Returns
        -------
        bool
        """


@dataclass(frozen=True)
class Plan:
    """Stopping rules, and when and how they check a run.

    Attributes
    ----------
    rules : dict of str to StoppingRule
    binding : str or None
        Rule that ends the run; ``None``: the run uses its whole budget.
    every : int
        Labels bought between two checks, rounded up to whole batches; the first is at the start.
    stop_set : int or None
        Size of the stop set; ``None``: the whole pool.
    estimate : str
        Score estimate for the rules: ``cross_validation`` or ``test``.
    folds : int
        Folds of the cross-validation, at least 2.
    seed : int
        Seed of stop set and folds.
    """

    rules: Mapping[str, StoppingRule] = field(default_factory=dict)
    binding: str | None = None
    every: int = 1
    stop_set: int | None = None
    estimate: Literal["cross_validation", "test"] = "cross_validation"
    folds: int = 5
    seed: int = 0

    def steps(self, batch_size: int) -> int:
        """Batches between two checks."""
        return -(-self.every // batch_size)

    def choose_stop_set(self, pool: NDArray[np.int64]) -> NDArray[np.int64]:
        """Rows of the stop set, drawn from those of the pool: sorted."""
        rows = np.sort(pool)
        if self.stop_set is None or self.stop_set >= len(rows):
            return rows
        generator = rng.generator(self.seed, "stop set")
        return np.sort(generator.choice(rows, self.stop_set, replace=False))

    def stopped(self, name: str, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether a rule has stopped at each check or earlier: (n_checks,)."""
        stops = [self.rules[name].stops(values[: n + 1]) for n in range(len(values))]
        return np.logical_or.accumulate(np.array(stops, dtype=bool))

    def ends(self, values: NDArray[np.float64]) -> bool:
        """Whether the binding rule stops a run with these values: (n_checks, n_rules)."""
        if self.binding is None or not len(values):
            return False
        return self.rules[self.binding].stops(values[:, list(self.rules).index(self.binding)])

    def describe(self) -> dict[str, Any]:
        """Everything that a run depends on, as JSON values; nothing without rules."""
        if not self.rules:
            return {}
        rules = {name: rule.describe() for name, rule in self.rules.items()}
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return values | {"rules": rules}


NO_RULES = Plan()


class StopMonitor:
    """The checks of one run.

    Parameters
    ----------
    plan : Plan
    task : Task
        Its learner and first scorer are used.
    pool : Pool
    batch_size : int
    earlier_checks : list of list of float
        Values of a resumed run, for each check and rule.
    """

    def __init__(
        self,
        plan: Plan,
        task: Task,
        pool: Pool,
        batch_size: int,
        earlier_checks: list[list[float]],
    ) -> None:
        self.plan, self.task, self.pool = plan, task, pool
        self.steps = plan.steps(batch_size)
        self._values = earlier_checks
        self._last_earlier = len(earlier_checks) - 1
        self._before: NDArray[np.int64] | None = None

    @cached_property
    def _stop_set(self) -> NDArray[np.int64]:
        return self.plan.choose_stop_set(self.pool.order)

    def needs_model(self, step: int) -> bool:
        """Whether the next new check needs the model of this step, which is already checked."""
        return bool(self.plan.rules) and step == self._last_earlier * self.steps

    def check(self, step: int, model: Any, test_score: float = float("nan")) -> None:
        """Check the model of a step if a check is due; ``test_score`` is for estimate ``test``."""
        if step % self.steps or not self.plan.rules:
            return
        snapshot = Snapshot(
            model,
            self.pool,
            self._stop_set,
            before=self._before,
            estimate=partial(self._estimate, test_score),
            greater_is_better=next(iter(self.task.scorers.values())).greater_is_better,
        )
        if step == len(self._values) * self.steps:
            self._values.append(rule_values(self.plan, snapshot))
        self._before = snapshot.prediction.labels

    def _estimate(self, test_score: float) -> float:
        if self.plan.estimate == "test":
            return test_score
        return cross_validated(self.task, self.pool, self.plan.folds, self.plan.seed)

    @property
    def table(self) -> NDArray[np.float64]:
        """Values of all checks: (n_checks, n_rules)."""
        return np.array(self._values).reshape(len(self._values), len(self.plan.rules))

    @property
    def ended(self) -> bool:
        """Whether the binding rule stopped the run at the last check."""
        return self.plan.binding is not None and self.plan.ends(self.table)


def rule_values(plan: Plan, snapshot: Snapshot) -> list[float]:
    """Value of each rule.

    Raises
    ------
    ExecutionError
        If a rule fails.
    """
    values = []
    for name, rule in plan.rules.items():
        with named(f"stopping rule {name}"):
            values.append(rule.value(snapshot))
    return significant(values)


class _HeldOut(Prediction):
    """Predictions of rows by models that were fitted without them."""

    def __init__(self, parts: list[tuple[NDArray[np.int64], Prediction]]) -> None:
        last = parts[-1][1]
        self.model, self.classes = last.model, last.classes
        order = np.argsort(np.concatenate([rows for rows, _ in parts]))
        self.labels = np.concatenate([part.labels for _, part in parts])[order]
        self.probabilities = np.concatenate([part.probabilities for _, part in parts])[order]
        self.decision = None  # the models' scales may differ


def cross_validated(task: Task, pool: Pool, n_folds: int, seed: int) -> float:
    """Cross-validated score on the labelled rows, all held-out predictions scored at once.

    Its first scorer is used; the other parameters are those of ``predict_held_out``. NaN if a
    training fold has a single class.
    """
    prediction = predict_held_out(task, pool, n_folds, seed)
    if prediction is None:
        return float("nan")
    return task.score(next(iter(task.scorers)), pool.labels, prediction)


def predict_held_out(task: Task, pool: Pool, n_folds: int, seed: int) -> Prediction | None:
    """Predict each labelled row by a model that was fitted without it.

    Stratified k-fold cross-validation (Kohavi, "A study of cross-validation and bootstrap for
    accuracy estimation and model selection", 1995). Groups are kept together; each is dealt to a
    fold like a row of its most frequent class.

    Parameters
    ----------
    task : Task
    pool : Pool
    n_folds : int
        At most the number of labelled rows, or of their groups, is used.
    seed : int
        Rows of a class, and groups by their first row in the table, are dealt to the folds in a
        random order, which does not depend on the rows that are labelled.

    Returns
    -------
    Prediction or None
        In the order of ``pool.labels``; ``None`` if a training fold has a single class.
    """
    labels, features = pool.labels, pool.labelled_features
    order = rng.generator(seed, "folds").random(task.features.shape[0])
    fold = _deal(_unit(task)[pool.labelled_rows], labels, n_folds, order)
    n_folds = int(fold.max(initial=-1)) + 1
    parts = []
    for number in range(n_folds):
        rest, held_out = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        if len(np.unique(labels[rest])) < 2:  # a classifier needs two classes
            return None
        model = task.fit(take(features, rest), labels[rest])
        parts.append((held_out, Prediction(model, take(features, held_out), pool.classes)))
    return _HeldOut(parts) if parts else None


def _unit(task: Task) -> NDArray[np.int64]:
    """First row of each row's group; without groups the row itself: (n_rows,)."""
    if task.groups is None:
        return np.arange(task.features.shape[0])
    _, first, group = np.unique(task.groups, return_index=True, return_inverse=True)
    return np.asarray(first[group])


def _deal(
    units: NDArray[np.int64],
    labels: NDArray[np.int64],
    n_folds: int,
    order_of_rows: NDArray[np.float64],
) -> NDArray[np.int64]:
    """Fold of each labelled row: (n_labels,)."""
    distinct, unit = np.unique(units, return_inverse=True)
    counts = np.zeros((len(distinct), labels.max(initial=0) + 1), dtype=np.int64)
    np.add.at(counts, (unit, labels), 1)
    fold = np.empty(len(distinct), dtype=np.int64)
    order = np.lexsort((order_of_rows[distinct], counts.argmax(axis=1)))
    fold[order] = np.arange(len(distinct)) % n_folds
    return fold[unit]
