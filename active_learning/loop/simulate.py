"""The loop: fit, score, select, ask."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from active_learning import rng
from active_learning.base.errors import PluginError
from active_learning.loop.pool import Pool, Query
from active_learning.training.task import Task, steady


class Strategy(Protocol):
    """Strategy plug-in."""

    def query(self, model: Any, pool: Pool, n: int, generator: np.random.Generator) -> Query:
        """Choose ``n`` open rows of the pool."""
        ...


class Oracle(Protocol):
    """Oracle plug-in."""

    def answers(
        self, truth: NDArray[np.int64], n_classes: int, generator: np.random.Generator
    ) -> NDArray[np.int64]:
        """What the oracle would say of every row of the pool."""
        ...


@dataclass(frozen=True)
class Settings:
    """How a run buys labels.

    Attributes
    ----------
    budget : int
        Labels to buy. The run ends before that when the pool is empty.
    batch_size : int
        Labels bought between two fits; the last batch may be smaller.
    seed : int
        For strategies that draw lots.
    oracle_seed : int
    """

    budget: int
    batch_size: int
    seed: int
    oracle_seed: int


@dataclass(frozen=True)
class Run:
    """One run of the loop, with ``n_steps`` batches and ``n_queries`` queries.

    Attributes
    ----------
    scores : ndarray of shape (n_steps + 1, n_scorers)
        After the initial fit and after every batch.
    bought : ndarray of shape (n_steps + 1,), int
        Labels paid for at that point, abstentions included.
    labelled : ndarray of shape (n_steps + 1,), int
        Rows in the labelled set, the initial set included.
    rows : ndarray of shape (n_queries,), int
        Rows of the pool, in the order of the queries.
    steps : ndarray of shape (n_queries,), int
        Batch of each query, from 1.
    informativeness : ndarray of shape (n_queries,), float
    answers : ndarray of shape (n_queries,), int
        Class index, or ``ABSTAINED``.
    unconverged : int
        Fits that stopped before they converged.
    """

    scores: NDArray[np.float64]
    bought: NDArray[np.int64]
    labelled: NDArray[np.int64]
    rows: NDArray[np.int64]
    steps: NDArray[np.int64]
    informativeness: NDArray[np.float64]
    answers: NDArray[np.int64]
    unconverged: int


def simulate(
    task: Task,
    strategy: Strategy,
    oracle: Oracle,
    settings: Settings,
    on_bought: Callable[[int], None] = lambda _: None,
) -> Run:
    """Run the loop until the budget is spent or the pool is empty.

    Parameters
    ----------
    task : Task
    strategy : Strategy
    oracle : Oracle
    settings : Settings
    on_bought : callable
        Told of every batch: how many labels it bought.
    """
    name = type(strategy).__name__
    pool = Pool(task.pool, task.initial, task.initial_labels, task.n_classes, settings.budget)
    answers = oracle.answers(
        task.pool_labels, task.n_classes, rng.generator(settings.oracle_seed, "oracle")
    )
    end = min(settings.budget, len(task.pool))
    scores: list[list[float]] = []
    bought: list[int] = [0]
    labelled: list[int] = [pool.n_labelled]
    queries: list[Query] = []
    with steady() as unconverged:
        while True:
            model = task.fit(pool.labelled_features, pool.labels)
            scores.append(task.scores(model))
            n = min(settings.batch_size, end - bought[-1])
            if n == 0:
                break
            lots = rng.generator(settings.seed, name, len(queries))
            query = _checked(strategy.query(model, pool, n, lots), pool, n, name)
            pool.close(query.rows, answers[query.rows])
            queries.append(query)
            bought.append(bought[-1] + n)
            labelled.append(pool.n_labelled)
            on_bought(n)
    rows = np.concatenate([np.empty(0, np.int64), *(query.rows for query in queries)])
    return Run(
        scores=np.array(scores),
        bought=np.array(bought),
        labelled=np.array(labelled),
        rows=rows,
        steps=np.repeat(np.arange(1, len(bought)), np.diff(bought)),
        informativeness=np.concatenate([np.empty(0), *(q.informativeness for q in queries)]),
        answers=answers[rows],
        unconverged=len(unconverged),
    )


def _checked(query: Query, pool: Pool, n: int, name: str) -> Query:
    """Refuse a query that a faulty plug-in made: the budget would be spent wrongly."""
    rows = query.rows
    if len(rows) != n or len(set(rows.tolist())) != n or not pool.open[rows].all():
        raise PluginError(
            f"strategy {name} must query {n} different open rows; got {rows.tolist()}."
        )
    return query
