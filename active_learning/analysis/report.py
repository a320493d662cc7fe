"""The evidence for people: the summary that `dvc exp show` lists, and a line per strategy."""

from collections.abc import Mapping
from typing import Any

from active_learning.analysis import statistics
from active_learning.analysis.comparison import CONTROL


def summary(evidence: Mapping[str, Any], n_labels: int) -> dict[str, Any]:
    """The few numbers that ``dvc exp show`` lists.

    Parameters
    ----------
    evidence : dict
        As ``Comparison.strategies`` gives it.
    n_labels : int
        Labels at the end: the initial ones and those bought.
    """
    headline, rows = evidence["headline"], evidence["strategies"]
    scores = rows[evidence["main"]]["scores"][headline]
    ceiling = evidence["ceilings"][headline]
    numbers: dict[str, Any] = {
        "n_labels": n_labels,
        "initial": scores["initial"]["mean"],
        "ceiling": ceiling["mean"],
        "first_repeat": {
            "initial": scores["initial"]["repeats"][0],
            "final": scores["final"]["repeats"][0],
            "ceiling": ceiling["repeats"][0],
        },
    }
    for name, row in rows.items():
        numbers[name] = {part: row["scores"][headline][part]["mean"] for part in ("final", "aulc")}
        if row["vs_random"]:
            against = row["vs_random"]["aulc"]
            numbers[name] |= {
                "vs_random": against["difference"],
                "vs_random_low": against["low"],
                "vs_random_high": against["high"],
                "label_savings": row["label_savings"]["savings"],
            }
    for name, row in evidence.get("over_cost", {}).get("strategies", {}).items():
        numbers[name]["aulc_over_cost"] = row["aulc"]["mean"]
        if row["vs_random"]:
            numbers[name]["vs_random_over_cost"] = row["vs_random"]["difference"]
    return numbers


def sentence(name: str, evidence: Mapping[str, Any]) -> str:
    """What came of a strategy, in words: start, end, ceiling, and whether it beat random."""
    headline, row = evidence["headline"], evidence["strategies"][name]
    scores = row["scores"][headline]
    return (
        f"{name}: {headline} {scores['initial']['mean']:.4f} → {scores['final']['mean']:.4f} with "
        f"{round(row['labels_bought'], 1)} labels bought, ceiling "
        f"{evidence['ceilings'][headline]['mean']:.4f}; {_against_random(name, row, evidence)}"
    )


def _against_random(name: str, row: Mapping[str, Any], evidence: Mapping[str, Any]) -> str:
    if name == CONTROL:
        return "the control."
    if row["same_as"]:
        return f"the very rows of {row['same_as']}, so no result of its own."
    if not row["vs_random"]:
        return "without random in query_loop.strategies nothing shows that it helps."
    against, repeats = row["vs_random"]["aulc"], evidence["n_repeats"]
    difference = f"{against['difference']:+.4f} over the whole curve"
    if repeats == 1:
        return f"{difference} against random in one repeat: one run proves nothing."
    percent = f"{100 * evidence['confidence']:g} %"
    detail = (
        f"{difference}, {percent} interval {against['low']:+.4f} to {against['high']:+.4f}, "
        f"p = {against['p_holm']:.2g}, {repeats} repeats"
    )
    saved = _savings(row["label_savings"], headline=evidence["headline"])
    if against["verdict"] == "undecided":
        shown = f"these could have shown {against['smallest_detectable']:.4f}"
        if repeats < statistics.fewest_repeats(evidence["confidence"]):
            shown = "so few can show nothing"
        needed = f"{against['repeats_to_detect']} would show {evidence['difference']:g}"
        return f"not shown to differ from random ({detail}; {shown}, {needed}); {saved}."
    verb = "beats" if against["verdict"] == "better" else "is worse than"
    return f"{verb} random ({detail}); {saved}."


def _savings(savings: Mapping[str, Any], headline: str) -> str:
    target = f"random's final {headline} of {savings['target']:.4f}"
    if savings["bought"] is None:
        return f"{target} is never reached"
    if not savings["bought_by_random"]:
        return f"{target} is where it started, so there is nothing to save"
    low, high = (
        "never" if end is None else f"{end:.0%}".replace("%", " %")
        for end in (savings["low"], savings["high"])
    )
    return (
        f"{target} takes {savings['bought']} of random's {savings['bought_by_random']} labels, "
        f"savings {savings['savings']:.0%}".replace("%", " %")
        + f" (interval {low} to {high})"
    )
