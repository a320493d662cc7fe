"""From the columns of a table to features that a learner takes.

scikit-learn's transformers are imported where they are needed: most tables are numbers only.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, issparse
from sklearn.base import BaseEstimator, TransformerMixin

from active_learning.base.columns import Column

# Up to 128 MiB, zeros cost less than looking up where they are not.
_SMALL = 2**24
_MOSTLY_ZEROS = 0.1
_DAYS_OF_A_YEAR = 365.2425
_DAYS_OF_A_WEEK = 7

Sparse = Literal["auto"] | bool


@dataclass(frozen=True)
class Preprocess:
    """How the columns of a table become features."""

    visible: Literal["pool", "labelled"] = "pool"
    """Rows that it learns from, never their labels: initial set and pool, or those labelled."""

    min_frequency: int = 5
    """Rows that a category or a word must be in to have a feature of its own."""

    dtype: Literal["float64", "float32"] = "float64"
    """Numbers of the features: float32 takes half the memory, and has seven digits."""

    sparse: Sparse = "auto"
    """Keep zeros out of memory: true, false, or where the features are large and mostly zeros."""


class Preprocessor(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # sklearn has no types
    """Impute, scale, and give categories, dates and words features of their own.

    A scikit-learn transformer of the matrix that ``columns.coded`` makes. It learns medians,
    scales, categories and words from the rows that it is fitted to, and from no others.

    Parameters
    ----------
    columns : tuple of Column
        What each column of the matrix stands for.
    min_frequency : int
        Rows that a category or a word must be in.
    sparse : bool or "auto"
        See ``Preprocess``.
    standardize : bool
        Shift and scale numbers and dates to mean 0 and variance 1.
    complete : bool
        Whether no value will ever be missing, so that there is nothing to impute.
    """

    def __init__(
        self,
        columns: tuple[Column, ...],
        *,
        min_frequency: int,
        sparse: Sparse,
        standardize: bool,
        complete: bool = False,
    ) -> None:
        self.columns = columns
        self.min_frequency = min_frequency
        self.sparse = sparse
        self.standardize = standardize
        self.complete = complete

    def fit(self, X: NDArray[np.floating], y: object = None) -> Self:  # noqa: ARG002 - no labels
        """Learn from these rows."""
        from sklearn.compose import ColumnTransformer

        self.transformer_ = ColumnTransformer(list(self._steps(X)), sparse_threshold=1.0).fit(X)
        return self

    def transform(self, X: NDArray[np.floating]) -> Any:
        """Features of these rows: a CSR array, or an ndarray in C order."""
        found = self.transformer_.transform(X).astype(X.dtype, copy=False)
        return self._sparse(found) if issparse(found) else np.ascontiguousarray(found)

    def _steps(self, X: NDArray[np.floating]) -> Iterator[tuple[str, Any, list[int]]]:
        """Transformers, each with its columns; the steps that nothing needs are left out."""
        from sklearn.impute import MissingIndicator, SimpleImputer

        numbers, dates, categories, texts = (
            [i for i, column in enumerate(self.columns) if column.kind in kinds]
            for kinds in (("number", "boolean"), ("date",), ("category",), ("text",))
        )
        impute = SimpleImputer(strategy="median", keep_empty_features=True)
        after = [] if self.complete else [impute]
        after += [Standardizer()] if self.standardize else []
        if numbers:
            yield "numbers", _chain(*after), numbers
        if dates:
            yield "dates", _chain(DateParts(), *after), dates
        if not self.complete and np.isnan(X[:, numbers + dates]).any():
            yield "missing", MissingIndicator(error_on_new=False), numbers + dates
        if categories:
            yield "categories", _one_hot(self.min_frequency), categories
        for i in texts:
            words = Words(self.columns[i].values, self.min_frequency)
            yield f"words of {self.columns[i].name}", words, [i]

    def _sparse(self, found: Any) -> Any:
        wanted = self.sparse
        if wanted == "auto":
            size = found.shape[0] * found.shape[1]
            wanted = size > _SMALL and found.nnz < _MOSTLY_ZEROS * size
        return csr_array(found) if wanted else found.toarray()


def _one_hot(min_frequency: int) -> Any:
    from sklearn.preprocessing import OneHotEncoder

    return OneHotEncoder(min_frequency=min_frequency, handle_unknown="infrequent_if_exist")


def _chain(*steps: Any) -> Any:
    from sklearn.pipeline import make_pipeline

    return make_pipeline(*steps) if steps else "passthrough"


class Standardizer(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # sklearn has no types
    """Shift and scale each feature to mean 0 and variance 1; a constant one is only shifted."""

    def fit(self, X: NDArray[np.floating], y: object = None) -> Self:  # noqa: ARG002 - no labels
        """Learn mean and scale."""
        X = np.ascontiguousarray(X)  # the order of a sum changes its last bits
        mean, scale = X.mean(axis=0, dtype=np.float64), X.std(axis=0, dtype=np.float64)
        self.mean_ = mean.astype(X.dtype)
        self.scale_ = np.where(scale > 0, scale, 1.0).astype(X.dtype)
        return self

    def transform(self, X: NDArray[np.floating]) -> NDArray[np.floating]:
        """Shift and scale."""
        shifted = np.asarray(X - self.mean_)
        shifted /= self.scale_  # in place: a large table does not fit in memory many times
        return shifted


class DateParts(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # sklearn has no types
    """Years since 2000, and where in the year and in the week a day is, each as a sine and cosine.

    So December is near to January, and a learner needs no scale of days.
    """

    def fit(self, X: NDArray[np.floating], y: object = None) -> Self:  # noqa: ARG002 - no labels
        """Learn nothing."""
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X: NDArray[np.floating]) -> NDArray[np.floating]:
        """Five features for each date, from days since 2000."""
        year, week = (2 * np.pi * X / period for period in (_DAYS_OF_A_YEAR, _DAYS_OF_A_WEEK))
        parts = [X / _DAYS_OF_A_YEAR, np.sin(year), np.cos(year), np.sin(week), np.cos(week)]
        return np.hstack(parts)


class Words(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # sklearn has no types
    """TF-IDF of the words of a text column (scikit-learn's ``TfidfVectorizer``).

    Parameters
    ----------
    values : tuple of str
        Texts that the codes stand for.
    min_frequency : int
        Rows that a word must be in.
    """

    def __init__(self, values: tuple[str, ...], min_frequency: int) -> None:
        self.values = values
        self.min_frequency = min_frequency

    def fit(self, X: NDArray[np.floating], y: object = None) -> Self:  # noqa: ARG002 - no labels
        """Learn the words and how rare they are."""
        from sklearn.feature_extraction.text import TfidfVectorizer

        analyze = TfidfVectorizer().build_analyzer()
        rows = Counter(word for text in self._texts(X) for word in set(analyze(text)))
        words = sorted(word for word, count in rows.items() if count >= self.min_frequency)
        self.vectorizer_ = TfidfVectorizer(vocabulary=words).fit(self._texts(X)) if words else None
        return self

    def transform(self, X: NDArray[np.floating]) -> Any:
        """Weights of the words in each row: CSR, (n_rows, n_words)."""
        if self.vectorizer_ is None:
            return csr_array((len(X), 0))
        return self.vectorizer_.transform(self._texts(X))

    def _texts(self, X: NDArray[np.floating]) -> list[str]:
        """Text of each row; a missing one has no words."""
        return ["" if np.isnan(code) else self.values[int(code)] for code in X[:, 0]]


def preprocessor(
    features: NDArray[np.floating],
    columns: tuple[Column, ...],
    *,
    min_frequency: int,
    sparse: Sparse,
    standardize: bool,
) -> Preprocessor | None:
    """Unfitted preprocessor, or ``None`` if these features are what a learner takes.

    Parameters
    ----------
    features : ndarray of shape (n_rows, n_columns)
        The whole table, as ``columns.coded`` makes it.
    columns : tuple of Column
        What its columns stand for; empty: all are numbers.
    min_frequency, sparse, standardize
        See ``Preprocessor``.
    """
    complete = not np.isnan(features.min())  # which takes no memory, unlike a mask
    if complete and not standardize and all(column.kind == "number" for column in columns):
        return None
    return Preprocessor(
        columns or tuple(Column(f"x{i}", "number") for i in range(features.shape[1])),
        min_frequency=min_frequency,
        sparse=sparse,
        standardize=standardize,
        complete=complete,
    )
