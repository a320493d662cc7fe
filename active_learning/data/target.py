"""The target: cast its values to classes, and check the classes for likely mistakes."""

import math
import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd

from active_learning.core.errors import DataError, shown
from active_learning.core.sentences import count, listed, rows_where
from active_learning.data.columns import Column, plain_kind

_EXACT = 2**53  # floats represent all integers up to here exactly
_WHOLE = re.compile(r"^(-?(?:0|[1-9]\d*))\.0*$")  # not 01.0, as 01 may be another class than 1
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d*)?")
_SIGNS = re.compile(r"[$€£¥%,\s]")
_MANY_CLASSES = 20
_FEW_ROWS = 3
_MOST_ROWS = 0.8
_EXAMPLES = 3
_NO_CLASS = {
    ".", "-", "--", "?", "(blank)", "missing", "n.a.", "no label", "tbd", "todo", "unknown",
    "unlabeled", "unlabelled",
}  # fmt: skip


def cast_labels(column: "pd.Series[Any]") -> "pd.Series[str]":
    """Cast the classes in a column to strings; rows without one, or with a blank, are left out.

    Whole numbers become integers: 1.0 is the class ``1``, also if it is written as a text.

    Raises
    ------
    DataError
        If a value is not a class: a fraction, a float too large to be exact, a date, a list.
    """
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        column = column.astype(dtype.categories.dtype)
    if pd.api.types.is_integer_dtype(column) or pd.api.types.is_bool_dtype(column):
        return column.dropna().astype(str)
    values = column.astype(object)
    present = column.notna() & (values.map(_strip) != "")
    values = values[present]
    if values.map(lambda value: isinstance(value, str)).all():
        classes, faults = _classes_of_texts(values)
    else:
        classes, faults = values.map(_class_of), values.map(_fault)
    wrong = faults.notna()
    if wrong.any():
        first = int(wrong.to_numpy().argmax())
        raise DataError(
            f"target {column.name!r} must hold classes, not {faults.iloc[first]}; got "
            f"{shown(values.iloc[first])} in {rows_where(wrong)}."
        )
    return classes.astype(str)


def _strip(value: Any) -> str | None:
    return value.strip() if isinstance(value, str) else None


def _classes_of_texts(texts: "pd.Series[Any]") -> "tuple[pd.Series[Any], pd.Series[Any]]":
    """Class of each text, and what is wrong with it, if anything."""
    faults = pd.Series(None, index=texts.index, dtype=object)
    if plain_kind(Column(texts).kind) == "date":
        return texts, faults.fillna("dates")
    numbers = pd.to_numeric(texts, errors="coerce").astype("float64")
    if numbers.isna().any():
        return texts, faults
    faults[np.isfinite(numbers) & (numbers % 1 != 0)] = "fractions"
    return texts.str.replace(_WHOLE, r"\1", regex=True), faults


def _class_of(value: Any) -> str:
    is_bool = isinstance(value, bool | np.bool_)
    is_number = isinstance(value, Integral | Real | Decimal) and not is_bool
    return str(int(value) if is_number and _fault(value) is None else value)


def _fault(value: Any) -> str | None:
    """What a value is that is not a class."""
    if isinstance(value, str | bool | np.bool_ | Integral):
        return None
    if isinstance(value, Real | Decimal):
        number: Any = value
        if not math.isfinite(number) or number != int(number):
            return "fractions"
        exact = isinstance(value, Decimal) or abs(number) <= _EXACT
        return None if exact else "floats beyond 2^53, which are not exact"
    if isinstance(value, date):
        return "dates"
    kinds = {list: "lists", np.ndarray: "lists", dict: "mappings", bytes: "bytes"}
    return kinds.get(type(value), f"values of type {type(value).__name__}")


def alike_classes(labels: "pd.Series[str]") -> str | None:
    """Classes that differ only in case, spaces, or the notation of a number."""
    alike = alike_values(labels)
    if not alike:
        return None
    return (
        "classes differ only in case, spaces or the notation of a number: "
        f"{listed(alike, '; ')}. If they mean the same, correct them."
    )


