"""What the page of an experiment shows: the tables that ``experiment.html.j2`` puts on it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from active_learning.analysis import more_labels, report, stopping
from active_learning.analysis.page import Cell

Comparison = Mapping[str, Any]
N_ROWS = 10  # rows shown of each strategy
N_COLUMNS = 6  # features shown of each row
_SHORT = 20  # characters of a text that is not wrapped
_LONGEST = 80  # characters that are shown of a text


def content(
    comparison: Comparison,
    *,
    stops: Mapping[str, Any],
    first: Mapping[str, pd.DataFrame],
    card: Mapping[str, Any],
    changes: Mapping[str, Mapping[str, Any]],
    figures: Mapping[str, str],
) -> dict[str, Any]:
    """Values of the template.

    Parameters
    ----------
    comparison : dict
        As ``Comparison.to_dict`` returns it.
    stops : dict
        As ``stopping.to_dict`` returns it.
    first : dict of str to DataFrame
        The rows that each strategy queried first in the first repeat, in the order of the queries:
        informativeness, answer, id or row, and features.
    card : dict
        The card of the table.
    changes : dict of str to dict
        Params that differ from their defaults, by place: ``value`` and, if there is one,
        ``default``.
    figures : dict of str to str
        ``<svg>`` elements by name.
    """
    return {
        "comparison": comparison,
        "verdict": list(report.verdict(comparison)),
        "scores": scores(comparison),
        "against": against_random(comparison),
        "forecasts": list(_forecasts(comparison)),
        "first": {name: queries(table) for name, table in first.items()},
        "columns_hidden": max(0, card["features"] - N_COLUMNS),
        "stops": stopping.sentences(stops),
        "card": card,
        "warnings": list((card.get("checks") or {}).values()),
        "changes": params(changes),
        "figures": figures,
    }


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
    return _frame(rows, "strategy").fillna("")


def _compared(against: Mapping[str, Any], savings: Mapping[str, Any]) -> dict[str, str | Cell]:
    aulc, final = against["aulc"], against["final"]
    verdict = aulc.get("verdict") or "one repeat proves nothing"
    return {
        "AULC": Cell(f"{aulc['difference']:+.4f}", _interval(aulc, "low", "high"), _kind(aulc)),
        "on another table": _interval(aulc, "new_table_low", "new_table_high"),
        "final": Cell(f"{final['difference']:+.4f}", _interval(final, "low", "high")),
        "p (Holm)": "" if aulc.get("p_holm") is None else f"{aulc['p_holm']:.2g}",
        "verdict": verdict,
        "labels saved": report.saved(savings),
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


def _forecasts(comparison: Comparison) -> Iterator[str]:
    for name, row in comparison["strategies"].items():
        if row["more_labels"] and not row["same_as"]:
            yield from more_labels.sentences(name, row["more_labels"], comparison["headline"])


def queries(table: pd.DataFrame) -> pd.DataFrame:
    """First queries of a strategy, as texts."""
    shown = table.map(_text)
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


def _text(value: Any) -> str | Cell:
    """Value of a cell of the table."""
    if value is None or value is pd.NaT or value != value:  # noqa: PLR0124 - NaN
        return "–"
    if isinstance(value, float):
        return f"{value:.4g}"
    text = " ".join(str(value).removesuffix(" 00:00:00").split())  # a date without a time
    if len(text) <= _SHORT:
        return text
    return Cell(text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…", kind="prose")
