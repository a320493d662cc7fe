"""Progress display: a bar on a terminal, periodic lines in a log."""

import sys
import time
from collections.abc import Iterable, Iterator
from typing import Any, Protocol, TypeVar

from tqdm import tqdm

ResultT = TypeVar("ResultT")


class Progress(Protocol):
    """Signature of ``track``."""

    def __call__(
        self, results: Iterable[ResultT], name: str, total: int, unit: str, initial: int
    ) -> Iterable[ResultT]:
        """Yield the results."""


def silent(results: Iterable[ResultT], *_: Any, **__: Any) -> Iterable[ResultT]:
    """Display no progress."""
    return results


_SECONDS_BETWEEN_LINES = 10.0
_LINE = "{desc}: {n_fmt} of {total_fmt} {unit}, {elapsed} elapsed, {remaining} left"


def track(
    results: Iterable[ResultT], name: str, total: int, unit: str, initial: int = 0
) -> Iterator[ResultT]:
    """Yield the results and display their number.

    Parameters
    ----------
    results : iterable
    name : str
        Name of the work.
    total : int
        Total number of results.
    unit : str
        Plural noun for the results.
    initial : int, optional
        Earlier results, which are not in ``results``.
    """
    with tqdm(
        total=total, initial=initial, desc=name, unit=f" {unit}", leave=False,
        disable=not sys.stderr.isatty(),
    ) as bar:  # fmt: skip
        start = printed = time.monotonic()
        for done, result in enumerate(results, initial + 1):
            bar.update()
            now = time.monotonic()
            if bar.disable and now - printed > _SECONDS_BETWEEN_LINES:
                printed = now
                print(
                    tqdm.format_meter(
                        done, total, now - start, prefix=name, unit=unit, initial=initial,
                        bar_format=_LINE,
                    ),
                    flush=True,
                )  # fmt: skip
            yield result
