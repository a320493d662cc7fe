"""Sentences about columns whose kind is not evident, or that look like one kind and are another."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pandas as pd

from active_learning.core.errors import shown
from active_learning.core.sentences import listed
from active_learning.data.columns import Column, KindOption, dates_of_numbers, plain_kind
from active_learning.data.notations import FAMILIES, NOTATIONS, Texts

_FEW_VALUES = 5  # fewer may be names of classes, such as 36 months
_DAYS, _MONTHS = (19000101, 21001231), (190001, 210012)
_FEW_NUMBERS = 20
_SENTENCES = {
    "notations": "Strings are read as numbers, dates or times: {}. Set their kinds to confirm or "
    "correct it.",
    "ambiguous_notations": "Columns are treated as categories because their values can be read in "
    "two ways: {}. Set their kinds.",
    "mixed_notations": "Columns are treated as categories because their values have several units "
    "or notations: {}. Correct them if they are quantities or dates.",
    "units": "Columns are treated as categories or texts because of a unit: {}. Leave it out if "
    "they are quantities.",
    **{
        f"{what}_as_texts": f"Columns are mostly {what} but treated as categories because of some "
        "text values: {}. List these values under missing, correct them, or set kinds to category."
        for what in FAMILIES
    },
    "dates_as_numbers": "Columns are treated as numbers but look like dates, as 20240229 or 202402 "
    "does: {}. Set their kinds to date or number.",
}


def describe_inferred(column: Column, option: KindOption) -> Iterator[tuple[str, str]]:
    """What to say about a column whose kind the user did not set, by the name of a check."""
    name = column.series.name
    if column.texts is not None:
        for check, text in _describe(column, column.texts, option):
            yield check, f"{name!r} ({text})"
    elif option == "number" and _is_dates(column.series):
        yield "dates_as_numbers", repr(name)


def may_be_dates(numbers: pd.DataFrame) -> "pd.Index[Any]":
    """Columns whose least and greatest number could be dates that are written as numbers."""
    least, greatest = numbers.min(), numbers.max()
    days, months = ((least >= first) & (greatest <= last) for first, last in (_DAYS, _MONTHS))
    return numbers.columns[days | months]


def sentences(items: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Sentences about the kinds of features, by the name of a check.

    Parameters
    ----------
    items : iterable of (str, str)
        As ``describe_inferred`` yields them.
    """
    texts: dict[str, list[str]] = {name: [] for name in _SENTENCES}
    for check, text in items:
        texts[check].append(text)
    return {check: _SENTENCES[check].format(listed(each)) for check, each in texts.items() if each}


def _describe(column: Column, texts: Texts, option: KindOption) -> Iterator[tuple[str, str]]:
    example = _example(texts.texts)
    if plain_kind(option) in ("number", "date") and option in NOTATIONS:
        if option != "date" or not texts.are_iso_dates:
            value = texts.parse(example, option)
            result = f"{value:.6g}" if isinstance(value, float) else value
            yield "notations", f"{option}: {example!r} is {result}"
    elif len(texts.notations) > 1:
        yield "ambiguous_notations", f"{' or '.join(texts.notations)}: {example!r}"
    elif len(texts.texts) >= _FEW_VALUES and texts.has_unit:
        yield "units", f"{example!r}"
    elif what := texts.family:
        others = [i for i, text in enumerate(texts.texts) if not texts.is_of(text, what)]
        if others and len(texts.texts) - len(others) >= _FEW_NUMBERS:
            n_rows, examples = column.counts[others].sum(), [texts.texts[i] for i in others]
            such = f"such as {listed(map(shown, examples))}"
            yield f"{what}_as_texts", f"{n_rows} of {column.counts.sum()}, {such}"
        elif not others and not texts.are_plain:
            shortest = min(texts.texts, key=lambda text: (len(text), text))
            yield "mixed_notations", f"{shortest!r} and {example!r}"


def _example(texts: Sequence[str]) -> str:
    """The longest text, the last of these by the alphabet: whatever the order of the rows."""
    return max(texts, key=lambda text: (len(text), text), default="")


def _is_dates(column: "pd.Series[Any]") -> bool:
    """Whether all values are dates that are written as numbers."""
    if column.dtype.kind not in "iuf":
        return False
    values = pd.Series(column.dropna().unique())
    if len(values) < _FEW_VALUES or may_be_dates(values.to_frame()).empty:
        return False
    return bool(dates_of_numbers(values).notna().all())
