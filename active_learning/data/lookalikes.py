"""Sentences about columns whose kind is not evident, or that look like one kind and are another."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from active_learning.data import notations
from active_learning.data.columns import ISO_DATE, KindOption, plain_kind
from active_learning.data.notations import FAMILIES, NOTATIONS, is_of
from active_learning.data.sentences import listed

_FEW_VALUES = 5  # fewer may be names of classes, such as 36 months
_DAYS = "19000101", "21001231"

_FEW_NUMBERS = 20
_SENTENCES = {
    "notations": "Texts are read as numbers, dates or times: {}. Set their kinds to confirm or "
    "correct it.",
    "ambiguous_notations": "Columns are treated as categories because their values can be read in "
    "two ways: {}. Set their kinds.",
    "units": "Columns are treated as categories or texts because of a unit: {}. Leave it out if "
    "they are quantities.",
    **{
        f"{what}_as_texts": f"Columns are mostly {what} but treated as categories because of some "
        "text values: {}. List these values under missing, correct them, or set kinds to category."
        for what in FAMILIES
    },
}


def describe_inferred(
    features: pd.DataFrame, options: Mapping[str, KindOption], given: Mapping[str, KindOption]
) -> dict[str, str]:
    """Sentences about the kinds of features, by the name of a check.

    Parameters
    ----------
    features : DataFrame
        As they were read.
    options : dict of str to str
        Kind or notation of each feature.
    given : dict of str to str
        Those that the user set, about which nothing is said.
    """
    columns = {name: column for name, column in features.items() if str(name) not in given}
    texts: dict[str, list[str]] = {name: [] for name in _SENTENCES}
    dates = []
    for name, column in columns.items():
        option = options[str(name)]
        if option == "number" and _is_dates(column):
            dates.append(repr(name))
        if not _is_texts(column):
            continue
        for check, text in _describe(column, option):
            texts[check].append(f"{name!r} ({text})")
    remarks = {
        check: _SENTENCES[check].format(listed(items)) for check, items in texts.items() if items
    }
    if dates:
        remarks["dates_as_numbers"] = (
            "Columns are treated as numbers but look like dates, as 20240229 does: "
            f"{listed(dates)}. Set their kinds to date or number."
        )
    return remarks


def _describe(column: "pd.Series[Any]", option: KindOption) -> Iterator[tuple[str, str]]:
    texts = column.dropna().unique().tolist()
    example = _example(texts)
    if plain_kind(option) in ("number", "date") and option in NOTATIONS:
        if option != "date" or not _is_iso(texts):
            value = notations.parse(example, option)
            shown = f"{value:.6g}" if isinstance(value, float) else value
            yield "notations", f"{option}: {example!r} is {shown}"
    elif possible := notations.ambiguous(texts):
        yield "ambiguous_notations", f"{' or '.join(possible)}: {example!r}"
    elif len(texts) >= _FEW_VALUES and (unit := notations.common_unit(texts)):
        yield "units", f"{unit!r}, as in {example!r}"
    elif what := notations.family(texts):
        others = column[[isinstance(v, str) and not is_of(v, what) for v in column]]
        if len(texts) - others.nunique() >= _FEW_NUMBERS and len(others):
            yield (
                f"{what}_as_texts",
                f"{len(others)} of {column.count()}, such as {others.iloc[0]!r}",
            )


def _example(texts: list[str]) -> str:
    """The longest text, the last of these by the alphabet: whatever the order of the rows."""
    return max(texts, key=lambda text: (len(text), text), default="")


def _is_texts(column: "pd.Series[Any]") -> bool:
    if isinstance(column.dtype, pd.CategoricalDtype) or not (
        pd.api.types.is_string_dtype(column) or pd.api.types.is_object_dtype(column)
    ):
        return False
    present = column.dropna()
    return len(present) > 0 and all(isinstance(value, str) for value in present)


def _is_iso(texts: list[str]) -> bool:
    return all(map(ISO_DATE.fullmatch, texts))


def _is_dates(column: "pd.Series[Any]") -> bool:
    """Whether all values are whole numbers that are written like 20240229."""
    if not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        return False
    if column.min() < int(_DAYS[0]) or not column.max() <= int(_DAYS[1]):
        return False
    values = column.dropna().unique()
    if len(values) < _FEW_VALUES or (values % 1 != 0).any():
        return False
    texts = pd.Series(values).astype("int64").astype("str")
    return bool(pd.to_datetime(texts, format="%Y%m%d", errors="coerce").notna().all())
