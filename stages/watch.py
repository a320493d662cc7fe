"""What a repeat tells while it runs, and what is done with it: the bar, the plot, the checkpoint.

Whoever runs the repeat tells; the stage's own process listens. So a repeat can run on another
machine, and all that is kept is written here.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from active_learning.loop.simulate import Run
from active_learning.training.progress import Progress
from stages import checkpoints
from stages.live import Live

SECONDS_BETWEEN_REPORTS = 0.5
SECONDS_BETWEEN_RUNS = 5.0


@dataclass(frozen=True)
class Report:
    """News of a repeat.

    Attributes
    ----------
    bought : int
        Labels bought until now.
    points : list of (int, float)
        Labels bought and headline score, of the steps since the last report.
    run : Run or None
        The run so far, now and then.
    """

    bought: int
    points: list[tuple[int, float]]
    run: Run | None


class Reporter:
    """Tell of the steps of a repeat, but not too often.

    Parameters
    ----------
    tell : callable
    """

    def __init__(self, tell: Callable[[Report], None]) -> None:
        self.tell = tell
        self._points: list[tuple[int, float]] = []
        self._told = self._run_told = time.monotonic()

    def step(self, bought: int, scores: list[float], run: Callable[[], Run]) -> None:
        """Note a step; see ``simulate``."""
        self._points.append((bought, scores[0]))
        now = time.monotonic()
        if now - self._told < SECONDS_BETWEEN_REPORTS:
            return
        due = now - self._run_told >= SECONDS_BETWEEN_RUNS
        self.tell(Report(bought, self._points, run() if due else None))
        self._points = []
        self._told = now
        if due:
            self._run_told = now


class Watch:
    """Show how far the repeats are, and keep what they have done.

    Parameters
    ----------
    progress : Progress
        Of the labels of all repeats.
    live : Live
    kept : list of Path
        Checkpoint of each repeat.
    taken_over : list of int
        Labels of each repeat that are bought already.
    initial : list of int
        Labelled rows at the start of each repeat.
    """

    def __init__(
        self,
        progress: Progress,
        live: Live,
        *,
        kept: list[Path],
        taken_over: list[int],
        initial: list[int],
    ) -> None:
        self.progress, self.live, self.kept, self.initial = progress, live, kept, initial
        self._bought = list(taken_over)
        self._finished: set[int] = set()
        self._lock = threading.Lock()

    def reported(self, begun: tuple[int, Run | None], report: Report) -> None:
        """Take note of a report; one that is overtaken by the end of its repeat is ignored.

        Parameters
        ----------
        begun : int and Run or None
            Repeat that the report is of, and where it began.
        report : Report
        """
        repeat, _ = begun
        with self._lock:
            if repeat in self._finished:
                return
            self._reach(repeat, report.bought)
            for bought, score in report.points:
                self.live.scored(repeat, self.initial[repeat] + bought, score)
            if report.run is not None:
                checkpoints.keep(self.kept[repeat], report.run)

    def finished(self, repeat: int, run: Run, curve: pd.DataFrame) -> None:
        """Take note of the end of a repeat, and keep it."""
        with self._lock:
            self._finished.add(repeat)
            self._reach(repeat, len(run.rows))
            self.live.finished(repeat, curve)
            checkpoints.keep(self.kept[repeat], run)

    def _reach(self, repeat: int, bought: int) -> None:
        self._bought[repeat] = max(bought, self._bought[repeat])
        self.progress.reach(sum(self._bought))
