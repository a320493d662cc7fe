"""Checks for likely mistakes in a table.

Each check returns a sentence with counts, or ``None``. A finding is a hint, not a proof.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from active_learning.data.columns import FLOATS, Kind, encode_columns
from active_learning.data.dataset import Dataset
from active_learning.data.table import Table
from active_learning.data.target import alike_classes, frequent_class, quantity_as_classes

Kinds = Mapping[str, Kind]
Repeats = Sequence[Mapping[str, NDArray[np.int64]]]

# A class needs a row in the test set, in the initial set and in the pool.
_PARTS = 3
# With fewer rows a column can look suspicious by chance.
_FEW_ROWS = 20
# A leaking column: minimum balanced accuracy alone, and maximum ratio of its errors to those of
# all other columns together.
_ALONE = 0.95
_ERRORS_LEFT = 0.25
_PERFECT = 0.99
_ROWS_TO_LEARN = 2000
_LARGEST = 1e30  # scikit-learn's trees, and sums over their columns, use single precision
_FOLDS = 3
_LISTED = 5


# What may be as it should: no reason to fail where warnings are errors.
HINTS = {"frequent_class"}


def find_problems(table: Table) -> dict[str, str]:
    """Sentences about everything suspicious, by the name of the check."""
    features, labels, kinds = table.features, table.labels, table.kinds
    problems = {
        "duplicate_rows": duplicate_rows(features, labels),
        "small_classes": small_classes(labels),
        "alike_classes": alike_classes(labels),
        "quantity_as_classes": quantity_as_classes(labels),
        "frequent_class": frequent_class(labels),
        "constant_columns": constant_columns(features),
        "id_columns": id_columns(features, kinds),
        "numbers_as_texts": numbers_as_texts(features, kinds),
        "target_given_away": target_given_away(features, labels, kinds),
    }
    return {name: text for name, text in problems.items() if text}


def duplicate_rows(features: pd.DataFrame, labels: "pd.Series[str]") -> str | None:
    """Rows that are equal in every feature; across test set and pool they inflate the score."""
    hashes = hash_rows(features)
    duplicate = hashes.duplicated(keep=False)
    if not duplicate.any():
        return None
    n_classes = labels[duplicate].groupby(hashes[duplicate]).nunique()
    contrary = int(hashes[duplicate].isin(n_classes.index[n_classes > 1]).sum())
    return (
        f"{duplicate.sum()} of {len(hashes)} rows have a duplicate, equal in every feature; "
        f"{contrary} of them have one of another class. Copies of a row can end up in both the "
        "test set and the pool."
    )


def hash_rows(features: pd.DataFrame) -> "pd.Series[int]":
    """Hash of each row, the same for rows that are equal in every feature."""
    return pd.util.hash_pandas_object(features, index=False)


def small_classes(labels: "pd.Series[str]") -> str | None:
    """Classes too small for test set, initial set and pool to have a row each."""
    counts = labels.value_counts().sort_index()
    small = counts[counts < _PARTS]
    if small.empty:
        return None
    return (
        f"{len(small)} of {len(counts)} classes have fewer than {_PARTS} rows, too few for one in "
        "each of test set, initial set and pool: "
        f"{_listed(f'{name!r} ({n})' for name, n in small.items())}."
    )


def constant_columns(features: pd.DataFrame) -> str | None:
    """Columns with a single value."""
    constant = [name for name in features if len(features[name].unique()) == 1]
    if not constant:
        return None
    return f"{_columns(constant)} constant and can be dropped."


def id_columns(features: pd.DataFrame, kinds: Kinds) -> str | None:
    """Columns that look like row numbers or row names."""
    suspects = [name for name in features if _is_id(features[name], kinds[str(name)])]
    if not suspects:
        return None
    return f"{_columns(suspects)} different in every row, like an id: declare it as id, or drop it."


def _is_id(column: "pd.Series[Any]", kind: Kind) -> bool:
    if len(column) < _FEW_ROWS or not column.is_unique or column.hasnans:
        return False
    if kind == "category":
        return True
    if kind != "number" or (column % 1 != 0).any():
        return False
    counts_up = column.is_monotonic_increasing or column.is_monotonic_decreasing
    return bool(counts_up or column.max() - column.min() == len(column) - 1)


def numbers_as_texts(features: pd.DataFrame, kinds: Kinds) -> str | None:
    """Text columns that are mostly numbers: some of their values are probably typos."""
    suspects = []
    for name in features:
        values = features[name].dropna() if kinds[str(name)] == "category" else pd.Series()
        numbers = pd.to_numeric(values.astype(object), errors="coerce")
        texts = values[numbers.isna()]
        if numbers.nunique() >= _FEW_ROWS and 0 < len(texts) < len(values) / 2:
            suspects.append(f"{name!r} ({len(texts)} of {len(values)}, such as {texts.iloc[0]!r})")
    if not suspects:
        return None
    return (
        f"{_many(suspects, 'column is', 'columns are')} mostly numbers but treated as a category "
        f"because of some text values: {_listed(suspects)}. List these values under missing, or "
        "correct them."
    )


def target_given_away(features: pd.DataFrame, labels: "pd.Series[str]", kinds: Kinds) -> str | None:
    """Columns that alone predict the target much better than all others together.

    The score is the cross-validated balanced accuracy of a small tree. A column is reported if it
    reaches 0.95 with less than a quarter of the errors of the other columns together, unless those
    reach 0.99. Columns that reach 0.99 alone are left out of "the others", unless most columns do.
    """
    rows = _rows_to_learn(labels)
    if rows is None:
        return None
    columns = features.iloc[rows].items()
    encoded = pd.DataFrame(encode_columns(columns, kinds, len(rows)))
    names, truth = np.array(list(kinds), dtype=object), labels.iloc[rows].to_numpy()
    strings = np.array([kind not in FLOATS for kind in kinds.values()])

    def score(chosen: NDArray[np.bool_]) -> float:
        return _score(encoded.loc[:, chosen], truth, strings[chosen])

    each = np.eye(len(names), dtype=bool)
    alone = np.array([score(one) for one in each])
    perfect = alone >= _PERFECT
    if perfect.sum() > len(names) / 2:  # an easy problem
        perfect[:] = False
    suspects = []
    for i in np.flatnonzero(alone >= _ALONE):
        rest = ~perfect & ~each[i]
        others = score(rest) if rest.any() else 1.0
        if others < _PERFECT and 1 - alone[i] < _ERRORS_LEFT * (1 - others):
            suspects.append(f"{names[i]!r} ({alone[i]:.3f}; all others together {others:.3f})")
    if not suspects:
        return None
    return (
        f"{_many(suspects, 'column predicts', 'columns predict')} the target almost perfectly, by "
        f"balanced accuracy: {_listed(suspects)}. Is this known before the label is?"
    )


def _rows_to_learn(labels: "pd.Series[str]") -> NDArray[np.int64] | None:
    """At most 2,000 rows, always the same, of classes with enough rows for every fold."""
    # Sampled at random, since tables are often sorted.
    rows = np.sort(np.random.default_rng(0).permutation(len(labels))[:_ROWS_TO_LEARN])
    counts = labels.iloc[rows].value_counts()
    kept = labels.iloc[rows].isin(counts.index[counts >= _FOLDS]).to_numpy()
    enough = (counts >= _FOLDS).sum() >= 2 and kept.sum() >= _FEW_ROWS  # noqa: PLR2004 - classes
    return rows[kept] if enough else None


def _score(features: pd.DataFrame, truth: NDArray[Any], strings: NDArray[np.bool_]) -> float:
    """Cross-validated balanced accuracy of a small tree; strings are target-encoded."""
    from sklearn.compose import make_column_transformer
    from sklearn.model_selection import KFold, StratifiedKFold, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, TargetEncoder
    from sklearn.tree import DecisionTreeClassifier

    shares = TargetEncoder(cv=KFold(_FOLDS, shuffle=True, random_state=0))
    clip = FunctionTransformer(np.clip, kw_args={"a_min": -_LARGEST, "a_max": _LARGEST})
    tree = DecisionTreeClassifier(max_leaf_nodes=2 * len(np.unique(truth)) + 6, random_state=0)
    model = make_pipeline(make_column_transformer((shares, strings), (clip, ~strings)), tree)
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=0)  # tables are often sorted
    scores = cross_val_score(model, features, truth, cv=folds, scoring="balanced_accuracy")
    return float(scores.mean())


def split_problems(data: Dataset, repeats: Repeats, *, duplicates: bool) -> Iterator[str]:
    """Sentences about problems of the splits.

    Parameters
    ----------
    data : Dataset
    repeats : list of dict of str to ndarray
        As returned by ``splits.split``.
    duplicates : bool
        Whether the table has rows that are equal in every feature.
    """
    for role in ("test", "initial"):
        absent = np.zeros(len(data.classes), dtype=int)
        for parts in repeats:
            absent[np.setdiff1d(np.arange(len(absent)), data.labels[parts[role]])] += 1
        for k in np.flatnonzero(absent):
            yield (
                f"class {data.classes[k]!r} ({(data.labels == k).sum()} rows) is missing from the "
                f"{role} set in {absent[k]} of {len(repeats)} repeats."
            )
    if duplicates:
        yield from _duplicates_across(hash_rows(pd.DataFrame(data.features)).to_numpy(), repeats)


def _duplicates_across(hashes: NDArray[np.integer], repeats: Repeats) -> Iterator[str]:
    """Count the test rows with a copy in the initial set or the pool."""
    counts = [
        np.isin(hashes[parts["test"]], np.delete(hashes, parts["test"])).sum() for parts in repeats
    ]
    if any(counts):
        yield (
            f"{np.mean(counts):.1f} of {len(repeats[0]['test'])} test rows, on average, have a "
            "duplicate in the initial set or the pool: scores overestimate performance on new "
            "rows."
        )


def _many(items: list[Any], one: str, more: str) -> str:
    return f"1 {one}" if len(items) == 1 else f"{len(items)} {more}"


def _columns(names: list[Any]) -> str:
    listed = _listed(map(repr, names))
    return f"{_many(names, 'column', 'columns')} ({listed}) {'is' if len(names) == 1 else 'are'}"


def _listed(texts: Any) -> str:
    shown = list(texts)
    more = f" and {len(shown) - _LISTED} more" if len(shown) > _LISTED else ""
    return ", ".join(shown[:_LISTED]) + more