def alike_values(column: "pd.Series[str]") -> list[str]:
    """Each group of texts that differ only in case, spaces, or the notation of a number."""
    counts = column.value_counts().sort_index()
    folded = [_fold(str(name)) for name in counts.index]
    if len(set(folded)) == len(folded):
        return []
    groups = counts.groupby(folded, sort=True)
    return [
        " and ".join(f"{name!r} ({count(n, 'row')})" for name, n in group.items())
        for _, group in groups
        if len(group) > 1
    ]


def missing_as_class(labels: "pd.Series[str]") -> str | None:
    """Classes whose name says that there is none."""
    counts = labels.value_counts().sort_index()
    missing = [
        f"{name!r} ({count(n, 'row')})"
        for name, n in counts.items()
        if _fold(str(name)) in _NO_CLASS
    ]
    if not missing:
        return None
    return (
        f"classes look like missing labels: {listed(missing)}. If they are, list them under "
        "missing, with all other strings that mark a missing value."
    )


def _fold(name: str) -> str:
    """What classes that look alike have in common."""
    if not name.isascii():
        text = unicodedata.normalize("NFKC", name)
        name = "".join(c for c in text if unicodedata.category(c) != "Cf")  # no zero-width space
    folded = " ".join(name.split()).casefold()
    return str(float(folded)) if _NUMBER.fullmatch(folded) else folded


def likely_typos(names: Iterable[str]) -> str | None:
    """Names of classes that differ only in case, spaces, or one letter added or swapped."""
    pairs = []
    earlier: dict[str, str] = {}
    for name in sorted(names, key=len):  # so that a letter left out leads to an earlier one
        word = _fold(name)
        near = [other for other in _slips(word) if other in earlier and other != word]
        if word in earlier:
            pairs.append((earlier[word], name))
        if _is_word(name):
            pairs += [(earlier[other], name) for other in near if _is_word(earlier[other])]
        earlier.setdefault(word, name)
    if not pairs:
        return None
    texts = [f"{one!r} and {other!r}" for one, other in pairs]
    return f"classes are nearly the same: {listed(texts)}. If a pair means the same, use one name."


def _is_word(name: str) -> bool:
    """Whether a name is neither a number nor a code, such as 10, v1 or II."""
    return len(name) > 1 and name.isalpha() and not name.isupper()


def _slips(word: str) -> list[str]:
    """The word with one letter left out, or with two neighbours swapped, each once."""
    parts = [(word[:place], word[place:]) for place in range(len(word))]
    left_out = [head + tail[1:] for head, tail in parts]
    swapped = [head + tail[1] + tail[0] + tail[2:] for head, tail in parts if len(tail) > 1]
    return list(dict.fromkeys([*left_out, *swapped]))


def quantity_as_classes(labels: "pd.Series[str]") -> str | None:
    """Classes that are many numbers, but not the codes 0, 1, 2, … or 1, 2, 3, …."""
    counts = labels.value_counts()
    names = pd.Series(counts.index, dtype="str").str.replace(_SIGNS, "", regex=True)
    numbers = pd.to_numeric(names, errors="coerce").sort_values()
    if len(numbers) < _MANY_CLASSES or numbers.isna().any():
        return None
    codes = numbers.iloc[0] in {0, 1} and (numbers.diff().dropna() == 1).all()
    if codes and counts.min() >= _FEW_ROWS:
        return None
    return (
        f"the target has {len(counts)} different numbers as classes and looks like a quantity "
        f"({', '.join(map(str, counts.index[:_EXAMPLES]))}, …). Classes have no order; divide it "
        "into a few ranges first."
    )


def frequent_class(labels: "pd.Series[str]") -> str | None:
    """Largest class, if a model that always answers it looks good by its accuracy."""
    shares = labels.value_counts(normalize=True)
    if shares.iloc[0] <= _MOST_ROWS:
        return None
    return (
        f"{shares.iloc[0]:.1%} of the rows are of class {shares.index[0]!r}, so accuracy misleads: "
        "a model that always answers this class reaches as much. Put balanced_accuracy first among "
        "the scorers."
    )
