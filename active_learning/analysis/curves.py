"""Learning curves over repeats, and their summary measures."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from active_learning.core.errors import ArtifactError

# Scores are stored with nine significant digits, so means, areas and differences that are closer
# than this count as equal.
AGREE = 1e-7


@dataclass(frozen=True)
class LearningCurve:
    """Score of one strategy after the initial fit and after every batch, in every repeat.

    Attributes
    ----------
    labels : ndarray of shape (n_points,), int
        Initial labels plus labels bought since, abstentions included.
    scores : ndarray of shape (n_repeats, n_points)
    greater_is_better : bool
    early_ends : ndarray of shape (n_repeats,), int, optional
        Labels at which each repeat ended, if not all reached the last point; the last score is
        carried forward.
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
            Points of the longest run if runs may end early; by default all must have the same.

        Raises
        ------
        ArtifactError
            If the runs have different points.
        """
        wide = table.pivot(index="repeat", columns="labels", values=scorer)
        ends = None
        if labels is not None:
            ends = table.groupby("repeat")["labels"].max().to_numpy()
            wide = wide.reindex(columns=labels)
            ended = labels > ends[:, None]
            wide = wide.where(~ended, wide.ffill(axis=1))
        if wide.isna().to_numpy().any():
            raise ArtifactError(f"the learning curves of {scorer} differ in length.")
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
        """Score before the first query of each repeat: (n_repeats,)."""
        return self.scores[:, 0]

    @property
    def final(self) -> NDArray[np.float64]:
        """Final score of each repeat: (n_repeats,)."""
        return self.scores[:, -1]

    @property
    def aulc(self) -> NDArray[np.float64]:
        """Area under the learning curve of each repeat: (n_repeats,); see ``aulc``."""
        return aulc(self.labels, self.scores)

    def bought_to_reach(self, target: float) -> int | None:
        """Labels bought until the mean curve first reaches ``target``; ``None`` if never."""
        return bought_to_reach(self.labels, self.mean, target, self.greater_is_better)


def aulc(labels: ArrayLike, scores: ArrayLike) -> NDArray[np.float64]:
    """Area under a learning curve (trapezoidal rule) divided by its width in labels.

    This is the mean height of the curve, in units of the score.

    Parameters
    ----------
    labels : array-like of shape (n_points,)
    scores : array-like of shape (..., n_points)

    Returns
    -------
    ndarray of shape (...)
        For a curve of a single point, its score.
    """
    labels, scores = np.asarray(labels), np.asarray(scores)
    if len(labels) == 1:
        return np.asarray(scores[..., 0])
    return np.asarray(_trapezoid(scores, np.diff(labels)) / (labels[-1] - labels[0]))


def aubc_lu2023(scores: ArrayLike) -> NDArray[np.float64]:
    """Area under the budget curve as Lu et al. define it, for comparison with their results.

    Trapezoidal rule over the scores after queries 1 to T (step 0 is left out): T − 1 intervals,
    divided by T, so about a share 1/T below the mean height.

    Reference: Lu, Li & Lin, "Re-benchmarking pool-based active learning for binary
    classification", arXiv 2306.08954, 2023, and the code published with it.

    Parameters
    ----------
    scores : array-like of shape (..., T + 1)
        Scores after the initial fit and after every query of one row.

    Returns
    -------
    ndarray of shape (...)
    """
    after = np.asarray(scores)[..., 1:]
    return np.asarray(_trapezoid(after, 1) / after.shape[-1])


def _trapezoid(heights: NDArray[np.float64], widths: Any) -> NDArray[np.float64]:
    """``np.trapezoid`` along the last axis, for NumPy 1, which lacks it."""
    return np.asarray((widths * (heights[..., 1:] + heights[..., :-1]) / 2.0).sum(axis=-1))


def gap_closed(initial: float, final: float, ceiling: float, greater_is_better: bool) -> float:
    """Share of the gap to full supervision that is closed.

    (final − initial) / (ceiling − initial): negative if the score got worse, NaN if the gap is at
    most ``AGREE``.
    """
    gap = ceiling - initial
    if (gap if greater_is_better else -gap) <= AGREE:
        return float("nan")
    return (final - initial) / gap


def bought_to_reach(
    labels: NDArray[np.int64], scores: NDArray[np.float64], target: float, greater_is_better: bool
) -> int | None:
    """Labels bought until a curve first reaches ``target``; ``None`` if never.

    Parameters
    ----------
    labels, scores : ndarray of shape (n_points,)
    target : float
        A score within ``AGREE`` of it counts as reaching it.
    greater_is_better : bool
    """
    excess = scores - target if greater_is_better else target - scores
    reached = np.flatnonzero(excess >= -AGREE)
    return int(labels[reached[0]] - labels[0]) if len(reached) else None


def label_savings(
    curve: LearningCurve, control: LearningCurve, repeats: NDArray[np.int64] | None = None
) -> float:
    """Share of labels that a strategy saves in reaching the control's final mean score.

    1 − labels bought by the strategy / labels bought by the control, each until its mean curve
    first reaches the control's final mean.

    Parameters
    ----------
    curve, control : LearningCurve
    repeats : ndarray of int, optional
        Repeats to average over, possibly repeated; all by default.

    Returns
    -------
    float
        NaN if the strategy never reaches it, or the control does before it buys a label.
    """
    chosen = slice(None) if repeats is None else repeats
    ours, theirs = curve.scores[chosen].mean(axis=0), control.scores[chosen].mean(axis=0)
    better = curve.greater_is_better
    needed = bought_to_reach(control.labels, theirs, theirs[-1], better)
    spent = bought_to_reach(curve.labels, ours, theirs[-1], better)
    return 1 - spent / needed if needed and spent is not None else float("nan")
