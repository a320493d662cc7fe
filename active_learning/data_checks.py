"""What in a table is probably a mistake, said in words, with counts.

Each check gives one sentence, or nothing. None of them is proof: a person has to look.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from active_learning.base.columns import Kind, coded

Kinds = Mapping[str, Kind]

# A class needs a row in the test set, in the initial set and in the pool.
_PARTS = 3
# Below this, chance alone makes a column look like what the checks look for.
_FEW_ROWS = 20
# Numbers that lost their point end in 0 at most this often; one number in ten does.
_SHARE_OF_ZEROS = 0.025
_ROWS_FOR_ZEROS = 80
# A column that gives the target away: balanced accuracy alone, and its errors over those of the
# other columns together.
_ALONE = 0.95
_ERRORS_LEFT = 0.25
_PERFECT = 0.99
_ROWS_TO_LEARN = 2000
_LARGEST = 1e30  # scikit-learn's trees, and sums of their columns, are in single precision
_FOLDS = 3
_LISTED = 5


def find(table: pd.DataFrame, kinds: Kinds) -> dict[str, str]:
    """Look for everything that is suspicious.

    Parameters
    ----------
    table : DataFrame
        Features, then columns with a role, and the target last, as text.
    kinds : dict of str to str
        Kind of each feature.

    Returns
    -------
    dict of str to str
        What was found, by the name of the check.
    """
    features, labels = table[list(kinds)], table[table.columns[-1]]
    found = {
        "duplicate_rows": duplicate_rows(features, labels),
        "small_classes": small_classes(labels),
        "constant_columns": constant_columns(features),
        "id_columns": id_columns(features, kinds),
        "numbers_as_texts": numbers_as_texts(features, kinds),
        "lost_decimal_points": lost_decimal_points(features, kinds),
        "target_given_away": target_given_away(features, labels, kinds),
    }
    return {name: text for name, text in found.items() if text}


def duplicate_rows(features: pd.DataFrame, labels: "pd.Series[str]") -> str | None:
    """Rows that are the same in every feature; in test and pool both, they flatter the score."""
    keys = pd.util.hash_pandas_object(features, index=False)
    twins = keys.duplicated(keep=False).to_numpy()
    if not twins.any():
        return None
    torn = labels[twins].groupby(keys[twins]).nunique()
    contrary = int(keys[twins].isin(torn.index[torn > 1]).sum())
    return (
        f"{twins.sum()} of {len(keys)} rows have a duplicate, the same in every feature; "
        f"{contrary} of them have one of another class. A row can then stand in the test set and "
        "in the pool."
    )


def small_classes(labels: "pd.Series[str]") -> str | None:
    """Classes that cannot be in the test set, the initial set and the pool."""
    counts = labels.value_counts().sort_index()
    small = counts[counts < _PARTS]
    if small.empty:
        return None
    return (
        f"{len(small)} of {len(counts)} classes have fewer than {_PARTS} rows, one each for test "
        f"set, initial set and pool: {_listed(f'{name!r} ({n})' for name, n in small.items())}."
    )


def constant_columns(features: pd.DataFrame) -> str | None:
    """Columns that are the same in every row."""
    constant = [name for name in features if len(features[name].unique()) == 1]
    if not constant:
        return None
    return f"{_columns(constant)} the same in every row, and can be left out."


def id_columns(features: pd.DataFrame, kinds: Kinds) -> str | None:
    """Columns that number the rows, or name them."""
    found = [name for name in features if _is_id(features[name], kinds[str(name)])]
    if not found:
        return None
    return f"{_columns(found)} different in every row, like an id: make it the id, or leave it out."


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
    """Columns of texts that are mostly numbers: some of their values are spoilt."""
    found = []
    for name in features:
        values = features[name].dropna() if kinds[str(name)] == "category" else pd.Series()
        numbers = pd.to_numeric(values.astype(object), errors="coerce")
        spoilt = values[numbers.isna()]
        if numbers.nunique() >= _FEW_ROWS and 0 < len(spoilt) < len(values) / 2:
            found.append(f"{name!r} ({len(spoilt)} of {len(values)}, such as {spoilt.iloc[0]!r})")
    if not found:
        return None
    return (
        f"{_many(found, 'column is', 'columns are')} numbers but for a few texts, and so taken for "
        f"a category: {_listed(found)}. Name the texts in generate.table.missing, or mend them."
    )


def lost_decimal_points(features: pd.DataFrame, kinds: Kinds) -> str | None:
    """Columns of numbers such as 2208, 225 and 16 that were 22.08, 22.5 and 16.0.

    Written without their trailing zeros and read without their point, whole numbers of 10 and more
    hardly ever end in 0. Of whole numbers that are sound, one in ten does or more.
    """
    found = []
    for name in features:
        if kinds[str(name)] == "number":
            ends = _ends_in_zero(features[name].dropna().to_numpy())
            if ends:
                found.append(f"{name!r} ({ends[0]} of {ends[1]})")
    if not found:
        return None
    return (
        f"{_many(found, 'column has', 'columns have')} hardly any number that ends in 0, of those "
        f"of 10 or more: {_listed(found)}. The decimal points may have been lost (22.08, 22.5 and "
        "16.0 read as 2208, 225 and 16); compare with the source."
    )


def _ends_in_zero(values: NDArray[np.float64]) -> tuple[int, int] | None:
    """How many end in 0 and how many there are, if suspiciously few do."""
    if (values % 1 != 0).any():
        return None
    large = values[np.abs(values) >= 10]  # noqa: PLR2004 - one digit has no zero to lose
    different, counts = np.unique(large, return_counts=True)
    # A value that fills half of the column is a limit or a code, and says nothing.
    rows = len(large) - counts.max(initial=0)
    zeros, zero_values = int((large % 10 == 0).sum()), (different % 10 == 0).sum()
    if len(different) < _FEW_ROWS or rows < _ROWS_FOR_ZEROS:
        return None
    few = zeros <= _SHARE_OF_ZEROS * rows and zero_values <= _SHARE_OF_ZEROS * len(different)
    return (zeros, len(large)) if few else None


def target_given_away(features: pd.DataFrame, labels: "pd.Series[str]", kinds: Kinds) -> str | None:
    """Columns that predict the target almost alone, much better than all the others together.

    The score is the balanced accuracy of a small tree, cross-validated. A column is named if it
    reaches 0.95 and makes less than a quarter of the errors that the other columns make; where a
    problem is easy for all of them, none is. Columns that reach 0.99 are not among the others,
    unless most of them do.
    """
    rows = _rows_to_learn(labels)
    if rows is None:
        return None
    learnt = features.iloc[rows]
    matrix, columns = coded(learnt.items(), learnt.shape, kinds)
    np.clip(matrix, -_LARGEST, _LARGEST, out=matrix)
    coded_as = np.array([bool(column.values) for column in columns])
    truth = labels.iloc[rows].to_numpy()
    alone = np.array([_score(matrix[:, [i]], truth, coded_as[[i]]) for i in range(len(columns))])
    perfect = alone >= _PERFECT
    if perfect.sum() > len(columns) / 2:  # then it is the problem that is easy
        perfect[:] = False
    found = []
    for i in np.flatnonzero(alone >= _ALONE):
        rest = ~perfect & (np.arange(len(columns)) != i)
        others = _score(matrix[:, rest], truth, coded_as[rest]) if rest.any() else 1.0
        if others < _PERFECT and 1 - alone[i] < _ERRORS_LEFT * (1 - others):
            found.append(f"{columns[i].name!r} ({alone[i]:.3f}; the others {others:.3f})")
    if not found:
        return None
    return (
        f"{_many(found, 'column predicts', 'columns predict')} the target almost alone, by "
        f"balanced accuracy: {_listed(found)}. Would it be known before the label is?"
    )


def _rows_to_learn(labels: "pd.Series[str]") -> NDArray[np.int64] | None:
    """At most 2,000 rows, always the same, of classes that are in every fold."""
    # Drawn, since the classes of a table may take turns.
    drawn = np.sort(np.random.default_rng(0).permutation(len(labels))[:_ROWS_TO_LEARN])
    counts = labels.iloc[drawn].value_counts()
    kept = labels.iloc[drawn].isin(counts.index[counts >= _FOLDS]).to_numpy()
    enough = (counts >= _FOLDS).sum() >= 2 and kept.sum() >= _FEW_ROWS  # noqa: PLR2004 - classes
    return drawn[kept] if enough else None


def _score(matrix: NDArray[np.floating], truth: NDArray[Any], coded_as: NDArray[np.bool_]) -> float:
    """Cross-validated balanced accuracy of a small tree; codes become shares of the classes."""
    from sklearn.compose import make_column_transformer
    from sklearn.model_selection import KFold, StratifiedKFold, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import TargetEncoder
    from sklearn.tree import DecisionTreeClassifier

    tree = DecisionTreeClassifier(max_leaf_nodes=2 * len(np.unique(truth)) + 6, random_state=0)
    encode = make_column_transformer(
        (TargetEncoder(cv=KFold(_FOLDS, shuffle=True, random_state=0)), coded_as),
        remainder="passthrough",
    )
    model = make_pipeline(encode, tree) if coded_as.any() else tree
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=0)  # tables are often sorted
    scores = cross_val_score(model, matrix, truth, cv=folds, scoring="balanced_accuracy")
    return float(scores.mean())


def _many(found: list[Any], one: str, more: str) -> str:
    return f"1 {one}" if len(found) == 1 else f"{len(found)} {more}"


def _columns(names: list[Any]) -> str:
    listed = _listed(map(repr, names))
    return f"{_many(names, 'column', 'columns')} ({listed}) {'is' if len(names) == 1 else 'are'}"


def _listed(texts: Any) -> str:
    shown = list(texts)
    more = f" and {len(shown) - _LISTED} more" if len(shown) > _LISTED else ""
    return ", ".join(shown[:_LISTED]) + more
