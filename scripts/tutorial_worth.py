"""Measure how much the tutorial's gain of three points proves: the numbers in docs/tutorial.md."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from active_learning.core import plugins
from active_learning.core.bases import Learner
from active_learning.data import splits
from active_learning.data.dataset import Dataset
from active_learning.models.task import Task
from active_learning.simulation.simulate import Run, Settings, simulate

BUDGET = 20
DRAWS = 1000
REPEATS = 200


class Solver(Learner):
    """Logistic regression with any solver and tolerance."""

    options: dict[str, Any]

    def build(self, seed: int) -> Any:  # noqa: ARG002 - no randomness
        """Unfitted classifier."""
        return LogisticRegression(max_iter=100_000, **self.options)


def tutorial_data() -> Dataset:
    """The data set of the default params."""
    table = plugins.load("datasets", "synthetic")().load(42)
    features = np.ascontiguousarray(table.drop(columns="target").to_numpy())
    return Dataset(features, table["target"].to_numpy(dtype=np.int64), ["0", "1"])


def task(data: Dataset, seed: int) -> Task:
    """The tutorial's task on the split with this seed."""
    parts = splits.split(
        data.labels, data.classes, test_size=0.1, initial_size=0.1, stratify=True, seed=seed
    )
    learner = plugins.load("learners", "logistic_regression")()
    scorers = {"accuracy": plugins.load("scorers", "accuracy")()}
    return Task.from_dataset(data, parts, learner, scorers, standardize=False, seed=seed)


def run(one_task: Task, strategy: str, seed: int = 42) -> Run:
    """Buy the tutorial's 20 labels one at a time."""
    oracle = plugins.load("oracles", "simulated")()
    settings = Settings(budget=BUDGET, batch_size=1, seed=seed, oracle_seed=seed)
    return simulate(one_task, plugins.load("strategies", strategy)(), oracle, settings)


def final_scores(runs: Iterator[Run]) -> NDArray[np.float64]:
    """Final accuracy of each run."""
    return np.array([one.scores[-1, 0] for one in runs])


def main() -> None:
    """Print every number of the page."""
    data = tutorial_data()
    tutorial = task(data, 42)
    print_draws(tutorial)
    print_solvers(tutorial)
    print_splits([task(data, seed) for seed in range(42, 42 + REPEATS)])


def print_draws(tutorial: Task) -> None:
    """The tutorial's run against random draws on the same split."""
    active = run(tutorial, "least_confidence")
    start, end = active.scores[[0, -1], 0]
    print(f"tutorial: {start:.4f} → {end:.4f} on {len(tutorial.parts['test'])} test rows")

    random = final_scores(run(tutorial, "random", seed) for seed in range(DRAWS))
    print(
        f"random rows on the same split, {DRAWS} draws: {random.mean():.4f} ± {random.std():.4f}, "
        f"{(random >= end).mean():.1%} of them reach at least {end:.2f}"
    )


def print_solvers(tutorial: Task) -> None:
    """The tutorial's run with other solvers and tolerances."""
    print("solvers on the same split: final accuracy, first rows queried")
    settings: dict[str, dict[str, Any]] = {
        "lbfgs, tol 1e-4 (default)": {},
        "lbfgs, tol 1e-6": {"tol": 1e-6},
        "lbfgs, tol 1e-10": {"tol": 1e-10},
        "newton-cholesky, tol 1e-10": {"solver": "newton-cholesky", "tol": 1e-10},
    }
    places = {row: place for place, row in enumerate(tutorial.parts["pool"].tolist())}
    for name, options in settings.items():
        other = run(replace(tutorial, learner=Solver(options=options)), "least_confidence")
        print(
            f"  {name}: {other.scores[-1, 0]:.2f}, rows {[places[row] for row in other.rows[:5]]}"
        )


def print_splits(tasks: Sequence[Task]) -> None:
    """The tutorial's run on other splits."""
    exact = Solver(options={"solver": "newton-cholesky", "tol": 1e-10})
    lbfgs = final_scores(run(one, "least_confidence") for one in tasks)
    newton = final_scores(run(replace(one, learner=exact), "least_confidence") for one in tasks)
    control = final_scores(run(one, "random", seed) for seed, one in enumerate(tasks, start=42))
    starts = np.array([one.scores(one.fit_rows("initial"))[0] for one in tasks])
    print(f"over {REPEATS} splits, mean ± standard error:")
    for name, values in {
        "start": starts,
        "lbfgs": lbfgs,
        "exact": newton,
        "random": control,
        "lbfgs minus random": lbfgs - control,
        "lbfgs minus exact": lbfgs - newton,
    }.items():
        print(f"  {name}: {values.mean():.4f} ± {values.std(ddof=1) / np.sqrt(REPEATS):.4f}")


if __name__ == "__main__":
    main()
