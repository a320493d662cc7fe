"""The hold-out: rows that are never queried and never trained on, to measure accuracy."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import takewhile

_BITS = 64


def place(row: str, seed: int) -> float:
    """Number in [0, 1) that depends on a row's id and the seed only."""
    number = hashlib.blake2b(f"{seed}|{row}".encode(), digest_size=_BITS // 8).digest()
    return float(int.from_bytes(number) / 2**_BITS)


def choose_holdout(rows: Iterable[str], share: float, seed: int) -> list[str]:
    """Rows of the hold-out, in the order in which they are labelled.

    Whether a row is one depends on its id only, so that it is the same in any order of the table,
    on any machine, and when rows are added. Every beginning of the order is a uniform sample.

    Parameters
    ----------
    rows : iterable of str
        Ids.
    share : float in [0, 1]
        Share of the rows, on average.
    seed : int
    """
    places = sorted((place(row, seed), row) for row in rows)
    return [row for number, row in places if number < share]


@dataclass(frozen=True)
class Accuracy:
    """Share of correct predictions on the hold-out.

    Attributes
    ----------
    n : int
        Rows with a label in the longest beginning of the order in which all rows are decided.
    n_correct : int
    low, high : float or None
        Wilson interval (Wilson, "Probable inference, the law of succession, and statistical
        inference", 1927); ``None`` without rows.
    n_undecided : int
        Rows of that beginning that were skipped, or have no majority.
    """

    n: int
    n_correct: int
    low: float | None
    high: float | None
    n_undecided: int

    @property
    def value(self) -> float | None:
        """Accuracy; ``None`` without rows."""
        return self.n_correct / self.n if self.n else None

    @property
    def bounds(self) -> tuple[float, float] | None:
        """Accuracy if all rows without a label were wrong, or right; ``None`` without rows."""
        n_rows = self.n + self.n_undecided
        if not n_rows:
            return None
        return self.n_correct / n_rows, (self.n_correct + self.n_undecided) / n_rows


NOTHING_MEASURED = Accuracy(0, 0, None, None, 0)


def measure_accuracy(
    order: Iterable[str],
    labels: Mapping[str, str | None],
    predictions: Mapping[str, str],
    confidence: float = 0.95,
) -> Accuracy:
    """Accuracy on the longest decided beginning of the hold-out.

    Rows beyond the first undecided one do not count: which of them have a label is no accident.

    Parameters
    ----------
    order : iterable of str
        As ``choose_holdout`` gives it.
    labels : dict of str to str or None
        Label of each row that was decided; ``None`` if it was skipped, or there is no majority.
    predictions : dict of str to str
        Of each row.
    confidence : float in (0, 1), optional
    """
    from scipy.stats import binomtest

    decided = list(takewhile(labels.__contains__, order))
    right = [labels[row] == predictions[row] for row in decided if labels[row] is not None]
    n, n_correct, n_undecided = len(right), sum(right), len(decided) - len(right)
    if not n:
        return Accuracy(0, 0, None, None, n_undecided)
    interval = binomtest(n_correct, n).proportion_ci(confidence, method="wilson")
    return Accuracy(n, n_correct, float(interval.low), float(interval.high), n_undecided)
