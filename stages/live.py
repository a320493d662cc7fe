"""Learning curves so far, for ``dvc plots show live`` while a long loop runs.

A folder with a table, and a ``dvc.yaml`` that names it as a plot, as DVCLive makes one. It is there
while the loop runs and gone afterwards: DVC reports a plot without its file as an error at every
revision that lacks it, so the plot has to come and go with the file. No stage reads it, and no
result depends on it.
"""

import shutil
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import pandas as pd

from active_learning.base import files

FOLDER = Path("live")
SECONDS_BETWEEN_WRITES = 2.0

PLOTS = """\
# Written while a query loop runs; removed when it ends.
plots:
- live:
    template: learning_curve
    title: Learning curves so far
    x: labels
    x_label: labels
    y:
      curves.csv: score
    y_label: score
"""


class Live:
    """Write the curves so far, every few seconds; a loop that is shorter writes nothing.

    Parameters
    ----------
    name : str
        What to call the curves.
    headline : str
        Scorer whose curve is shown.
    n_repeats : int
        Repeats in all.
    """

    def __init__(self, name: str, headline: str, n_repeats: int) -> None:
        self.name, self.headline, self.n_repeats = name, headline, n_repeats
        self._finished: list[pd.DataFrame] = []
        self._running: dict[int, list[tuple[int, float]]] = {}
        self._due = time.monotonic() + SECONDS_BETWEEN_WRITES

    def __enter__(self) -> Self:
        """Remove what a run that was killed left behind."""
        shutil.rmtree(FOLDER, ignore_errors=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove the plot and then its table, so that DVC finds no plot without a table."""
        (FOLDER / "dvc.yaml").unlink(missing_ok=True)
        shutil.rmtree(FOLDER, ignore_errors=True)

    def scored(self, repeat: int, labels: int, score: float) -> None:
        """Note one point of the curve of a repeat that runs."""
        self._running.setdefault(repeat, []).append((labels, score))
        self._write()

    def finished(self, repeat: int, curve: pd.DataFrame) -> None:
        """Note the whole curve of a repeat: columns ``labels`` and the headline."""
        self._finished.append(curve[["labels", self.headline]])
        self._running.pop(repeat, None)
        self._write()

    def _write(self) -> None:
        if time.monotonic() < self._due:
            return
        table = self.table()
        files.write_table(FOLDER / "curves.csv", table)
        with files.replacing(FOLDER / "dvc.yaml") as temporary:
            temporary.write_text(PLOTS, encoding="utf-8")
        self._due = time.monotonic() + SECONDS_BETWEEN_WRITES

    def table(self) -> pd.DataFrame:
        """Mean curve of the finished repeats, and the first that runs, as far as it is known."""
        parts = []
        count = len(self._finished)
        if count:
            mean = pd.concat(self._finished).groupby("labels")[self.headline].mean()
            legend = f"{self.name}, mean of {count} of {self.n_repeats} repeats"
            parts.append(pd.DataFrame({"strategy": legend, "labels": mean.index, "score": mean}))
        if self._running:
            repeat = min(self._running)
            legend = f"{self.name}, repeat {repeat} so far"
            labels, scores = zip(*self._running[repeat], strict=True)
            parts.append(pd.DataFrame({"strategy": legend, "labels": labels, "score": scores}))
        # The plot's template wants the ends of an interval; one that is empty is not drawn.
        return pd.concat(parts, ignore_index=True).assign(low=None, high=None)
