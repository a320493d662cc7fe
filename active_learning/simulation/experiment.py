"""Run every strategy on every repeat, reusing what the store has."""

import traceback
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from functools import partial
from itertools import chain, product
from typing import Any

import numpy as np
from joblib import cpu_count

from active_learning.core.bases import Oracle, Strategy
from active_learning.core.errors import ExecutionError, UserError, reason
from active_learning.models.task import Task
from active_learning.models.tasks import Tasks
from active_learning.simulation import software
from active_learning.simulation.monitor import Plan
from active_learning.simulation.parallel import Backend, imap
from active_learning.simulation.progress import Progress, track
from active_learning.simulation.simulate import Run, Settings, shorten, simulate
from active_learning.simulation.store import Arrays, Store, every_few_seconds


@dataclass(frozen=True)
class Failure:
    """Why a strategy has no run of a repeat.

    Attributes
    ----------
    error : UserError
    traceback : str
        Empty for an error in the user's input.
    """

    error: UserError
    traceback: str = ""

    @classmethod
    def from_error(cls, error: Exception | SystemExit) -> "Failure":
        """Failure because of any error, which is being handled."""
        if isinstance(error, ExecutionError):
            return cls(error, traceback.format_exc())
        if isinstance(error, UserError):
            return cls(error)
        return cls(ExecutionError(reason(error)), traceback.format_exc())


# A repeat, and the strategies to run on it, each with an earlier run to resume and its store key.
Job = tuple[int, Mapping[str, tuple[Run | None, dict[str, Any]]]]
Outcome = tuple[str, int, Run | Failure]


@dataclass(frozen=True)
class Experiment:
    """Strategies on the repeats of a task.

    Attributes
    ----------
    tasks : Tasks
    strategies : dict of str to Strategy
    oracle : Oracle
    settings : Settings
    plan : Plan
        Like ``settings``, for the first repeat; the seeds of repeat r are larger by r.
    store : Store or None
        ``None``: compute every run and store nothing.
    """

    tasks: Tasks
    strategies: Mapping[str, Strategy]
    oracle: Oracle
    settings: Settings
    plan: Plan
    store: Store | None = None

    def settings_of(self, repeat: int) -> Settings:
        """Settings of a repeat."""
        seed, oracle_seed = self.settings.seed + repeat, self.settings.oracle_seed + repeat
        return replace(self.settings, seed=seed, oracle_seed=oracle_seed)

    def plan_of(self, repeat: int) -> Plan:
        """Plan of a repeat."""
        return replace(self.plan, seed=self.plan.seed + repeat)

    def runs(self, backend: Backend, progress: Progress = track) -> dict[str, list[Run] | Failure]:
        """Take finished runs from the store, compute the others, and store them.

        Parameters
        ----------
        backend : Backend
        progress : callable, optional
            Displays the progress, see ``progress.track``.

        Returns
        -------
        dict of str to list of Run or Failure
            For each strategy, its runs in the order of the repeats, or the first failure.

        Raises
        ------
        UserError
            If the task of a repeat cannot be created, or the backend fails.
        """
        outcomes: dict[tuple[str, int], Run | Failure] = {}
        unfinished: dict[int, dict[str, tuple[Run | None, dict[str, Any]]]] = {}
        for name, repeat in product(self.strategies, range(len(self.tasks))):
            key = self.key(name, repeat) if self.store else {}
            arrays = self.store.read(key) if self.store else None
            run = None if arrays is None else self._restore(arrays, repeat)
            if run is not None and (finished := self._finished(run, repeat)):
                outcomes[name, repeat] = finished
            else:
                unfinished.setdefault(repeat, {})[name] = run, key
        n_runs = len(self.strategies) * len(self.tasks)
        on_cluster = backend.name == "dask"  # workers may have no access to the store
        store = self.store if unfinished else None
        keep = store is not None and store.is_writable() and not on_cluster
        groups = imap(partial(self._run_job, keep=keep), _jobs(unfinished), backend)
        new = progress(
            chain.from_iterable(groups), "simulate", n_runs, "runs", initial=len(outcomes)
        )
        for name, repeat, outcome in new:
            outcomes[name, repeat] = outcome
            if store and on_cluster and isinstance(outcome, Run):
                self._save(store, self.key(name, repeat), repeat, outcome)
        if self.store:
            self.store.prune()
        return {
            name: _collect([outcomes[name, repeat] for repeat in range(len(self.tasks))])
            for name in self.strategies
        }

    def _limits(self, repeat: int) -> tuple[Settings, Plan, int]:
        return self.settings_of(repeat), self.plan_of(repeat), self.tasks.pool_sizes[repeat]

    def _finished(self, run: Run, repeat: int) -> Run | None:
        """The run with these settings, if an earlier run is at least as long."""
        settings, plan, n_pool = self._limits(repeat)
        prefix = shorten(run, settings, plan, n_pool)
        at_end = len(prefix.rows) == min(settings.budget, n_pool) or plan.ends(prefix.checks)
        return prefix if at_end else None

    def key(self, name: str, repeat: int) -> dict[str, Any]:
        """Everything that a run depends on, except its length."""
        settings, plan, strategy = *self._limits(repeat)[:2], self.strategies[name]
        plugins = [strategy, self.oracle, *plan.rules.values()]
        modules = chain.from_iterable(plugin.modules() for plugin in plugins)
        return {
            "task": self.tasks.describe(repeat),
            "strategy": strategy.describe(),
            "seed": settings.seed if strategy.STOCHASTIC else None,
            "batch size": settings.batch_size,
            "oracle": self.oracle.describe(),
            "oracle seed": settings.oracle_seed if self.oracle.STOCHASTIC else None,
            "stopping": plan.describe(),
            "software": software.fingerprint(
                {simulate.__module__, *self.tasks.modules(), *modules}
            ),
        }

    def _restore(self, arrays: Arrays, repeat: int) -> Run | None:
        """The run stored in these arrays; ``None`` if it cannot be one of this repeat."""
        if arrays.keys() != {field.name for field in fields(Run)}:
            return None
        run, pool = Run(**arrays), self.tasks.parts[repeat]["pool"]
        n_scorers, n_classes = len(self.tasks.scorers), len(self.tasks.data.classes)
        checks = self.plan.steps(self.settings.batch_size), len(self.plan.rules)
        return run if run.fits(pool, n_scorers, n_classes, *checks) else None

    def _save(self, store: Store, key: Mapping[str, Any], repeat: int, run: Run) -> None:
        """Store a run, finished or not, unless the stored one is as long."""

        def is_longer(arrays: Arrays) -> bool:
            stored = self._restore(arrays, repeat)
            return stored is None or len(run.rows) > len(stored.rows)

        store.save(key, asdict(run), is_longer)

    def _run_job(self, job: Job, *, keep: bool) -> list[Outcome]:
        """Run strategies on a repeat, fitting the preprocessing once."""
        repeat, unfinished = job
        task = self.tasks[repeat]
        return [
            (name, repeat, self._run(name, repeat, task, resumed, key if keep else None))
            for name, (resumed, key) in unfinished.items()
        ]

    def _run(
        self,
        name: str,
        repeat: int,
        task: Task,
        resumed: Run | None,
        key: Mapping[str, Any] | None,
    ) -> Run | Failure:
        """Run or resume a strategy; with a key, store it every few seconds and at the end."""
        if key is not None and key != self.key(name, repeat):
            key = None  # the code changed before this process was started

        def save(run: Run) -> None:
            if self.store and key is not None:
                self._save(self.store, key, repeat, run)

        try:
            run = simulate(
                task,
                self.strategies[name],
                self.oracle,
                self.settings_of(repeat),
                on_step=every_few_seconds(save),
                resumed=resumed,
                stopping=self.plan_of(repeat),
            )
        except (Exception, SystemExit) as error:
            return Failure.from_error(error)
        save(run)
        return run


