"""What the page of an experiment shows: the tables that ``experiment.html.j2`` puts on it."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from active_learning.analysis import more_labels, report, stopping, targets
from active_learning.analysis.page import Cell

Comparison = Mapping[str, Any]
N_ROWS = 10  # rows shown of each strategy
N_COLUMNS = 6  # features shown of each row
_SHORT = 20  # characters of a text that is not wrapped
_LONGEST = 80  # characters that are shown of a text
_LISTED = 20  # classes, or columns with missing values


def content(
    comparison: Comparison,
    *,
    learner: str,
    batch_size: int,
    stops: Mapping[str, Any],
    first: Mapping[str, pd.DataFrame],
    card: Mapping[str, Any],
    split_problems: Sequence[str],
    fit_problems: Sequence[str],
    changes: Mapping[str, Mapping[str, Any]],
    figures: Mapping[str, str],
) -> dict[str, Any]:
    """Values of the template.

    Parameters
    ----------
    comparison : dict
        As ``Comparison.to_dict`` returns it.
    learner : str
    batch_size : int
    stops : dict
        As ``stopping.to_dict`` returns it.
    first : dict of str to DataFrame
        The rows that each strategy queried first in the first repeat, in the order of the queries:
        informativeness, answer, id or row, and features.
    card : dict
        The card of the table.
    split_problems : sequence of str
        What the checks of the splits said.
    fit_problems : sequence of str
        Of which strategies some fits did not converge.
    changes : dict of str to dict
        Params that differ from their defaults, by place: ``value`` and, if there is one,
        ``default``.
    figures : dict of str to str
        ``<svg>`` elements by name.
    """
    return {
        "comparison": comparison,
        "verdict": list(report.verdict(comparison)),
        "setup": setup(comparison, learner, batch_size),
        "scores": scores(comparison),
        "reached": labels_to_reach(comparison),
        "against": against_random(comparison),
        "forecasts": forecasts(comparison),
        "forecast_confidence": more_labels.CONFIDENCE,
        "first": {name: queries(table) for name, table in first.items()},
        "columns_hidden": max(0, card["features"] - N_COLUMNS),
        "stops": stopped(stops),
        "binding": stops["binding"],
        "card": {"unlabelled": 0} | dict(card),
        "classes": list_counts(card["classes"]),
        "missing": list_counts(card.get("missing") or {}),
        "caveats": list(fit_problems),
        "warnings": [*(card["checks"] or {}).values(), *split_problems],
        "changes": params(changes),
        "figures": figures,
    }


def setup(comparison: Comparison, learner: str, batch_size: int) -> str:
    """What was run, in a sentence."""
    bought = comparison["strategies"][comparison["main"]]["labels_bought"]
    return (
        f"The model ({learner}) starts with {comparison['initial_labels']:,} labelled rows; each "
        f"strategy buys {bought:,g} more, {batch_size} at a time."
    )


def list_counts(counts: Mapping[str, int]) -> str:
    """Names with their counts; only the largest of many."""
    names = list(counts)
    if len(names) > _LISTED:
        names = sorted(names, key=lambda name: -counts[name])[:_LISTED]
    more = f" and {len(counts) - _LISTED} with fewer" if len(counts) > _LISTED else ""
    return ", ".join(f"{name} ({counts[name]:,})" for name in names) + more


def scores(comparison: Comparison) -> pd.DataFrame:
    """Initial and final scores of every strategy, by every scorer, with their intervals."""
    rows = {
        name: {
            f"{scorer}, {part}": _with_interval(values[part])
            for scorer, values in row["scores"].items()
            for part in ("initial", "final")
        }
        for name, row in comparison["strategies"].items()
    }
    return _frame(rows, "strategy")


def against_random(comparison: Comparison) -> pd.DataFrame:
    """Difference to random of every strategy that was compared with it; may be empty."""
    rows: dict[str, dict[str, str | Cell]] = {}
    for name, row in comparison["strategies"].items():
        if row["same_as"]:
            rows[name] = {"AULC": Cell(f"as {row['same_as']}", kind="same")}
        elif row["vs_random"]:
            rows[name] = _compared(row["vs_random"], row["label_savings"])
    table = _frame(rows, "strategy").fillna("")
    return table.loc[:, (table != "").any()]


def _compared(against: Mapping[str, Any], savings: Mapping[str, Any]) -> dict[str, str | Cell]:
    aulc, final = against["aulc"], against["final"]
    verdict = "one repeat proves nothing" if aulc["low"] is None else aulc["verdict"]
    return {
        "AULC": Cell(f"{aulc['difference']:+.4f}", _interval(aulc, "low", "high"), _kind(aulc)),
        "on another table": _interval(aulc, "new_table_low", "new_table_high"),
        "final": Cell(f"{final['difference']:+.4f}", _interval(final, "low", "high")),
        "p (Holm)": "" if aulc.get("p_holm") is None else f"{aulc['p_holm']:.2g}",
        "verdict": verdict,
        "labels saved": Cell(report.saved(savings), report.not_shown_because(savings)),
    }


def _kind(against: Mapping[str, Any]) -> str:
    verdict = against.get("verdict")
    return verdict if verdict in {"better", "worse"} else ""


def _interval(values: Mapping[str, Any], low: str, high: str) -> str:
    if values.get(low) is None:
        return ""
    return f"{values[low]:+.4f} to {values[high]:+.4f}"


def _with_interval(values: Mapping[str, Any]) -> Cell:
    known = values["low"] is not None
    return Cell(
        f"{values['mean']:.4f}", f"{values['low']:.4f} to {values['high']:.4f}" if known else ""
    )


def labels_to_reach(comparison: Comparison) -> pd.DataFrame:
    """Labels with which every distinct strategy reaches the targets."""
    rows = {
        name: {
            targets.described(target, comparison): words
            for target, words in targets.in_words(name, comparison).items()
        }
        for name in comparison["legends"]
    }
    return _frame(rows, "strategy")


def forecasts(comparison: Comparison) -> pd.DataFrame:
    """Scores of every distinct strategy with more labels, where they were extrapolated."""
    rows = {
        name: {
            f"{score['labels']:,} labels": f"{score['low']:.3f} to {score['high']:.3f}"
            for score in comparison["strategies"][name]["more_labels"]["scores"]
        }
        for name in comparison["legends"]
        if comparison["strategies"][name]["more_labels"]
    }
    return _frame(rows, "strategy")


def stopped(stops: Mapping[str, Any]) -> pd.DataFrame:
    """Result of every stopping rule on every strategy; may be empty."""
    rows = [
        (strategy, _stopped(rule, row, stops["headline"]))
        for strategy, rules in stops["strategies"].items()
        for rule, row in rules.items()
    ]
    names = pd.Index([name for name, _ in rows], name="strategy")
    return pd.DataFrame([cells for _, cells in rows], index=names)


def _stopped(rule: str, row: Mapping[str, Any], headline: str) -> dict[str, str | Cell]:
    stops = row["labels"]["repeats"]
    cells: dict[str, str | Cell] = {
        "rule": Cell(rule, kind="prose"),
        "repeats ended": f"{sum(stop is not None for stop in stops)} of {len(stops)}",
        "labels": f"{row['labels']['mean']:.1f}",
        headline: f"{row['score']['mean']:.4f}",
    }
    if row["score_lost"]:
        cells["against the full budget"] = stopping.lost(row)
    return cells


def queries(table: pd.DataFrame) -> pd.DataFrame:
    """First queries of a strategy, as texts."""
    shown = table.apply(_column)
    shown.index = pd.RangeIndex(1, len(shown) + 1, name="query").map(str)
    return shown


def params(changes: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Params that differ from their defaults."""
    rows = {
        place: {
            "value": Cell(_value(change["value"]), kind="prose"),
            "default": Cell(
                _value(change["default"]) if "default" in change else "none", "", "prose"
            ),
        }
        for place, change in changes.items()
    }
    return _frame(rows, "param")


def _frame(rows: Mapping[str, Mapping[str, Any]], name: str) -> pd.DataFrame:
    return pd.DataFrame.from_dict(dict(rows), orient="index").rename_axis(name)


def _value(value: Any) -> str:
    """Value as it is written in YAML."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {_value(item)}' for key, item in value.items())}}}"
    words = {None: "null", True: "true", False: "false"}
    return words[value] if value is None or isinstance(value, bool) else str(value)


def _column(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Column of the table as texts; words are set left, and wrapped if they are long."""
    texts = column.map(_text).astype(object)
    if pd.api.types.is_numeric_dtype(column):
        return texts
    kind = "prose" if max(texts.map(len), default=0) > _SHORT else "text"
    return texts.map(lambda text: Cell(text, kind=kind))


def _text(value: Any) -> str:
    """Value of a cell of the table."""
    if value is None or value is pd.NaT or value != value:  # noqa: PLR0124 - NaN
        return "–"
    if isinstance(value, float):
        return f"{value:.4g}"
    text = " ".join(str(value).removesuffix(" 00:00:00").split())  # a date without a time
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
