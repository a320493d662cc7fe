"""Coverage of the interval of the accuracy, in simulated labelling projects.

For each data set and seed, a table is labelled in rounds as the pipeline asks for it. After each
round the interval from the hold-out is compared with the accuracy on fresh rows of the same kind,
which are not in the table. Prints the share of intervals that hold it, by number of hold-out rows
labelled so far. Runs for some minutes: ``python -m scripts.rounds_coverage``.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from active_learning.core import plugins
from active_learning.core.prediction import Prediction
from active_learning.data.preprocessing import Preprocess
from active_learning.models.task import deterministic_numerics
from active_learning.rounds.classes import Classes
from active_learning.rounds.evaluation import measure
from active_learning.rounds.events import Event, event_id
from active_learning.rounds.labelling import Labelling
from active_learning.rounds.planning import Chooser, plan_round
from active_learning.rounds.queries import Query
from active_learning.rounds.requests import Batch
from active_learning.rounds.table import LabelTable
from active_learning.rounds.trainer import Trainer
from stages import command

BATCH = 30
ROUNDS = 10
SIZES = (30, 50, 80)  # rows of the hold-out; 10 are labelled in each round


def data_sets(seed: int) -> Iterator[tuple[str, NDArray[Any], NDArray[Any], int]]:
    """Name, features, labels, and how many of the shuffled rows are the table."""
    from sklearn.datasets import load_digits, make_classification, make_moons

    generator = np.random.default_rng(seed)
    sources: dict[str, tuple[Any, int]] = {
        "digits": (load_digits(return_X_y=True), 1200),
        "imbalanced": (
            make_classification(
                12_000, 10, n_informative=5, n_classes=3, weights=(0.8, 0.15), random_state=0
            ),
            2000,
        ),
        "synthetic": (
            make_classification(12_000, 10, n_informative=5, flip_y=0.1, random_state=0), 2000,
        ),
        "moons": (make_moons(12_000, noise=0.4, random_state=0), 2000),
    }  # fmt: skip
    for name, ((X, y), n_rows) in sources.items():
        order = generator.permutation(len(y))
        yield name, X[order], y[order], n_rows


def run(X: NDArray[Any], y: NDArray[Any], n_rows: int, seed: int, share: float) -> dict[int, bool]:
    """Label a table; for each number of hold-out rows, whether the interval holds the truth."""
    classes = Classes.from_params([str(name) for name in np.unique(y)])
    table = _label_table(_frame(X[:n_rows]))
    margin, start = (plugins.make("strategies", name) for name in ("margin", "typiclust"))
    chooser = Chooser("margin", margin, start, seed)
    events: list[Event] = []
    held: dict[int, bool] = {}
    for _ in range(ROUNDS):
        labelling = Labelling.of(table, classes, events, share=share, seed=seed)
        learner = plugins.make("learners", "logistic_regression")
        trainer = Trainer(labelling, learner, seed, standardize=True, preprocess=Preprocess())
        fitted = trainer.fit(labelling.training)
        if fitted:
            accuracy = measure(labelling, fitted, 0.95)
            model = trainer.fit_for_use(labelling.training)
            predicted = _predict(model, _frame(X[n_rows:]), trainer.names)
            truth = np.mean(predicted == y[n_rows:].astype(str))
            if accuracy.low is not None and accuracy.high is not None:
                held[accuracy.n] = bool(accuracy.low <= truth <= accuracy.high)
        queries = plan_round(
            labelling,
            trainer,
            fitted,
            chooser,
            Batch(BATCH, 1 / 3, 0.0, 0),
            holdout_size=100,
            skip_rounds=3,
            annotators=[],
            seed=seed,
        )
        for query in queries.rows:
            label = str(y[table.positions[query.row]])
            events.append(_event(query, label, table.digest(query.row), classes, queries.round))
    return held


def _frame(X: NDArray[Any]) -> pd.DataFrame:
    return pd.DataFrame(X).rename(columns="x{}".format)


def _label_table(frame: pd.DataFrame) -> LabelTable:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.parquet"
        frame.assign(id=[f"r{row}" for row in range(len(frame))]).to_parquet(path)
        return LabelTable.read(str(path), id="id")


def _predict(model: Any, rows: pd.DataFrame, names: NDArray[Any]) -> NDArray[Any]:
    with deterministic_numerics():
        return np.asarray(names[Prediction(model, rows, names).labels])


def _event(query: Query, label: str, seen: str, classes: Classes, at: int) -> Event:
    return Event(
        id=event_id(query.row, str(at)),
        time="2026-01-01T00:00:00.000Z",
        by="script",
        row=query.row,
        seen=seen,
        decision="label",
        label=label,
        why=query.why,
        round=at,
        classes=classes.digest,
        seconds=0.0,
        source="machine",
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser(prog="python -m scripts.rounds_coverage", description=__doc__)
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--only", metavar="NAME", help="only this data set")
    options = parser.parse_args(arguments)
    held: dict[tuple[str, int], list[bool]] = {}
    for seed in range(options.seeds):
        for name, X, y, n_rows in data_sets(seed):
            if options.only not in {None, name}:
                continue
            for n, holds in run(X, y, n_rows, seed, share=0.25).items():
                held.setdefault((name, n), []).append(holds)
    for (name, n), values in sorted(held.items()):
        if n in SIZES:
            print(f"{name:15} {n:4d} rows: {np.mean(values):.3f} of {len(values)} hold the truth")


if __name__ == "__main__":
    command.run(lambda: main(sys.argv[1:]))
