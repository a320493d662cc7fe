"""One strategy on every repeat: what an earlier process did is not computed again."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from active_learning.core.bases import Oracle, Strategy
from active_learning.models.task import Task
from active_learning.simulation import store
from active_learning.simulation.monitor import Plan
from active_learning.simulation.parallel import Backend, imap
from active_learning.simulation.progress import track
from active_learning.simulation.simulate import Run, Settings, n_resumed, simulate


@dataclass(frozen=True)
class Experiment:
    """One strategy on every repeat.

    Attributes
    ----------
    task : callable
        Task of a repeat, by its number.
    strategy : Strategy
    oracle : Oracle
    settings, plans : sequence of Settings and of Plan
        Of each repeat.
    """

    task: Callable[[int], Task]
    strategy: Strategy
    oracle: Oracle
    settings: Sequence[Settings]
    plans: Sequence[Plan]

    def runs(
        self, paths: Sequence[Path], pools: Sequence[int], backend: Backend, title: str
    ) -> Iterator[Run]:
        """Run each repeat that is not finished; yield the runs in order.

        Parameters
        ----------
        paths : sequence of Path
            Where each repeat is kept.
        pools : sequence of int
            Size of the pool of each repeat.
        backend : Backend
        title : str
            Of the progress bar.
        """
        kept = [store.read(path) for path in paths]
        unfinished = [
            repeat
            for repeat, (run, settings) in enumerate(zip(kept, self.settings, strict=True))
            if run is None or n_resumed(run, settings, pools[repeat]) < settings.budget
        ]
        on_cluster = backend.name == "dask"  # its workers may not see these files
        jobs = [
            (repeat, kept[repeat], None if on_cluster else paths[repeat].absolute())
            for repeat in unfinished
        ]
        results = imap(self._run, jobs, backend)
        done = len(kept) - len(unfinished)
        new_runs = track(results, title, len(kept), "repeats", initial=done)
        for repeat, path in enumerate(paths):
            is_new = repeat in unfinished
            run = next(new_runs) if is_new else self._run((repeat, kept[repeat], None))
            if on_cluster:
                store.save(path, run)
            yield run

    def _run(self, job: tuple[int, Run | None, Path | None]) -> Run:
        """Run a repeat or continue it; save it on the way and at its end, if a file is given."""
        repeat, resumed, path = job
        run = simulate(
            self.task(repeat),
            self.strategy,
            self.oracle,
            self.settings[repeat],
            on_step=store.periodic_saver(path) if path else lambda _: None,
            resumed=resumed,
            stopping=self.plans[repeat],
        )
        if path:
            store.save(path, run)
        return run
