"""Parts of sentences for people."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_LISTED = 5


def count(n: int, one: str, several: str | None = None) -> str:
    """Number and noun, and the verb if there is one; ``several`` is by default ``one`` and an s."""
    return f"1 {one}" if n == 1 else f"{n} {several or one + 's'}"


def unconverged(converged: "pd.Series[bool]") -> str | None:
    """That fits of a strategy did not converge, if so, and the remedy."""
    missed = int((~converged).sum())
    if not missed:
        return None
    return (
        f"{missed} of {len(converged)} fits did not converge; allow the learner more "
        "iterations or standardize the features."
    )


def listed(texts: Iterable[str], separator: str = ", ") -> str:
    """The first five texts, and how many more there are."""
    shown = list(texts)
    more = f" and {len(shown) - _LISTED} more" if len(shown) > _LISTED else ""
    return separator.join(shown[:_LISTED]) + more


def rows_where(wrong: "pd.Series[bool]") -> str:
    """The first row that is wrong, and how many more are."""
    first, *others = wrong.index[wrong]
    return f"row {first}" + (f", and {count(len(others), 'more row')}" if others else "")
