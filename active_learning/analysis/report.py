"""A comparison for people: its few most important numbers, and a line per strategy."""

from collections.abc import Mapping
from typing import Any

from active_learning.analysis import statistics


def summary(comparison: Mapping[str, Any]) -> dict[str, Any]:
    """The most important numbers, about the primary strategy.

    Parameters
    ----------
    comparison : dict
        As ``Comparison.to_dict`` gives it.
    """
    headline, rows = comparison["headline"], comparison["strategies"]
    row, control = rows[comparison["main"]], rows.get(comparison["control"])
    scores = row["scores"][headline]
    against = row["vs_random"]["aulc"] if row["vs_random"] else {}
    return {
        "strategy": comparison["main"],
        "labels": comparison["initial_labels"] + row["labels_bought"],
        "initial": scores["initial"]["mean"],
        "final": scores["final"]["mean"],
        "random": control["scores"][headline]["final"]["mean"] if control else None,
        "ceiling": comparison["ceilings"][headline]["mean"],
        "gain": against.get("difference"),
        "gain_low": against.get("low"),
        "gain_high": against.get("high"),
    }


def sentence(name: str, comparison: Mapping[str, Any]) -> str:
    """What came of a strategy, in words: start, end, ceiling, and whether it beat random."""
    headline, row = comparison["headline"], comparison["strategies"][name]
    scores = row["scores"][headline]
    return (
        f"{name}: {headline} {scores['initial']['mean']:.4f} → {scores['final']['mean']:.4f} with "
        f"{round(row['labels_bought'], 1)} labels bought, ceiling "
        f"{comparison['ceilings'][headline]['mean']:.4f}; {_against_random(name, row, comparison)}"
    )


def _against_random(name: str, row: Mapping[str, Any], comparison: Mapping[str, Any]) -> str:
    control = comparison["control"]
    if name == control:
        return "the control."
    if row["same_as"]:
        return f"same queries as {row['same_as']}."
    if not row["vs_random"]:
        return f"not compared: {control}, the control, was not run."
    against, repeats = row["vs_random"]["aulc"], comparison["n_repeats"]
    difference = f"{against['difference']:+.4f} over the whole curve"
    if repeats == 1:
        return f"{difference} against {control} in one repeat: one run proves nothing."
    percent = f"{100 * comparison['confidence']:g} %"
    detail = (
        f"{difference}, {percent} interval {against['low']:+.4f} to {against['high']:+.4f}, "
        f"p = {against['p_holm']:.2g}, {repeats} repeats"
    )
    saved = _savings(row["label_savings"], control, comparison["headline"])
    if against["verdict"] == "undecided":
        shown = f"these could have shown {against['smallest_detectable']:.4f}"
        if repeats < statistics.fewest_repeats(comparison["confidence"]):
            shown = "so few can show nothing"
        needed = f"{against['repeats_to_detect']} would show {comparison['difference']:g}"
        return f"not shown to differ from {control} ({detail}; {shown}, {needed}); {saved}."
    verb = "beats" if against["verdict"] == "better" else "is worse than"
    return f"{verb} {control} ({detail}); {saved}."


def _savings(savings: Mapping[str, Any], control: str, headline: str) -> str:
    target = f"{control}'s final {headline} of {savings['target']:.4f}"
    if savings["bought"] is None:
        return f"{target} is never reached"
    if not savings["bought_by_random"]:
        return f"{target} is where it started, so there is nothing to save"
    low, high = (
        "never" if end is None else f"{end:.0%}".replace("%", " %")
        for end in (savings["low"], savings["high"])
    )
    return (
        f"{target} takes {savings['bought']} of {control}'s {savings['bought_by_random']} labels, "
        f"savings {savings['savings']:.0%}".replace("%", " %")
        + f" (interval {low} to {high})"
    )
