"""Comparison of strategies with the random control and with full supervision."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from active_learning.analysis import statistics
from active_learning.analysis.curves import LearningCurve, gap_closed, label_savings
from active_learning.analysis.more_labels import more_labels
from active_learning.analysis.report import sentences
from active_learning.analysis.targets import DEFAULT_TARGETS, Target, target_scores
from active_learning.core import rng
from active_learning.data.files import rounded

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CONTROL = "random"
MEASURES = ("aulc", "final")


@dataclass(frozen=True)
class Comparison:
    """Learning curves of several strategies on the same splits, and how they are compared.

    Attributes
    ----------
    curves : dict of str to dict of str to LearningCurve
        By strategy and scorer; the first scorer is the headline.
    ceilings : dict of str to ndarray of shape (n_repeats,)
        For each scorer, the score with all labels of initial set and pool.
    same_as : dict of str to str
        Strategies that queried exactly the same rows as an earlier one, mapped to that one: with
        two classes all uncertainty measures do. They count as one result and one test.
    test_per_train : float
        Ratio of test rows to other rows of a split, on which intervals for another table depend.
    targets : sequence of float or str
        Headline scores to report the number of labels for, or shares of the gap from the initial
        score to the ceiling, such as ``"50%"``.
    confidence : float in (0, 1)
        Confidence level of intervals; tests use the significance level 1 − confidence.
    power : float in (0, 1)
        Power of the smallest detectable difference, and of the number of repeats.
    difference : float, above 0
        Difference in the headline score to report the number of repeats for that would detect it.
    n_resamples : int
        Bootstrap samples for the interval of the label savings.
    seed : int
        Seed of the bootstraps, of label savings and forecasts.
    control : str
        Strategy that the others are compared with.
    """

    curves: Mapping[str, Mapping[str, LearningCurve]]
    ceilings: Mapping[str, NDArray[np.float64]]
    same_as: Mapping[str, str]
    test_per_train: float
    targets: Sequence[Target] = DEFAULT_TARGETS
    confidence: float = 0.95
    power: float = 0.8
    difference: float = 0.01
    n_resamples: int = 9999
    seed: int = 0
    control: str = CONTROL

    def __str__(self) -> str:
        """Result of each strategy, and forecasts for more labels."""
        comparison = rounded(self.to_dict())
        return "\n".join(sentences(comparison))

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the mean learning curves with their intervals.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            By default, those of a new figure.

        Returns
        -------
        matplotlib Axes
        """
        import matplotlib.pyplot as plt

        from active_learning.analysis import figures

        with plt.rc_context(figures.STYLE):
            if ax is None:
                ax = plt.subplots(figsize=(7, 4.3), layout="constrained")[1]
            n_repeats = len(self.curve(self.primary).scores)
            figures.learning_curves(
                ax,
                self.curve_table(),
                styles=figures.line_styles(list(self.legends.values()), self.control),
                scorer=self.headline,
                ceiling=float(self.ceilings[self.headline].mean()),
                repeats=figures.repeats_in_words(n_repeats, self.confidence),
            )
        return ax

    @property
    def headline(self) -> str:
        """Scorer of the summary."""
        return next(iter(self.ceilings))

    @property
    def primary(self) -> str:
        """Strategy of the summary: the first one that is not the control."""
        return next((name for name in self.curves if name != self.control), self.control)

    def curve(self, strategy: str) -> LearningCurve:
        """Headline curve of a strategy."""
        return self.curves[strategy][self.headline]

    def labels_bought(self, strategy: str) -> float:
        """Mean number of labels that a strategy bought; an int if it is whole."""
        curve = self.curve(strategy)
        bought = float(curve.ends.mean() - curve.labels[0])
        return int(bought) if bought.is_integer() else bought

    @property
    def legends(self) -> dict[str, str]:
        """Legend of each distinct strategy; ``entropy = margin`` if their queries agree."""
        return {
            name: " = ".join(
                [name, *(same for same, owner in self.same_as.items() if owner == name)]
            )
            for name in self.curves
            if name not in self.same_as
        }

    @property
    def challengers(self) -> list[str]:
        """Distinct strategies other than the control; empty without a control."""
        return [
            name for name in self.legends if name != self.control and self.control in self.curves
        ]

    def differences(self) -> dict[str, dict[str, dict[str, Any]]]:
        """Paired differences to the control in the headline score, by challenger and measure."""
        rows: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in self.challengers}
        for measure in MEASURES:
            for name, row in rows.items():
                values = getattr(self.curve(name), measure) - getattr(
                    self.curve(self.control), measure
                )
                row[measure] = self._difference(values)
            adjusted = statistics.holm([row[measure]["p_wilcoxon"] for row in rows.values()])
            for row, p in zip(rows.values(), adjusted, strict=True):
                row[measure]["p_holm"] = p
                row[measure]["verdict"] = self._verdict(row[measure])
        return rows

    def _difference(self, values: NDArray[np.float64]) -> dict[str, Any]:
        low, high = statistics.mean_interval(values, self.confidence)
        lowest, highest = statistics.new_table_interval(
            values, self.confidence, self.test_per_train
        )
        n_tests = len(self.challengers)
        return {
            "difference": values.mean(),
            "low": float(low),
            "high": float(high),
            "new_table_low": float(lowest),
            "new_table_high": float(highest),
            "p_wilcoxon": statistics.wilcoxon_p(values),
            "smallest_detectable": statistics.smallest_detectable_difference(
                values, self.confidence, self.power, n_tests
            ),
            "repeats_to_detect": statistics.repeats_to_detect(
                values, self.difference, self.confidence, self.power, n_tests
            ),
            "repeats": values,
        }

    def _verdict(self, row: Mapping[str, Any]) -> str:
        """``better`` or ``worse`` if both interval and test say so, else ``undecided``."""
        sign = 1 if self.curve(self.control).greater_is_better else -1
        if row["p_holm"] < 1 - self.confidence:
            if min(sign * row["low"], sign * row["high"]) > 0:
                return "better"
            if max(sign * row["low"], sign * row["high"]) < 0:
                return "worse"
        return "undecided"

    @property
    def target_scores(self) -> dict[str, float]:
        """Headline score of each target, by its name."""
        curve = self.curve(self.primary)
        initial, ceiling = curve.initial.mean(), self.ceilings[self.headline].mean()
        return target_scores(
            self.targets,
            float(initial),
            float(ceiling),
            greater_is_better=curve.greater_is_better,
        )

    def to_dict(self) -> dict[str, Any]:
        """All results: mappings, lists and numbers that JSON can hold."""
        differences = self.differences()
        savings = {name: self._savings(name) for name in self.challengers}
        primary = self.curve(self.primary)
        scores = self.target_scores
        return {
            "headline": self.headline,
            "main": self.primary,
            "greater_is_better": {
                scorer: curve.greater_is_better
                for scorer, curve in self.curves[self.primary].items()
            },
            "n_repeats": len(primary.scores),
            "initial_labels": primary.labels[0],
            "confidence": self.confidence,
            "power": self.power,
            "difference": self.difference,
            "control": self.control,
            "legends": self.legends,
            "first_repeat": {
                "initial": primary.initial[0],
                "final": primary.final[0],
                "ceiling": self.ceilings[self.headline][0],
            },
            "ceilings": {scorer: self.summary(values) for scorer, values in self.ceilings.items()},
            "targets": scores,
            "strategies": {
                name: {
                    "same_as": self.same_as.get(name),
                    "labels_bought": self.labels_bought(name),
                    "scores": self._scores(name),
                    "bought_to_reach": {
                        target: self.curve(name).bought_to_reach(score)
                        for target, score in scores.items()
                    },
                    "vs_random": differences.get(self.same_as.get(name, name)),
                    "label_savings": savings.get(self.same_as.get(name, name)),
                    "more_labels": self._more_labels(self.same_as.get(name, name)),
                }
                for name in self.curves
            },
        }

    def _scores(self, name: str) -> dict[str, Any]:
        scores = {}
        for scorer, curve in self.curves[name].items():
            ceiling = self.ceilings[scorer]
            parts = {"initial": curve.initial, "final": curve.final, "aulc": curve.aulc}
            scores[scorer] = {
                **{part: self.summary(values) for part, values in parts.items()},
                "change": (curve.final - curve.initial).mean(),
                "gap_closed": gap_closed(
                    curve.initial.mean(),
                    curve.final.mean(),
                    ceiling.mean(),
                    curve.greater_is_better,
                ),
            }
        return scores

    def summary(self, values: NDArray[np.float64]) -> dict[str, Any]:
        """Mean over repeats with its interval, standard deviation and single values."""
        low, high = statistics.mean_interval(values, self.confidence)
        spread = values.std(ddof=1) if len(values) > 1 else float("nan")
        return {
            "mean": values.mean(),
            "low": float(low),
            "high": float(high),
            "sd": spread,
            "repeats": values,
        }

    def _more_labels(self, name: str) -> dict[str, Any] | None:
        """Forecasts for more labels; for accuracy only, of which the coverage was measured."""
        if self.headline != "accuracy":
            return None
        generator = rng.generator(self.seed, name, "more labels")
        return more_labels(self.curve(name), self.target_scores, generator)

    def _savings(self, name: str) -> dict[str, Any]:
        ours, control = self.curve(name), self.curve(self.control)
        target = float(control.final.mean())
        low, high = statistics.savings_interval(
            ours, control, self.confidence, self.n_resamples, rng.generator(self.seed, name, "save")
        )
        return {
            "target": target,
            "bought": ours.bought_to_reach(target),
            "bought_by_random": control.bought_to_reach(target),
            "savings": label_savings(ours, control),
            "low": low,
            "high": high,
        }

    def curve_table(self) -> pd.DataFrame:
        """Mean headline curves of the distinct strategies.

        Columns ``strategy``, ``labels``, ``score``, and its interval ``low``, ``high``.
        """
        return pd.concat(
            [self._band(name, self.curve(name).scores, "score") for name in self.legends],
            ignore_index=True,
        )

    def repeat_table(self) -> pd.DataFrame:
        """Headline curves of the distinct strategies, with one column per repeat: ``0``, ``1``, ….

        In long form the table would be five times larger.
        """
        return pd.concat(
            [
                pd.DataFrame({"strategy": name, "labels": self.curve(name).labels}).join(
                    pd.DataFrame(self.curve(name).scores.T).rename(columns=str)
                )
                for name in self.legends
            ],
            ignore_index=True,
        )

    def difference_table(self) -> pd.DataFrame:
        """Mean paired differences to the control along the curve.

        Columns ``strategy``, ``labels``, ``difference``, and its interval ``low``, ``high``.
        """
        bands = [
            self._band(
                name, self.curve(name).scores - self.curve(self.control).scores, "difference"
            )
            for name in self.challengers
        ]
        empty = pd.DataFrame(columns=["strategy", "labels", "difference", "low", "high"])
        return pd.concat(bands, ignore_index=True) if bands else empty

    def _band(self, name: str, values: NDArray[np.float64], column: str) -> pd.DataFrame:
        low, high = statistics.mean_interval(values, self.confidence)
        return pd.DataFrame(
            {
                "strategy": self.legends[name],
                "labels": self.curve(name).labels,
                column: values.mean(axis=0),
                "low": low,
                "high": high,
            }
        )


def same_queries(queries: Mapping[str, pd.DataFrame], control: str | None = None) -> dict[str, str]:
    """Strategies that queried exactly the same rows as an earlier one, mapped to that one.

    Parameters
    ----------
    queries : dict of str to DataFrame with columns repeat and row
        Queries of each strategy.
    control : str, optional
        Never listed as equal to another strategy.
    """
    first: dict[bytes, str] = {}
    owners = {}
    for name in sorted(queries, key=lambda name: name == control):
        rows = queries[name][["repeat", "row"]].to_numpy().tobytes()
        owners[name] = first.setdefault(rows, name)
    return {name: owner for name, owner in owners.items() if owner != name != control}
