"""The evidence for people: the summary that `dvc exp show` lists, and a line per strategy."""

from collections.abc import Mapping
from typing import Any

from active_learning.analysis import statistics
from active_learning.analysis.comparison import CONTROL


def summary(evidence: Mapping[str, Any]) -> dict[str, Any]:
    """The few numbers that ``dvc exp show`` lists: the first strategy that is not random.

    Parameters
    ----------
    evidence : dict
        As ``Comparison.strategies`` gives it.
    """
    headline, rows = evidence["headline"], evidence["strategies"]
    row, control = rows[evidence["main"]], rows.get(evidence["control"])
    scores = row["scores"][headline]
    against = row["vs_random"]["aulc"] if row["vs_random"] else {}
    return {
        "strategy": evidence["main"],
        "labels": evidence["initial_labels"] + row["labels_bought"],
        "initial": scores["initial"]["mean"],
        "final": scores["final"]["mean"],
        "random": control["scores"][headline]["final"]["mean"] if control else None,
        "ceiling": evidence["ceilings"][headline]["mean"],
        "gain": against.get("difference"),
        "gain_low": against.get("low"),
        "gain_high": against.get("high"),
    }


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
