"""Turn table columns into numeric features.

scikit-learn's transformers are imported on use: most tables are purely numeric.
"""

from collections import Counter
from functools import partial
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import DTypeLike, NDArray

from active_learning.core.errors import DataError
from active_learning.core.strict import Count, Strict
from active_learning.data.columns import Kind
from active_learning.data.dataset import Dataset

# Number of values (128 MiB) below which dense features are faster.
_SMALL = 2**24
_MOSTLY_ZEROS = 0.1
_DAYS_OF_A_YEAR = 365.2425
_DAYS_OF_A_WEEK = 7

Sparse = Literal["auto"] | bool


class Preprocess(Strict):
    """How the columns of a table become features."""

    visible: Literal["pool", "labelled"] = "pool"
    """Rows that preprocessing is fitted to, without labels: initial set and pool, or labelled."""

    min_frequency: Count = 5
    """Minimum number of rows with a category or word for it to become a feature."""

    dtype: Literal["float64", "float32"] = "float64"
    """Type of the features; float32 halves the memory and has seven digits."""

    sparse: Sparse = "auto"
    """Store features sparsely: true, false, or auto: if they are large and mostly zeros."""


def preprocessor(data: Dataset, options: Preprocess, *, standardize: bool) -> Any:
    """Unfitted scikit-learn transformer, or ``None`` if the features can be used as they are.

    It imputes, scales, and encodes categories, dates and words; the result is a CSR array or an
    ndarray in C order. Medians, scales, categories and words come only from the rows that it is
    fitted to.

    Parameters
    ----------
    data : Dataset
    options : Preprocess
        ``dtype`` is that of features from a DataFrame; an array keeps its own.
    standardize : bool
        Scale numbers and dates to mean 0 and variance 1.
    """
    features = data.features
    kinds = list(data.kinds.values()) or ["number"] * features.shape[1]
    is_array = isinstance(features, np.ndarray)
    complete = is_array and not np.isnan(features.min())  # needs no memory for a mask
    if complete and not standardize and set(kinds) == {"number"}:
        return None
    dtype = features.dtype if is_array else options.dtype
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer

    finish = FunctionTransformer(_finish, kw_args={"dtype": dtype, "sparse": options.sparse})
    columns = _columns(kinds, options.min_frequency, dtype, impute=not complete, scale=standardize)
    return make_pipeline(columns, finish)


def _columns(
    kinds: list[Kind], min_frequency: int, dtype: DTypeLike, *, impute: bool, scale: bool
) -> Any:
    """Transformer of all columns, by kind; columns without features are left out."""
    from sklearn.compose import ColumnTransformer
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.impute import MissingIndicator, SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import (
        FunctionTransformer,
        Normalizer,
        OneHotEncoder,
        StandardScaler,
    )

    numbers, dates, categories, texts = (
        [position for position, kind in enumerate(kinds) if kind in wanted]
        for wanted in (("number", "boolean"), ("date",), ("category",), ("text",))
    )
    # In C order, since the memory layout changes the last bits of sums.
    floats = FunctionTransformer(np.ascontiguousarray, kw_args={"dtype": dtype})
    after = [SimpleImputer(strategy="median", keep_empty_features=True)] if impute else []
    after += [StandardScaler()] if scale else []
    gaps = partial(_with_gaps, positions=numbers + dates if impute else [])
    one_hot = OneHotEncoder(min_frequency=min_frequency, handle_unknown="infrequent_if_exist")
    words = make_pipeline(
        FunctionTransformer(_fill),
        TfidfVectorizer(min_df=min_frequency, norm=None),
        FunctionTransformer(_sort_indices),  # same bits in fit and transform
        Normalizer(),
    )
    return ColumnTransformer(
        [
            ("numbers", make_pipeline(floats, *after), numbers),
            ("dates", make_pipeline(floats, FunctionTransformer(_date_parts), *after), dates),
            ("missing", make_pipeline(floats, MissingIndicator(features="all")), gaps),
            ("categories", one_hot, categories),
            *(
                (f"words of {i}", words, partial(_with_words, position=i, n_rows=min_frequency))
                for i in texts
            ),
        ],
        sparse_threshold=1.0,
    )


def _pick(X: Any, position: int) -> Any:
    return X.iloc[:, position] if isinstance(X, pd.DataFrame) else X[:, position]


def _with_gaps(X: Any, positions: list[int]) -> list[int]:
    """Those of the columns with missing values."""
    return [position for position in positions if pd.isna(_pick(X, position)).any()]


def _with_words(X: Any, position: int, n_rows: int) -> int | list[int]:
    """The position of a text column, or none if no word is frequent enough to be a feature."""
    from sklearn.feature_extraction.text import CountVectorizer

    analyze = CountVectorizer().build_analyzer()
    texts = _fill(_pick(X, position))
    counts = Counter(word for text in texts for word in set(analyze(text)))
    return position if max(counts.values(), default=0) >= n_rows else []


def _sort_indices(matrix: Any) -> Any:
    """Sparse matrix with the columns of each row in order."""
    return matrix.sorted_indices()


def _fill(texts: Any) -> "pd.Series[str]":
    """Replace missing texts by empty ones."""
    return pd.Series(texts).fillna("")


def _finish(features: Any, dtype: DTypeLike, sparse: Sparse) -> Any:
    """Cast features to ``dtype``, and make them sparse or dense."""
    from scipy.sparse import csr_array

    if not features.shape[1]:
        raise DataError(
            "the table must have a column that gives a feature; got only texts in which no word is "
            "in as many rows as min_frequency says."
        )
    features = features.astype(dtype, copy=False)
    if isinstance(features, np.ndarray):
        return np.ascontiguousarray(features)
    if sparse == "auto":
        size = features.shape[0] * features.shape[1]
        sparse = size > _SMALL and features.nnz < _MOSTLY_ZEROS * size
    return csr_array(features) if sparse else features.toarray()


def _date_parts(days: NDArray[np.floating]) -> NDArray[np.floating]:
    """Years since 2000, and sine and cosine of the time of the year and of the week.

    So December is close to January.
    """
    year, week = (2 * np.pi * days / period for period in (_DAYS_OF_A_YEAR, _DAYS_OF_A_WEEK))
    parts = [days / _DAYS_OF_A_YEAR, np.sin(year), np.cos(year), np.sin(week), np.cos(week)]
    return np.hstack(parts)
