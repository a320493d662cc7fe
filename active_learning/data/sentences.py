"""Parts of the sentences about a table."""

from collections.abc import Iterable, Sized

import pandas as pd

_LISTED = 5


def many(items: Sized, one: str, more: str) -> str:
    """Number of items, and the words for one or for several."""
    return f"1 {one}" if len(items) == 1 else f"{len(items)} {more}"


def rows(n: int) -> str:
    """Number of rows, in words."""
    return "1 row" if n == 1 else f"{n} rows"


def listed(texts: Iterable[str], separator: str = ", ") -> str:
    """The first five texts, and how many more there are."""
    shown = list(texts)
    more = f" and {len(shown) - _LISTED} more" if len(shown) > _LISTED else ""
    return separator.join(shown[:_LISTED]) + more


def rows_where(wrong: "pd.Series[bool]") -> str:
    """The first row that is wrong, and how many more are."""
    first, *others = wrong.index[wrong]
    return f"row {first}" + (f", and {many(others, 'more row', 'more rows')}" if others else "")