def _collect(outcomes: list[Run | Failure]) -> list[Run] | Failure:
    """The runs of a strategy, or its first failure."""
    failures = [outcome for outcome in outcomes if isinstance(outcome, Failure)]
    return failures[0] if failures else [run for run in outcomes if isinstance(run, Run)]


def _jobs(unfinished: Mapping[int, Mapping[str, Any]]) -> list[Job]:
    """One job per repeat, or one per run if there are fewer repeats than processors."""
    if len(unfinished) >= cpu_count():
        return list(unfinished.items())
    return [
        (repeat, {name: job}) for repeat, runs in unfinished.items() for name, job in runs.items()
    ]


def ceilings(
    tasks: Tasks, store: Store | None, backend: Backend, progress: Progress = track
) -> list[list[float]]:
    """Scores of a model with all labels of initial set and pool, for each repeat and scorer.

    Stored ones are not computed again.
    """
    n_scorers = len(tasks.scorers)
    if store is None:
        results = imap(tasks.ceiling, range(len(tasks)), backend)
        return list(progress(results, "ceilings", len(tasks), "repeats", initial=0))
    keys = [_ceiling_key(tasks, repeat) for repeat in range(len(tasks))]
    stored = [_restore_ceiling(store.read(key) or {}, n_scorers) for key in keys]
    missing = [repeat for repeat, scores in enumerate(stored) if scores is None]
    keyed = imap(partial(_ceiling, tasks), missing, backend)
    new = progress(keyed, "ceilings", len(keys), "repeats", initial=len(keys) - len(missing))
    for repeat, (scores, key) in zip(missing, new, strict=True):
        if key == keys[repeat]:
            store.save(
                key,
                {"scores": np.array(scores)},
                lambda arrays: _restore_ceiling(arrays, n_scorers) is None,
            )
        stored[repeat] = scores
    return [scores for scores in stored if scores is not None]


def _ceiling_key(tasks: Tasks, repeat: int) -> dict[str, Any]:
    return {"ceiling of": tasks.describe(repeat), "software": software.fingerprint(tasks.modules())}


def _ceiling(tasks: Tasks, repeat: int) -> tuple[list[float], dict[str, Any]]:
    """Ceiling of a repeat, with its key in the process that computed it."""
    key = _ceiling_key(tasks, repeat)
    return tasks.ceiling(repeat), key


def _restore_ceiling(arrays: Arrays, n_scorers: int) -> list[float] | None:
    scores = arrays.get("scores", np.empty(0))
    valid = scores.dtype == np.float64 and scores.shape == (n_scorers,)
    return scores.tolist() if valid else None
