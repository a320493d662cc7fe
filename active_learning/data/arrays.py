"""Conversion of the caller's features, labels and row numbers."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from active_learning.core.errors import DataError, one_line, shown

_FLOATS = (np.float64, np.float32)


def as_features(X: Any) -> Any:
    """Convert features to what the loop takes.

    Parameters
    ----------
    X : array-like, sparse matrix or DataFrame of shape (n_rows, n_features)
        Or strings, (n_rows,), for a pipeline that starts with a vectorizer.

    Returns
    -------
    DataFrame, csr_array or ndarray
        Numeric arrays are float32 or float64.

    Raises
    ------
    DataError
        If the shape is wrong.
    """
    from scipy.sparse import csr_array, issparse

    if isinstance(X, pd.DataFrame):
        return X
    if issparse(X):
        matrix: Any = X
        return csr_array(matrix)
    features = np.asarray(X)
    if features.dtype.kind in "US":
        features = features.astype(object)
    if features.ndim != 2 and not (features.ndim == 1 and features.dtype == object):
        raise DataError(f"X must have shape (n_rows, n_features); got {features.shape}.")
    if features.dtype.kind in "biuf" and features.dtype not in _FLOATS:
        return features.astype(np.float64)
    return features


def encode_labels(y: ArrayLike, n_rows: int) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Sorted classes, and the class index of each row.

    Parameters
    ----------
    y : array-like of shape (n_rows,)
        Labels of any one type.
    n_rows : int
        Expected number of labels.

    Raises
    ------
    DataError
        If the number of labels is wrong, one is missing, or they are not class labels.
    """
    from sklearn.utils.multiclass import check_classification_targets

    # Of a list, numpy would make texts of numbers and of missing values.
    labels = np.asarray(y, dtype=object if isinstance(y, list | tuple) else None)
    if labels.shape != (n_rows,):
        raise DataError(f"y must have shape ({n_rows},), one label per row; got {labels.shape}.")
    missing = pd.isna(labels)
    if missing.any():
        raise DataError(
            f"y must have no missing labels; got {missing.sum()}, the first in row "
            f"{int(missing.argmax())}: leave such rows out."
        )
    if labels.dtype.kind in "mM":
        raise DataError(f"y must hold class labels, not dates or durations; got {labels[0]!r}.")
    try:
        classes, indices = np.unique(labels, return_inverse=True)
        if isinstance(y, list | tuple):
            classes = np.array(classes.tolist())
        check_classification_targets(classes[indices])
    except (TypeError, ValueError) as error:
        raise DataError(f"y must hold class labels of one type ({one_line(error)})") from error
    return classes, indices


def as_rows(rows: Iterable[int] | ArrayLike, n_rows: int) -> NDArray[np.int64]:
    """Row positions, given as such or as a mask.

    Parameters
    ----------
    rows : iterable of int, or array-like of shape (n_rows,), bool
    n_rows : int

    Raises
    ------
    DataError
        If they are not distinct rows of the table.
    """
    positions = np.asarray(list(rows) if isinstance(rows, Iterable) else rows)
    if positions.dtype == bool and positions.shape == (n_rows,):
        return np.flatnonzero(positions)
    whole = positions.ndim == 1 and (positions.dtype.kind in "iu" or not len(positions))
    inside = whole and ((positions >= 0) & (positions < n_rows)).all()
    if not inside or len(np.unique(positions)) != len(positions):
        raise DataError(
            f"labelled must hold distinct row positions from 0 to {n_rows - 1}, or be a mask; "
            f"got {shown(positions.tolist())}."
        )
    return positions.astype(np.int64)
