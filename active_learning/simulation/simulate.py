"""The loop: fit, score, select, ask."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from active_learning.core import rng
from active_learning.core.bases import Oracle, Strategy
from active_learning.core.errors import PluginError, named, shown
from active_learning.core.pool import ABSTAINED, Pool, Query
from active_learning.models.task import Task, deterministic_numerics, significant
from active_learning.simulation.monitor import NO_RULES, Plan, StopMonitor


@dataclass(frozen=True)
class Settings:
    """Budget, batch size, seeds and costs of a run.

    Attributes
    ----------
    budget : int
        Labels to buy; fewer if the pool runs out.
    batch_size : int
        Labels bought between two fits; the last batch may be smaller.
    seed : int
        Seed of the strategy.
    oracle_seed : int
    costs : ndarray of shape (n_rows,), optional
        Cost of the label of each row of the table, above 0.
    cost_budget : float, optional
        Maximum total cost: the run ends before a batch that would exceed it.
    """

    budget: int
    batch_size: int
    seed: int
    oracle_seed: int
    costs: NDArray[np.float64] | None = None
    cost_budget: float = math.inf

    def price(self, rows: NDArray[np.int64]) -> float:
        """Total cost of these rows; 0 without costs."""
        return 0.0 if self.costs is None else float(self.costs[rows].sum())

    def affords(self, paid: float) -> bool:
        """Whether this total cost is within the budget, up to rounding."""
        return paid <= self.cost_budget * (1 + 1e-12)


@dataclass(frozen=True)
class Run:
    """One run of the loop: ``n_queries`` queries in ``n_steps`` batches.

    Attributes
    ----------
    scores : ndarray of shape (n_steps + 1, n_scorers)
        After the initial fit and after every batch.
    converged : ndarray of shape (n_steps + 1,), bool
        Whether each of these fits converged.
    rows : ndarray of shape (n_queries,), int
        Rows of the table, in the order of the queries.
    steps : ndarray of shape (n_queries,), int
        Batch of each query, from 1.
    informativeness : ndarray of shape (n_queries,), float
    answers : ndarray of shape (n_queries,), int
        Class index, or ``ABSTAINED``.
    checks : ndarray of shape (n_checks, n_rules)
        Values of the stopping rules; (0, 0) without rules.
    """

    scores: NDArray[np.float64]
    converged: NDArray[np.bool_]
    rows: NDArray[np.int64]
    steps: NDArray[np.int64]
    informativeness: NDArray[np.float64]
    answers: NDArray[np.int64]
    checks: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0)))

    @property
    def bought(self) -> NDArray[np.int64]:
        """Labels paid for after every step, abstentions included: (n_steps + 1,)."""
        return np.bincount(self.steps, minlength=len(self.scores)).cumsum()

    @property
    def answered(self) -> NDArray[np.int64]:
        """Labels received after every step: (n_steps + 1,)."""
        given = self.steps[self.answers != ABSTAINED]
        return np.bincount(given, minlength=len(self.scores)).cumsum()

    def paid(self, costs: NDArray[np.float64]) -> NDArray[np.float64]:
        """Total cost after every step, given the cost of each row: (n_steps + 1,)."""
        return np.bincount(self.steps, costs[self.rows], minlength=len(self.scores)).cumsum()

    def fits(
        self,
        pool: NDArray[np.int64],
        n_scorers: int,
        n_classes: int,
        steps_between_checks: int,
        n_rules: int,
    ) -> bool:
        """Whether shapes, rows, steps and answers are those of a run on this pool."""
        n, n_steps = self.rows.size, self.scores.size // n_scorers - 1
        n_checks = n_steps // steps_between_checks + 1 if n_rules else 0
        shapes = [
            (self.scores, "f", (n_steps + 1, n_scorers)),
            (self.converged, "b", (n_steps + 1,)),
            (self.rows, "i", (n,)),
            (self.steps, "i", (n,)),
            (self.informativeness, "f", (n,)),
            (self.answers, "i", (n,)),
            (self.checks, "f", (n_checks, n_rules)),
        ]
        return (
            n_steps >= 0
            and all(
                (array.dtype.kind, array.shape) == (kind, shape) for array, kind, shape in shapes
            )
            and len(np.intersect1d(self.rows, pool)) == n
            and np.array_equal(np.unique(self.steps), np.arange(1, n_steps + 1))
            and bool((np.diff(self.steps) >= 0).all())
            and bool(((self.answers >= ABSTAINED) & (self.answers < n_classes)).all())
        )

    def queries(self) -> list[Query]:
        """The query of each batch."""
        return [
            Query(self.rows[self.steps == step], self.informativeness[self.steps == step])
            for step in range(1, len(self.scores))
        ]


_NO_ROWS = np.empty(0, dtype=np.int64)
_NO_RUN = Run(np.empty((0, 0)), np.empty(0, dtype=bool), _NO_ROWS, _NO_ROWS, np.empty(0), _NO_ROWS)


def simulate(
    task: Task,
    strategy: Strategy,
    oracle: Oracle,
    settings: Settings,
    *,
    on_step: Callable[[Callable[[], Run]], None] = lambda _: None,
    resumed: Run | None = None,
    stopping: Plan = NO_RULES,
) -> Run:
    """Run the loop until the budget is spent, the pool is empty, or the binding rule stops it.

    Parameters
    ----------
    task : Task
    strategy : Strategy
    oracle : Oracle
    settings : Settings
    on_step : callable
        Called after every new step with a function that returns the run so far.
    resumed : Run, optional
        An earlier run that differs at most in its budget. Its steps are not computed again; the
        result is the same as without it.
    stopping : Plan
        Stopping rules, none by default; the same as for ``resumed``.
    """
    name = type(strategy).__name__
    # Without the seed, which is not in the store key of a deterministic strategy.
    seed = settings.seed if strategy.STOCHASTIC else 0
    pool = _pool(task, settings.budget, seed)
    answer = oracle.start(
        task.features.shape[0], len(task.classes), rng.generator(settings.oracle_seed, "oracle")
    )
    end = min(settings.budget, pool.n_open)
    earlier = shorten(resumed or _NO_RUN, settings, stopping, pool.n_open)
    monitor = StopMonitor(stopping, task, pool, settings.batch_size, earlier.checks.tolist())
    if resumed and (monitor.ended or len(earlier.rows) == end):
        return earlier
    replayed, scores, converged = earlier.queries(), earlier.scores.tolist(), [*earlier.converged]
    queries: list[Query] = []
    answers: list[NDArray[np.int64]] = []

    def run_so_far() -> Run:
        return _run(queries, answers, scores, converged, monitor)

    paid, model, generator = 0.0, None, rng.generator(seed, name)
    with deterministic_numerics(trusted=task.trusted) as failures:
        while True:
            step, n = len(queries), min(settings.batch_size, end - pool.n_closed)
            if fits := step >= len(replayed) or task.warm_start or monitor.needs_model(step):
                n_failures = len(failures)
                model = task.fit(pool.labelled_features, pool.labels, model)
            new = step == len(scores)
            if new:
                scores.append(significant(task.scores(model)))
                converged.append(len(failures) == n_failures)
            if fits:
                monitor.check(step, model, scores[step][0])
            if new:
                on_step(run_so_far)
            if n == 0 or monitor.ended:
                return run_so_far()
            if step < len(replayed):
                query = replayed[step]
            else:
                if strategy.STOCHASTIC:
                    generator = rng.generator(settings.seed, name, step)
                query = ask(strategy, model, pool, n, generator, name=name)
            paid += settings.price(query.rows)
            if not settings.affords(paid):
                return run_so_far()
            queries.append(query)
            answers.append(answer(query.rows, task.labels[query.rows]))
            pool.close(query.rows, answers[-1])


def shorten(run: Run, settings: Settings, plan: Plan, n_pool: int) -> Run:
    """Longest prefix of an earlier run that a run with these settings shares."""
    end = min(settings.budget, n_pool)
    steps, bought, paid = 0, 0, 0.0
    for query in run.queries():
        paid += settings.price(query.rows)
        # Beyond the budget, or a last batch that the other budget cut short.
        if not settings.affords(paid) or len(query.rows) != min(settings.batch_size, end - bought):
            break
        steps, bought = steps + 1, bought + len(query.rows)
    return Run(
        scores=run.scores[: steps + 1],
        converged=run.converged[: steps + 1],
        rows=run.rows[:bought],
        steps=run.steps[:bought],
        informativeness=run.informativeness[:bought],
        answers=run.answers[:bought],
        checks=run.checks[: steps // plan.steps(settings.batch_size) + 1],
    )


def _pool(task: Task, budget: int, seed: int) -> Pool:
    return Pool(
        task.features,
        task.parts["pool"],
        initial=task.parts["initial"],
        initial_labels=task.labels[task.parts["initial"]],
        classes=task.classes,
        budget=budget,
        seed=seed,
        split_order=task.split_order,
    )


def _run(
    queries: list[Query],
    answers: list[NDArray[np.int64]],
    scores: list[list[float]],
    converged: list[bool],
    monitor: StopMonitor,
) -> Run:
    return Run(
        scores=np.array(scores),
        converged=np.array(converged),
        rows=np.concatenate([_NO_ROWS, *(query.rows for query in queries)]),
        steps=np.repeat(np.arange(1, len(scores)), [len(query.rows) for query in queries]),
        informativeness=np.concatenate([np.empty(0), *(q.informativeness for q in queries)]),
        answers=np.concatenate([_NO_ROWS, *answers]),
        checks=monitor.table,
    )


def ask(
    strategy: Strategy, model: Any, pool: Pool, n: int, generator: np.random.Generator, *, name: str
) -> Query:
    """Validated query of a strategy.

    Raises
    ------
    ExecutionError
        If the strategy fails; the message contains ``name``.
    PluginError
        If it does not consist of ``n`` distinct open rows.
    """
    with named(f"strategy {name}"):
        query = strategy.query(model, pool, n, generator)
    return validate_query(query, pool, n, name)


def validate_query(query: Query, pool: Pool, n: int, name: str) -> Query:
    """Validate a query of a strategy, and round its informativeness.

    Raises
    ------
    PluginError
        If it does not consist of ``n`` distinct open rows.
    """
    if not isinstance(query, Query):
        raise PluginError(f"strategy {name} must return a Query; got {shown(query)}.")
    rows = np.asarray(query.rows).tolist()
    inside = len(rows) == n and all(
        isinstance(row, int) and 0 <= row < len(pool.open) and pool.open[row] for row in rows
    )
    if not inside or len(set(rows)) < n:
        raise PluginError(f"strategy {name} must query {n} distinct open rows; got {shown(rows)}.")
    if np.shape(query.informativeness) != (n,):
        raise PluginError(
            f"strategy {name} must return one informativeness for each of {n} rows; got "
            f"{shown(query.informativeness)}."
        )
    return Query(np.asarray(query.rows), np.array(significant(query.informativeness)))
