"""Columns that give the target away: by their values, or by whether they are filled."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from active_learning.core.sentences import count, listed
from active_learning.data.columns import FLOATS, Kind, encode_columns

Kinds = Mapping[str, Kind]

# With fewer rows, a column can predict the target by chance.
_FEW_ROWS = 20
_FEW_OF_A_CLASS = 10
# A leaking column: minimum balanced accuracy alone, and maximum ratio of its errors to those of
# all other columns together.
_ALONE = 0.95
_ERRORS_LEFT = 0.25
_PERFECT = 0.99
_OTHERS_FOR_A_CLASS = 0.9  # that one class of several is easily told apart by a column is common
_CHANCE = 1e-6  # probability that a column is filled for one class only
_ROWS_TO_LEARN = 2000
# Trees are fitted for columns with such an estimate of a score, and for so many of them.
_PROMISING = 0.7
_COLUMNS_TO_TRY = 50
_LARGEST = 1e30  # scikit-learn's trees, and sums over their columns, use single precision
_FOLDS = 3


def target_given_away(
    features: pd.DataFrame,
    labels: "pd.Series[str]",
    kinds: Kinds,
    groups: NDArray[Any] | None = None,
) -> str | None:
    """Columns that alone predict the target, or one class, much better than all others together.

    The score is the cross-validated balanced accuracy of a small tree. A column is reported if it
    reaches 0.95 with less than a quarter of the errors of the other columns together, unless those
    reach 0.99 (for one of several classes: 0.9). Columns that reach 0.99 alone are left out of "the
    others", unless most columns do. A column is also reported if whether it is filled predicts a
    class with 0.95, or if it is filled, or missing, for one class only.

    The rows of a group are in the same fold. Trees are fitted to columns whose score is 0.7 or
    more by an estimate, at most the 50 best for all classes together, and for each.
    """
    rows = _rows_to_learn(labels, groups)
    if rows is None:
        return None
    sample = features.iloc[rows]
    classes, truth = np.unique(labels.iloc[rows].to_numpy(object), return_inverse=True)
    row_groups = None if groups is None else groups[rows]
    single = ~pd.Series(rows if row_groups is None else row_groups).duplicated().to_numpy()
    filled = list(_filled_by_class(sample[single].notna(), classes, truth[single]))
    names = {name for name, _ in filled}
    rest = [name for name in kinds if name not in names]
    values = list(
        _predicting(sample[rest], {n: kinds[n] for n in rest}, classes, truth, row_groups)
    )
    sentences = []
    if values:
        sentences.append(
            f"{count(len(values), 'column predicts', 'columns predict')} the target"
            f"{' or a class' if len(classes) > 2 else ''} almost perfectly, by balanced accuracy: "
            f"{listed(values)}."
        )
    if filled:
        sentences.append(
            f"{count(len(filled), 'column gives', 'columns give')} a class away by whether a value "
            f"is missing: {listed(f'{name!r} ({text})' for name, text in filled)}."
        )
    return " ".join([*sentences, "Is this known before the label is?"]) if sentences else None


def _filled_by_class(
    filled: pd.DataFrame, classes: NDArray[Any], truth: NDArray[np.int64]
) -> Iterator[tuple[str, str]]:
    """Columns for which a value is missing, or is not, depending on the class."""
    members = truth == np.arange(len(classes))[:, None]
    n_members = members.sum(axis=1)
    large = np.minimum(n_members, len(truth) - n_members) >= _FEW_OF_A_CLASS
    n_filled = filled.to_numpy().sum(axis=0)
    of_class = members.astype(np.float64) @ filled.to_numpy(np.float64)
    for i, name in enumerate(filled):
        if n_filled[i] in {0, len(truth)}:
            continue
        inside = of_class[:, i] / n_members
        outside = (n_filled[i] - of_class[:, i]) / (len(truth) - n_members)
        scores = np.where(large, 0.5 + np.abs(inside - outside) / 2, 0)
        best = int(scores.argmax())
        if scores[best] >= _ALONE:
            yield str(name), f"class {classes[best]!r}, {scores[best]:.3f}"
            continue
        for word, counts in (("filled", of_class[:, i]), ("missing", n_members - of_class[:, i])):
            n, only = counts.sum(), int(counts.argmax())
            by_chance = (n_members[only] / len(truth)) ** n
            if counts[only] == n >= _FEW_OF_A_CLASS and by_chance < _CHANCE:
                yield str(name), f"{word} only for class {classes[only]!r}"


def _predicting(
    features: pd.DataFrame,
    kinds: Kinds,
    classes: NDArray[Any],
    truth: NDArray[np.int64],
    groups: NDArray[Any] | None,
) -> Iterator[str]:
    """Columns that alone predict the target, or a class, with the scores that show it."""
    if not kinds:
        return
    folds = _Folds(features, kinds, truth, groups)
    names = list(kinds)
    alone = folds.score_each()
    reported: set[int] = set()
    for target in range(alone.shape[1]):
        score, limit = alone[:, target], _OTHERS_FOR_A_CLASS if target else _PERFECT
        for i, others in _standing_out(score, lambda rest, t=target: folds.score(rest)[t]):
            if i not in reported and others < limit:
                reported.add(i)
                what = f"class {classes[target - 1]!r} against the rest " if target else ""
                yield f"{names[i]!r} ({what}{score[i]:.3f}; all others together {others:.3f})"


def _standing_out(alone: NDArray[np.float64], score: Any) -> Iterator[tuple[int, float]]:
    """Columns with far fewer errors than all others together, and the score of those."""
    perfect = alone >= _PERFECT
    if perfect.sum() > len(alone) / 2:  # an easy problem
        perfect[:] = False
    suspects = np.flatnonzero(alone >= _ALONE)
    for i in suspects[np.argsort(-alone[suspects], kind="stable")]:
        rest = ~perfect & (np.arange(len(alone)) != i)
        # All others together are about as good as the best of them, or better.
        least = alone[rest].max(initial=0)
        if 1 - alone[i] >= _ERRORS_LEFT * (1 - least):
            continue
        others = score(rest) if rest.any() else 1.0
        if others < _PERFECT and 1 - alone[i] < _ERRORS_LEFT * (1 - others):
            yield int(i), others


class _Folds:
    """Folds of a sample, with every column encoded as floats, to score columns with.

    Parameters
    ----------
    features : DataFrame
    kinds : dict of str to str
    truth : ndarray of shape (n_rows,)
        Class indices.
    groups : ndarray of shape (n_rows,), optional
        Their rows are in the same fold.
    """

    def __init__(
        self,
        features: pd.DataFrame,
        kinds: Kinds,
        truth: NDArray[np.int64],
        groups: NDArray[Any] | None = None,
    ) -> None:
        self.strings = np.array([kind not in FLOATS for kind in kinds.values()])
        float_kinds = {name: kind for name, kind in kinds.items() if kind in FLOATS}
        of_floats = ((name, features[name]) for name in float_kinds)
        self.numbers: Any = encode_columns(of_floats, float_kinds, len(features))
        order = np.random.default_rng(0).permutation(len(truth))
        self.codes = _codes(features.loc[:, self.strings], order)
        self.truth, self.groups, self.n_classes = truth, groups, int(truth.max()) + 1
        self.scores: dict[bytes, NDArray[np.float64]] = {}

    def score_each(self) -> NDArray[np.float64]:
        """Scores of every column alone; 0 for those that cannot be suspicious."""
        numbers, codes = iter(self.numbers.T), iter(self.codes.T)
        bins = (next(codes) + 1 if text else _bins(next(numbers)) for text in self.strings)
        estimates = np.array([_estimate(each, self.truth) for each in bins])
        best = np.argsort(-estimates, axis=0, kind="stable")[:_COLUMNS_TO_TRY]
        promising = np.unique(best[np.take_along_axis(estimates, best, axis=0) >= _PROMISING])
        scores = np.zeros_like(estimates)
        for i in promising:
            scores[i] = self.score(np.arange(len(scores)) == i)
        return scores

    def score(self, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Balanced accuracy of a small tree on the chosen columns: of all, of each class.

        Of two classes, each is told from the rest as both are from each other.
        """
        key = chosen.tobytes()
        if key not in self.scores:
            counts = [self._count(chosen, part) for part in self._parts]
            if self.groups is not None:  # a fold may lack a class
                counts = [np.sum(counts, axis=0)]
            self.scores[key] = np.mean([self._balanced(each) for each in counts], axis=0)
        return self.scores[key]

    @cached_property
    def _parts(self) -> list[tuple[Any, ...]]:
        """Of each fold: columns, their values and the classes, to learn from and to test on."""
        from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

        numbers = self.numbers.clip(-_LARGEST, _LARGEST).astype(np.float32)
        texts, columns = np.flatnonzero(self.strings), np.flatnonzero(~self.strings)
        make = StratifiedKFold if self.groups is None else StratifiedGroupKFold
        folds = make(_FOLDS, shuffle=True, random_state=0)  # tables are often sorted
        parts = []
        for train, test in folds.split(numbers, self.truth, self.groups):
            learnt, tested, each = numbers[train], numbers[test], columns
            if len(texts):
                of_rows = None if self.groups is None else self.groups[train]
                shares = _shares(self.codes[train], self.codes[test], self.truth[train], of_rows)
                learnt, tested = np.hstack([shares[0], learnt]), np.hstack([shares[1], tested])
                each = np.append(np.repeat(texts, shares[0].shape[1] // len(texts)), columns)
            values = (np.asfortranarray(part, dtype=np.float32) for part in (learnt, tested))
            parts.append((each, *values, self.truth[train], self.truth[test]))
        return parts

    def _count(self, chosen: NDArray[np.bool_], part: tuple[Any, ...]) -> NDArray[np.float64]:
        """Number of rows by class and by the class that a tree answers."""
        from sklearn.tree import DecisionTreeClassifier

        columns, learnt, tested, known, truth = part
        used = chosen[columns]
        tree = DecisionTreeClassifier(max_leaf_nodes=2 * self.n_classes + 6, random_state=0)
        answers = tree.fit(learnt[:, used], known).predict(tested[:, used])
        counts = np.zeros((self.n_classes, self.n_classes))
        np.add.at(counts, (truth, answers), 1)
        return counts

    def _balanced(self, counts: NDArray[np.float64]) -> NDArray[np.float64]:
        n, hits = counts.sum(axis=1), counts.diagonal()
        recall = hits / n
        if self.n_classes == 2:  # two classes
            return np.array([recall.mean()])
        others = 1 - (counts.sum(axis=0) - hits) / (counts.sum() - n)
        return np.append(recall.mean(), (recall + others) / 2)


def _codes(texts: pd.DataFrame, order: NDArray[np.int64]) -> NDArray[np.int64]:
    """Numbers that stand for texts, the first in this order of the rows first; -1 if missing."""
    codes = np.empty(texts.shape, dtype=np.int64)
    for j, column in enumerate(texts.to_numpy(object).T):
        codes[order, j] = pd.factorize(column[order])[0]
    return codes


def _shares(
    learnt: NDArray[np.int64],
    tested: NDArray[np.int64],
    known: NDArray[np.int64],
    groups: NDArray[Any] | None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Codes as shares of the classes, for rows to learn from and rows to test on."""
    import sklearn
    from sklearn.model_selection import GroupKFold, KFold
    from sklearn.preprocessing import TargetEncoder

    if groups is None:
        encoder = TargetEncoder(cv=KFold(_FOLDS, shuffle=True, random_state=0))
        return encoder.fit_transform(learnt, known), encoder.transform(tested)
    encoder = TargetEncoder(cv=GroupKFold(2))
    with sklearn.config_context(enable_metadata_routing=True):
        return encoder.fit_transform(learnt, known, groups=groups), encoder.transform(tested)


def _bins(column: NDArray[np.float64]) -> NDArray[np.int64]:
    """Bins of about equally many rows, or one for each value if these are few; NaN has its own."""
    n_bins = int(2 * np.sqrt(len(column)))
    ordered = np.sort(column)
    last = np.unique(ordered)
    if len(last) > n_bins:
        last = np.unique(ordered[np.linspace(0, len(column) - 1, n_bins).astype(int)])
    return np.searchsorted(last, column)


def _estimate(bins: NDArray[np.int64], truth: NDArray[np.int64]) -> NDArray[np.float64]:
    """Estimate the scores of a column: of each row by the other rows in its bin.

    The answer is the class that has the largest share of its rows there; ties count half.
    """
    sizes = np.bincount(truth)
    n_classes, n_others = len(sizes), len(truth) - sizes
    counts = np.bincount(bins * n_classes + truth, minlength=(bins.max() + 1) * n_classes)
    counts = counts.reshape(-1, n_classes)
    others = counts.sum(axis=1, keepdims=True) - counts
    inside, outside = counts / sizes, others / n_others
    hits = inside * np.heaviside((counts - 1) / sizes - outside, 0.5)
    rejected = outside * np.heaviside((others - 1) / n_others - inside, 0.5)
    of_classes = (hits + rejected).sum(axis=0) / 2
    if n_classes == 2:  # two classes
        return np.asarray(of_classes[:1])
    top_two = np.partition(inside, -2, axis=1)[:, -2:]
    best = np.where(
        inside == top_two[:, 1:], top_two[:, :1], top_two[:, 1:]
    )  # of the other classes
    of_all = (inside * np.heaviside((counts - 1) / sizes - best, 0.5)).sum() / n_classes
    return np.append(of_all, of_classes)


def _rows_to_learn(
    labels: "pd.Series[str]", groups: NDArray[Any] | None = None
) -> NDArray[np.int64] | None:
    """At most 2,000 rows, always the same, of classes with enough rows or groups for every fold."""
    # Sampled at random, since tables are often sorted.
    rows = np.sort(np.random.default_rng(0).permutation(len(labels))[:_ROWS_TO_LEARN])
    units = pd.Series(rows if groups is None else groups[rows], labels.index[rows])
    counts = units.groupby(labels.iloc[rows]).nunique()
    kept = labels.iloc[rows].isin(counts.index[counts >= _FOLDS]).to_numpy()
    enough = (counts >= _FOLDS).sum() >= 2 and kept.sum() >= _FEW_ROWS  # classes
    return rows[kept] if enough else None
