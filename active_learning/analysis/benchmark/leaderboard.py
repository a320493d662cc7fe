"""Many experiments in one table: who beats the control where, and by how much."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from active_learning.analysis.benchmark import ranks
from active_learning.analysis.comparison import MEASURES, Comparison
from active_learning.analysis.curves import aubc_lu2023

Cells = Mapping[tuple[str, str], Comparison]  # by data set and learner

VERDICTS = ("better", "undecided", "worse")
_MOST_POINTS = 25


def leaderboard(cells: Cells) -> dict[str, Any]:
    """Everything in numbers: each cell, and for each learner what they say together.

    Parameters
    ----------
    cells : dict of (data set, learner) to Comparison
        All with the same strategies, control and headline score.
    """
    any_cell = next(iter(cells.values()))
    rows = [
        {"dataset": dataset, "learner": learner} | _cell(comparison)
        for (dataset, learner), comparison in cells.items()
    ]
    learners = list(dict.fromkeys(learner for _, learner in cells))
    return {
        "headline": any_cell.headline,
        "greater_is_better": any_cell.curve(any_cell.primary).greater_is_better,
        "control": any_cell.control,
        "confidence": any_cell.confidence,
        "power": any_cell.power,
        "difference": any_cell.difference,
        "strategies": list(any_cell.curves),
        "learners": {name: _together(name, cells, rows) for name in learners},
        "cells": rows,
    }


def _cell(comparison: Comparison) -> dict[str, Any]:
    evidence = comparison.to_dict()
    headline = evidence["headline"]
    curve = comparison.curve(comparison.primary)
    return {
        "n_repeats": evidence["n_repeats"],
        "labels": [int(curve.labels[0]), int(curve.labels[-1])],
        "initial": curve.initial.mean(),
        "ceiling": evidence["ceilings"][headline]["mean"],
        "strategies": {
            name: _strategy(name, row, comparison) for name, row in evidence["strategies"].items()
        },
    }


def _strategy(name: str, row: Mapping[str, Any], comparison: Comparison) -> dict[str, Any]:
    curve = comparison.curve(name)
    entry: dict[str, Any] = {"same_as": row["same_as"]}
    measures = {measure: row["scores"][comparison.headline][measure] for measure in MEASURES}
    if (np.diff(curve.labels) == 1).all():  # theirs is for one label a query
        measures["aubc_lu2023"] = comparison.summary(aubc_lu2023(curve.scores))
    for measure, values in measures.items():
        entry[measure] = {"mean": values["mean"], "sd": values["sd"]}
    if row["vs_random"]:
        against = row["vs_random"]["aulc"]
        entry["vs_control"] = {key: against[key] for key in against if key != "repeats"}
        entry["label_savings"] = row["label_savings"]
    return entry


def _together(learner: str, cells: Cells, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Ranks over the data sets of one learner, and wins, ties and losses against the control."""
    comparisons = [comparison for (_, name), comparison in cells.items() if name == learner]
    ours = [row["strategies"] for row in rows if row["learner"] == learner]
    control, strategies = comparisons[0].control, list(comparisons[0].curves)
    scores = {
        name: np.array([each.curve(name).aulc.mean() for each in comparisons])
        for name in strategies
    }
    ranking = ranks.rank(
        scores,
        greater_is_better=comparisons[0].curve(control).greater_is_better,
        confidence=comparisons[0].confidence,
    )
    return ranking | {
        "against_control": {
            name: _count(name, ours, scores[name] - scores[control])
            for name in strategies
            if name != control
        },
    }


def _count(name: str, ours: list[Any], differences: NDArray[np.float64]) -> dict[str, Any]:
    verdicts = [row[name]["vs_control"]["verdict"] for row in ours]
    return {verdict: verdicts.count(verdict) for verdict in VERDICTS} | {
        "mean_difference": differences.mean(),
        "worst_difference": differences.min(),
        "best_difference": differences.max(),
    }


def curve_table(cells: Cells) -> pd.DataFrame:
    """Mean headline curves of all cells at 25 points at most, first and last among them."""
    tables = []
    for (dataset, learner), comparison in cells.items():
        for name in comparison.curves:
            curve = comparison.curve(name)
            points = np.unique(np.linspace(0, len(curve.labels) - 1, _MOST_POINTS).round())
            chosen = points.astype(int)
            columns = {"labels": curve.labels[chosen], "score": curve.mean[chosen]}
            place = {"dataset": dataset, "learner": learner, "strategy": name}
            tables.append(pd.DataFrame(place | columns))
    return pd.concat(tables, ignore_index=True)
