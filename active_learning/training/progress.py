"""Progress of a long stage: a bar on a terminal, now and then a line in a log; with time left."""

import sys
import time
from types import TracebackType
from typing import Self

from tqdm import tqdm

_SECONDS_BETWEEN_LINES = 10.0


class Progress:
    """Count work that is done.

    Parameters
    ----------
    name : str
        What is worked on.
    total : int
        Units of work in all.
    unit : str
    done : int, optional
        Units that were done before; they do not count for the rate.
    """

    def __init__(self, name: str, total: int, unit: str, done: int = 0) -> None:
        self.name, self.total, self.unit, self.done = name, total, unit, done
        self._before = done
        self._began = self._line_at = time.monotonic()
        self._bar = (
            tqdm(total=total, initial=done, desc=name, unit=f" {unit}", leave=False)
            if sys.stderr.isatty()
            else None
        )

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()

    def advance(self, amount: int) -> None:
        """Note that so many units more are done."""
        self.done += amount
        if self._bar is not None:
            self._bar.update(amount)
        elif time.monotonic() - self._line_at > _SECONDS_BETWEEN_LINES:
            self._line_at = time.monotonic()
            print(self._line(), flush=True)

    def _line(self) -> str:
        rate = (self.done - self._before) / (time.monotonic() - self._began)
        left = (self.total - self.done) / rate
        return (
            f"{self.name}: {self.done} of {self.total} {self.unit}, {rate:.3g} {self.unit}/s, "
            f"{tqdm.format_interval(left)} left"
        )

    def reach(self, done: int) -> None:
        """Note that so many units are done in all, where they were not counted one by one."""
        if done > self.done:
            self.advance(done - self.done)

    def write(self, text: str) -> None:
        """Print beside the bar."""
        tqdm.write(text)
        sys.stdout.flush()
