"""A small table in two clear clusters, and labels of it."""

import itertools

import numpy as np
import pandas as pd

from active_learning.core import plugins
from active_learning.data.preprocessing import Preprocess
from active_learning.rounds.classes import Classes
from active_learning.rounds.events import Event, Guess
from active_learning.rounds.labelling import Labelling
from active_learning.rounds.planning import Chooser, plan_round
from active_learning.rounds.requests import Batch
from active_learning.rounds.table import LabelTable
from active_learning.rounds.trainer import Trainer

CLASSES = Classes.from_params(["ham", "spam"])


def frame(n=200, seed=0):
    """Table whose class is the sign of x, but for one row in twenty."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    truth = np.where((x > 0) ^ (rng.random(n) < 0.05), "spam", "ham")
    table = {"id": [f"r{number:03d}" for number in range(n)], "x": x, "z": rng.normal(size=n)}
    return pd.DataFrame(table), dict(zip(table["id"], truth.tolist(), strict=True))


def write(folder, table, **options):
    """Write a table and read it as rounds do."""
    path = folder / "table.csv"
    table.to_csv(path, index=False)
    return LabelTable.read(str(path), **{"id": "id"} | options)


class Log:
    """Events that are given one after the other."""

    def __init__(self, table, classes=CLASSES):
        self.table, self.classes, self.events = table, classes, []
        self._numbers = itertools.count()

    def give(self, row, label=None, by="a1", decision="label", at=1, **changes):
        number = next(self._numbers)
        values = {
            "id": f"{number:08x}-0000-4000-8000-000000000000",
            "time": f"2026-01-01T10:{number // 60:02d}:{number % 60:02d}.000Z",
            "by": by,
            "row": row,
            "seen": self.table.digest(row) if row in self.table.positions else "0" * 16,
            "decision": decision,
            "label": label,
            "why": "query",
            "round": at,
            "classes": self.classes.digest,
            "seconds": 1.0,
            "source": "page",
        }
        self.events.append(Event(**values | changes))
        return self.events[-1]

    def labelling(self, share=0.2, classes=None, table=None):
        return Labelling.of(
            table or self.table, classes or self.classes, self.events, share=share, seed=1
        )


def trainer(labelling, learner="logistic_regression", **preprocess):
    return Trainer(
        labelling,
        plugins.make("learners", learner),
        0,
        standardize=False,
        preprocess=Preprocess(**preprocess),
    )


def chooser(name="margin"):
    start = plugins.make("strategies", "typiclust")
    return Chooser(name, plugins.make("strategies", name), start, 0)


def plan(labelling, size=20, annotators=(), **options):
    """Queries of the next round, with a model if there can be one."""
    fits = trainer(labelling)
    return plan_round(
        labelling,
        fits,
        fits.fit(labelling.training),
        chooser(),
        Batch(size, **{"holdout_share": 0.34, "review_share": 0.1, "twice": 4} | options),
        holdout_size=30,
        skip_rounds=3,
        annotators=annotators,
        seed=0,
    )


def answer(log, queries, truth, by="a1"):
    """Label every row of a round truly."""
    for query in queries.rows:
        log.give(
            query.row,
            truth[query.row],
            query.annotator or by,
            at=queries.round,
            why=query.why,
            guess=query.guess and Guess(**query.guess.model_dump()),
        )
