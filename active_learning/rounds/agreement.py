"""Agreement of annotators on rows that several of them labelled."""

from collections.abc import Iterable, Mapping
from itertools import combinations

import numpy as np


def krippendorff_alpha(rows: Iterable[Mapping[str, str]]) -> float | None:
    """Krippendorff's alpha for nominal labels, 1 − observed / expected disagreement.

    Reference: Krippendorff, "Content analysis", 2004, §11.3: the coincidence matrix counts, for
    every row, each ordered pair of labels by 1 / (labels of the row − 1).

    Parameters
    ----------
    rows : iterable of dict of str to str
        For each row, the label of each annotator.

    Returns
    -------
    float or None
        1 for perfect agreement, 0 for that of chance; ``None`` if no row has two labels, or all
        labels are the same, where chance agrees as much.
    """
    several = [list(labels.values()) for labels in rows if len(labels) > 1]
    names = sorted({label for labels in several for label in labels})
    if len(names) < 2:  # no disagreement is possible
        return None
    coincidences = np.zeros((len(names), len(names)))
    for labels in several:
        counts = np.array([labels.count(name) for name in names])
        coincidences += (np.outer(counts, counts) - np.diag(counts)) / (len(labels) - 1)
    totals = coincidences.sum(axis=0)
    n = totals.sum()
    observed = n - np.trace(coincidences)
    expected = (n**2 - (totals**2).sum()) / (n - 1)
    return float(1 - observed / expected)


def cohen_kappas(rows: Iterable[Mapping[str, str]]) -> dict[tuple[str, str], float | None]:
    """Cohen's kappa of each two annotators, on the rows that both labelled.

    Parameters
    ----------
    rows : iterable of dict of str to str

    Returns
    -------
    dict of (str, str) to float or None
        ``None`` if both gave one label only, and the same: kappa is 0 / 0.
    """
    from sklearn.metrics import cohen_kappa_score

    pairs: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for labels in rows:
        for one, other in combinations(sorted(labels), 2):
            pairs.setdefault((one, other), []).append((labels[one], labels[other]))
    return {
        names: float(cohen_kappa_score(*zip(*both, strict=True)))
        if len({label for pair in both for label in pair}) > 1
        else None
        for names, both in sorted(pairs.items())
    }
