"""Learning curves over repeats, and the numbers that sum them up."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from active_learning.core.errors import ArtifactError

# Scores are kept to nine significant digits: means, areas and differences of them that are no
# further apart than this are equal.
AGREE = 1e-7


@dataclass(frozen=True)
class LearningCurve:
    """Score of one strategy after the initial fit and after every batch, in every repeat.

    Attributes
    ----------
    labels : ndarray of shape (n_points,), int
        Initial labels and labels bought since; an answer that was refused is paid for too.
    scores : ndarray of shape (n_repeats, n_points)
    greater_is_better : bool
    early_ends : ndarray of shape (n_repeats,), int, optional
        Labels at which each repeat ended, where not all went on to the last point; from then on
        its score stays what it was.
    """

    labels: NDArray[Any]
    scores: NDArray[np.float64]
    greater_is_better: bool
    early_ends: NDArray[np.int64] | None = None

    @classmethod
    def from_table(
        cls,
        table: pd.DataFrame,
        scorer: str,
        greater_is_better: bool,
        labels: NDArray[np.int64] | None = None,
    ) -> Self:
        """Curve of one scorer from a table with ``repeat``, ``labels`` and the scorers' columns.

        Parameters
        ----------
        table : DataFrame
        scorer : str
        greater_is_better : bool
        labels : ndarray of shape (n_points,), int, optional
            Points of the longest run, where runs may end early; by default they may not.

        Raises
        ------
        ArtifactError
            If a point is missing.
        """
        wide = table.pivot(index="repeat", columns="labels", values=scorer)
        ends = None
        if labels is not None:
            ends = table.groupby("repeat")["labels"].max().to_numpy()
            wide = wide.reindex(columns=labels)
            ended = labels > ends[:, None]
            wide = wide.where(~ended, wide.ffill(axis=1))
        if wide.isna().to_numpy().any():
            raise ArtifactError(
                f"the learning curves of {scorer} differ in length; rerun the loop."
            )
        return cls(wide.columns.to_numpy(), wide.to_numpy(), greater_is_better, ends)

    @property
    def ends(self) -> NDArray[np.int64]:
        """Labels at which each repeat ended: (n_repeats,)."""
        if self.early_ends is not None:
            return self.early_ends
        return np.full(len(self.scores), self.labels[-1])

    @property
    def mean(self) -> NDArray[np.float64]:
        """Mean over the repeats: (n_points,)."""
        return np.asarray(self.scores.mean(axis=0))

    @property
    def initial(self) -> NDArray[np.float64]:
        """Score before the first query, for each repeat: (n_repeats,)."""
        return self.scores[:, 0]

    @property
    def final(self) -> NDArray[np.float64]:
        """Score at the end, for each repeat: (n_repeats,)."""
        return self.scores[:, -1]

    @property
    def aulc(self) -> NDArray[np.float64]:
        """Area under the learning curve, for each repeat: (n_repeats,); see ``aulc``."""
        return aulc(self.labels, self.scores)

    def bought_to_reach(self, target: float) -> int | None:
        """Labels bought until the mean curve is first as good as ``target``, ``None`` if never."""
        return bought_to_reach(self.labels, self.mean, target, self.greater_is_better)


def aulc(labels: ArrayLike, scores: ArrayLike) -> NDArray[np.float64]:
    """Trapezoid area under a learning curve, divided by its width in labels.

    It is the mean height of the curve, in the units of the score.

    Parameters
    ----------
    labels : array-like of shape (n_points,)
    scores : array-like of shape (..., n_points)

    Returns
    -------
    ndarray of shape (...)
        Of a single point, its score.
    """
    labels, scores = np.asarray(labels), np.asarray(scores)
    if len(labels) == 1:
        return np.asarray(scores[..., 0])
    return np.asarray(_trapezoid(scores, np.diff(labels)) / (labels[-1] - labels[0]))


def aubc_lu2023(scores: ArrayLike) -> NDArray[np.float64]:
    """Area under the budget curve as Lu et al. take it, to compare with their figures.

    Trapezoid over the scores after query 1 to T, T − 1 intervals, divided by T: below the mean
    height by about 1/T of it. Step 0 is left out.

    Reference: Lu, Li & Lin, "Re-benchmarking pool-based active learning for binary
    classification", arXiv 2306.08954, 2023, and the code published with it.

    Parameters
    ----------
    scores : array-like of shape (..., T + 1)
        After the initial fit and after every query of one row.

    Returns
    -------
    ndarray of shape (...)
    """
    after = np.asarray(scores)[..., 1:]
    return np.asarray(_trapezoid(after, 1) / after.shape[-1])


def _trapezoid(heights: NDArray[np.float64], widths: Any) -> NDArray[np.float64]:
    """Area under points, along the last axis; as ``np.trapezoid``, which NumPy 1 has not."""
    return np.asarray((widths * (heights[..., 1:] + heights[..., :-1]) / 2.0).sum(axis=-1))


def gap_closed(initial: float, final: float, ceiling: float, greater_is_better: bool) -> float:
    """Change of the score as a share of what full supervision would give; NaN if that is nothing.

    (final − initial) / (ceiling − initial), negative where the score got worse. A gap of no
    more than ``AGREE`` is none.
    """
    gap = ceiling - initial
    if (gap if greater_is_better else -gap) <= AGREE:
        return float("nan")
    return (final - initial) / gap


def bought_to_reach(
    labels: NDArray[np.int64], scores: NDArray[np.float64], target: float, greater_is_better: bool
) -> int | None:
    """Labels bought until a curve is first as good as ``target``, ``None`` if never.

    Parameters
    ----------
    labels, scores : ndarray of shape (n_points,)
    target : float
        Reached by a score that misses it by no more than ``AGREE``.
    greater_is_better : bool
    """
    excess = scores - target if greater_is_better else target - scores
    reached = np.flatnonzero(excess >= -AGREE)
    return int(labels[reached[0]] - labels[0]) if len(reached) else None


def label_savings(
    curve: LearningCurve, control: LearningCurve, repeats: NDArray[np.int64] | None = None
) -> float:
    """Share of labels that a strategy saves on the way to the control's final mean score.

    1 − labels bought by the strategy / labels bought by the control, each until its mean curve
    is first as good as the control's final mean.

    Parameters
    ----------
    curve, control : LearningCurve
    repeats : ndarray of int, optional
        Repeats to take the means over, with repetition; all by default.

    Returns
    -------
    float
        NaN where the strategy never gets there, or the control is there before it buys anything.
    """
    chosen = slice(None) if repeats is None else repeats
    ours, theirs = curve.scores[chosen].mean(axis=0), control.scores[chosen].mean(axis=0)
    better = curve.greater_is_better
    needed = bought_to_reach(control.labels, theirs, theirs[-1], better)
    spent = bought_to_reach(curve.labels, ours, theirs[-1], better)
    return 1 - spent / needed if needed and spent is not None else float("nan")
