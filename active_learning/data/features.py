"""The features of a table, cast to their kinds."""

from collections.abc import Mapping
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from active_learning.core.errors import ParamsError, unknown
from active_learning.data.columns import Column, KindOption
from active_learning.data.lookalikes import describe_inferred, may_be_dates, sentences


class Features(NamedTuple):
    """Features of a table.

    Attributes
    ----------
    frame : DataFrame
        As ``columns.Column.cast`` gives them.
    options : dict of str to str
        Kind of each feature, or the notation of its values.
    remarks : dict of str to str
        Sentences about kinds that are not evident, by the name of a check.
    """

    frame: pd.DataFrame
    options: dict[str, KindOption]
    remarks: dict[str, str]


def cast_features(features: pd.DataFrame, kinds: Mapping[str, KindOption]) -> Features:
    """Infer the kinds of features and cast them.

    Parameters
    ----------
    features : DataFrame
        As they were read.
    kinds : dict of str to str
        Kinds, or notations, that are not inferred.

    Raises
    ------
    ParamsError
        If ``kinds`` names a column that is not a feature.
    DataError
        On the first value that is not of its kind.
    """
    for name in kinds:
        if name not in features:
            raise ParamsError(f"kinds: {unknown('feature', name, map(str, features))}")
    numbers = _cast_numbers(features, kinds)
    options: dict[str, KindOption] = dict.fromkeys(features.columns.tolist(), "number")
    items = {
        name: list(describe_inferred(Column(numbers[name]), "number"))
        for name in may_be_dates(numbers)
        if name not in kinds
    }
    cast = {}
    for name in features.columns.difference(numbers.columns, sort=False):
        column = Column(features[name])
        options[name] = kinds.get(name) or column.kind
        if name not in kinds:
            items[name] = list(describe_inferred(column, options[name]))
        cast[name] = column.cast(options[name], inferred=name not in kinds)
    frame = pd.concat([numbers, pd.DataFrame(cast, features.index)], axis=1)
    remarks = sentences(chain.from_iterable(items[name] for name in features if name in items))
    return Features(frame[list(features)], options, remarks)


def _cast_numbers(features: pd.DataFrame, kinds: Mapping[str, KindOption]) -> pd.DataFrame:
    """All columns of numbers by their type, at once: a table can have thousands."""
    names: dict[Any, list[str]] = {np.float32: [], np.float64: []}
    for name, dtype in zip(features.columns.tolist(), features.dtypes, strict=True):
        is_number = isinstance(dtype, np.dtype) and dtype.kind in "fiu"
        if is_number and kinds.get(name, "number") == "number":
            names[np.float32 if dtype == np.float32 else np.float64].append(name)
    parts = [
        pd.DataFrame(features[chosen].to_numpy(dtype), features.index, chosen, copy=False)
        for dtype, chosen in names.items()
    ]
    return pd.concat(parts, axis=1)
