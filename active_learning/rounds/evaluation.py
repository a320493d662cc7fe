"""Accuracy of the model of each round, on the hold-out as it is labelled now."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from active_learning.core.errors import shown
from active_learning.models.task import deterministic_numerics
from active_learning.rounds.holdout import Accuracy, measure_accuracy
from active_learning.rounds.labelling import Labelling
from active_learning.rounds.trainer import Fitted, Trainer
from active_learning.simulation.monitor import Plan, cross_validated, rule_values
from active_learning.simulation.snapshot import Snapshot

LEAST_FOR_RECALL = 5


@dataclass(frozen=True)
class Recall:
    """Share of the rows of a class that the model had right.

    Attributes
    ----------
    n : int
        Rows of the class in the measured part of the hold-out.
    value : float or None
        ``None`` below five rows.
    """

    n: int
    value: float | None


def measure(labelling: Labelling, fitted: Fitted, confidence: float) -> Accuracy:
    """Accuracy of a model on the hold-out, see ``holdout.measure_accuracy``."""
    predictions = _predictions(labelling, fitted)
    return measure_accuracy(labelling.holdout, labelling.measured, predictions, confidence)


def measure_recall(labelling: Labelling, fitted: Fitted) -> dict[str, Recall]:
    """Recall of each class, on the rows on which the accuracy is computed."""
    predictions = _predictions(labelling, fitted)
    right: dict[str, list[bool]] = {name: [] for name in labelling.classes.names}
    for row in takewhile(labelling.measured.__contains__, labelling.holdout):
        if (label := labelling.measured[row]) is not None:
            right[label].append(predictions[row] == label)
    return {
        name: Recall(len(of), sum(of) / len(of) if len(of) >= LEAST_FOR_RECALL else None)
        for name, of in right.items()
    }


def _predictions(labelling: Labelling, fitted: Fitted) -> Mapping[str, str]:
    positions = labelling.table.positions
    return {row: str(fitted.labels[positions[row]]) for row in labelling.measured}


def learning_curve(
    labelling: Labelling, trainer: Trainer, plan: Plan, confidence: float
) -> pd.DataFrame:
    """The log replayed: the model of the labels until each round, on the present hold-out.

    All points are measured on the same rows, so that they can be compared.

    Parameters
    ----------
    labelling : Labelling
    trainer : Trainer
    plan : Plan
        Stopping rules, checked on each model.
    confidence : float in (0, 1)

    Returns
    -------
    DataFrame
        Columns ``round``, ``labels``, ``holdout``, ``accuracy``, ``low``, ``high``,
        ``queried_correct`` (share of the round's queried rows that the model that asked had right),
        and for each rule its value. It begins with the first round that has a model.
    """
    rows: list[dict[str, Any]] = []
    before: NDArray[np.int64] | None = None
    for number in labelling.rounds:
        training = labelling.until(number).training
        fitted = trainer.fit(training)
        if fitted is None:
            continue
        accuracy = measure(labelling, fitted, confidence)
        values = _check(fitted, trainer, training, plan, before)
        before = fitted.prediction.labels
        rows.append(
            {
                "round": number,
                "labels": len(training),
                "holdout": accuracy.n,
                "accuracy": accuracy.value,
                "low": accuracy.low,
                "high": accuracy.high,
                "queried_correct": queried_correct(labelling, number),
                **values,
            }
        )
    columns = ["round", "labels", "holdout", "accuracy", "low", "high", "queried_correct"]
    return pd.DataFrame(rows, columns=[*columns, *plan.rules])


def queried_correct(labelling: Labelling, round_number: int) -> float | None:
    """Share of the rows that were queried and labelled in a round that the model had right.

    Queried rows are hard ones, so this is no accuracy.
    """
    right = [
        labelling.classes.current(event.guess.label) == labelling.labels[event.row]
        for event in labelling.decisions.values()
        if event.round == round_number
        and event.why == "query"
        and event.guess is not None
        and event.row in labelling.labels
    ]
    return float(np.mean(right)) if right else None


def _check(
    fitted: Fitted,
    trainer: Trainer,
    training: Mapping[str, str],
    plan: Plan,
    before: NDArray[np.int64] | None,
) -> dict[str, float]:
    """Value of each stopping rule on the model of a round."""
    if not plan.rules:
        return {}
    rows = plan.choose_stop_set(trainer.pool)
    pool, task = trainer.pool_of(training), trainer.task
    snapshot = Snapshot(
        fitted.model,
        pool,
        rows,
        before=None if before is None else before[rows],
        estimate=lambda: cross_validated(task, pool, plan.folds, plan.seed),
        greater_is_better=True,
    )
    with deterministic_numerics():
        values = rule_values(plan, snapshot)
    return dict(zip(plan.rules, values, strict=True))


def advise(
    curve: pd.DataFrame, plan: Plan, *, width: float | None, budget: int | None
) -> list[str]:
    """Reasons to stop labelling, one line each; empty: none.

    A rule that was named after the curve was computed is passed over.
    """
    if curve.empty:
        return []
    last = curve.iloc[-1]
    reasons = []
    for name, rule in plan.rules.items():
        if name not in curve:
            continue
        values = curve[name].to_numpy(dtype=float)
        if rule.stops(values):
            reasons.append(f"{name}: its condition holds (value {values[-1]:.3g}).")
    if width is not None and pd.notna(last["low"]) and last["high"] - last["low"] <= width:
        reasons.append(f"The interval of the accuracy is no wider than {shown(width)}.")
    if budget is not None and last["labels"] >= budget:
        reasons.append(f"{last['labels']:.0f} labels to train on, of a budget of {budget}.")
    return reasons
