"""Columns of vectors, such as embeddings: each becomes columns of numbers."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from active_learning.core.errors import DataError, shown
from active_learning.core.sentences import rows_where

_VECTORS = (list, tuple, np.ndarray)
_CONTAINERS = {
    "mappings": (dict,),
    "bytes": (bytes, bytearray, memoryview),
    "sets": (set, frozenset),
    "lists": _VECTORS,
}


def refuse_containers(column: "pd.Series[Any]", what: str) -> None:
    """Refuse a column that holds lists, mappings, sets or bytes.

    Raises
    ------
    DataError
        On the first such value.
    """
    if not pd.api.types.is_object_dtype(column):
        return
    types = set(map(type, column))
    for name, classes in _CONTAINERS.items():
        if bad := tuple(each for each in types if issubclass(each, classes)):
            wrong = column.map(lambda value: isinstance(value, bad)).astype(bool)
            raise DataError(
                f"{what} {column.name!r} must not hold {name}; got {shown(column[wrong].iloc[0])} "
                f"in {rows_where(wrong)}."
            )


def spread_vectors(features: pd.DataFrame) -> pd.DataFrame:
    """Replace a column of vectors by a column of numbers for each of their places.

    The columns of ``v`` are ``v_0``, ``v_1`` and so on. Single precision is kept.

    Parameters
    ----------
    features : DataFrame

    Returns
    -------
    DataFrame
        The same if no column holds vectors.

    Raises
    ------
    DataError
        If vectors differ in length, are missing or hold anything but numbers, if a column has the
        name of another's number, or holds mappings, sets, bytes, or lists beside other values.
    """
    objects = features.columns[list(map(pd.api.types.is_object_dtype, features.dtypes))]
    vectors = [name for name in objects if _are_vectors(features[name])]
    for each in objects.difference(vectors, sort=False):
        refuse_containers(features[each], "feature")
    if not vectors:
        return features
    parts = []
    for name in features:
        if name not in vectors:
            parts.append(features[[name]])
            continue
        values = _stack(features[name])
        names = [f"{name}_{place}" for place in range(values.shape[1])]
        if taken := [each for each in names if each in features]:
            raise DataError(
                f"feature {taken[0]!r} must have another name: it is that of a number of "
                f"{str(name)!r}."
            )
        parts.append(pd.DataFrame(values, index=features.index, columns=names, copy=False))
    return pd.concat(parts, axis=1)


def _are_vectors(column: "pd.Series[Any]") -> bool:
    types = set(map(type, column.dropna()))
    return bool(types) and all(issubclass(each, _VECTORS) for each in types)


def _stack(column: "pd.Series[Any]") -> NDArray[np.floating]:
    """Vectors as an array of shape (n_rows, n_numbers), each number's values side by side."""
    absent = column.isna().to_numpy()
    if absent.any():
        raise DataError(
            f"feature {column.name!r} must have a vector in every row; got none in "
            f"{rows_where(column.isna())}."
        )
    vectors: Sequence[Any] = column.to_list()
    sizes = np.fromiter(map(len, vectors), dtype=np.int64, count=len(vectors))
    other = sizes != max(sizes[0], 1)
    if other.any():
        bad = int(other.argmax())
        raise DataError(
            f"feature {column.name!r} must hold vectors of one length; got {sizes[0]} in row "
            f"{column.index[0]} and {sizes[bad]} in row {column.index[bad]}."
        )
    try:
        numbers = np.concatenate(vectors)
    except ValueError:  # ragged inside, or of several dimensions
        numbers = np.empty(0, dtype=object)
    if numbers.ndim != 1 or numbers.dtype.kind not in "biuf":
        raise DataError(
            f"feature {column.name!r} must hold vectors of numbers; got {shown(vectors[0])} in row "
            f"{column.index[0]}."
        )
    dtype = np.float32 if numbers.dtype in (np.float32, np.float16) else np.float64
    return np.asfortranarray(numbers.reshape(len(vectors), -1), dtype=dtype)
