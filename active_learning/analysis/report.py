"""A comparison in words: its headline numbers, and one sentence per strategy."""

from collections.abc import Iterator, Mapping
from typing import Any

from active_learning.analysis import more_labels, targets

NOT_SHOWN = "not shown"
FLAT = (
    "The ceiling is no better than the initial score: more labels do not improve this model, so no "
    "strategy can show what it is worth."
)


def summary(comparison: Mapping[str, Any]) -> dict[str, Any]:
    """Headline numbers of the primary strategy.

    Parameters
    ----------
    comparison : dict
        As returned by ``Comparison.to_dict``.
    """
    headline, rows = comparison["headline"], comparison["strategies"]
    row, control = rows[comparison["main"]], rows.get(comparison["control"])
    scores = row["scores"][headline]
    against = row["vs_random"]["aulc"] if row["vs_random"] else {}
    # In this order and with so many digits, what matters fits a narrow table.
    numbers = {
        "final": scores["final"]["mean"],
        "random": control["scores"][headline]["final"]["mean"] if control else None,
        "gain": against.get("difference"),
        "gain_low": against.get("low"),
        "gain_high": against.get("high"),
        "initial": scores["initial"]["mean"],
        "ceiling": comparison["ceilings"][headline]["mean"],
    }
    return {
        "strategy": comparison["main"],
        "labels": comparison["initial_labels"] + row["labels_bought"],
        **{name: None if value is None else round(value, 4) for name, value in numbers.items()},
    }


def verdict(comparison: Mapping[str, Any]) -> Iterator[str]:
    """What came out of the primary strategy, and what the others save that beat random.

    Parameters
    ----------
    comparison : dict
        As returned by ``Comparison.to_dict``.
    """
    name, headline, control = comparison["main"], comparison["headline"], comparison["control"]
    row = comparison["strategies"][name]
    if not row["vs_random"] or name == control:
        scores = row["scores"][headline]
        yield (
            f"{headline} goes from {scores['initial']['mean']:.4f} to "
            f"{scores['final']['mean']:.4f} with {row['labels_bought']:g} labels that {name} chose."
        )
        yield f"Whether that saves labels is unknown: nothing was compared with {control}."
        return
    against = row["vs_random"]["aulc"]
    difference = f"{against['difference']:+.4f} in {headline}, averaged over the learning curve"
    if comparison["n_repeats"] == 1:
        yield f"{name} against {control}: {difference}; but one run proves nothing."
    else:
        verb = {"better": "beats", "worse": "is worse than"}.get(against["verdict"])
        yield (
            f"{name} {verb or 'is not shown to differ from'} {control} on this table: {difference} "
            f"({100 * comparison['confidence']:g}% interval {against['low']:+.4f} to "
            f"{against['high']:+.4f}, {comparison['n_repeats']} repeats)."
        )
    yield f"{name} {_savings(row['label_savings'], control, headline)}."
    others = [
        f"{other} ({_gain(its, headline)})"
        for other, its in comparison["strategies"].items()
        if other != name
        and its["vs_random"]
        and not its["same_as"]
        and its["vs_random"]["aulc"].get("verdict") == "better"
    ]
    if others:
        yield f"Of the others, {', '.join(others)} {'beat' if others[1:] else 'beats'} {control}."
    if is_flat(comparison):
        yield FLAT


def is_flat(comparison: Mapping[str, Any]) -> bool:
    """Whether the ceiling is no better than the initial score."""
    scores = comparison["strategies"][comparison["main"]]["scores"]
    return scores[comparison["headline"]]["gap_closed"] is None


def sentences(comparison: Mapping[str, Any]) -> Iterator[str]:
    """Result of every strategy in a sentence, and what more labels would bring, if that is known.

    Parameters
    ----------
    comparison : dict
        As returned by ``Comparison.to_dict``.
    """
    for name, row in comparison["strategies"].items():
        yield sentence(name, comparison)
        if row["same_as"]:
            continue
        if comparison["targets"]:
            yield targets.sentence(name, comparison)
        if row["more_labels"]:
            yield more_labels.sentence(name, row["more_labels"], comparison["headline"])
    if is_flat(comparison):
        yield FLAT


def sentence(name: str, comparison: Mapping[str, Any]) -> str:
    """Result of a strategy in one sentence: start, end, ceiling, and whether it beat random."""
    headline, row = comparison["headline"], comparison["strategies"][name]
    scores, n_labels = row["scores"][headline], round(row["labels_bought"], 1)
    direction = "" if comparison["greater_is_better"][headline] else " (lower is better)"
    return (
        f"{name}: {headline}{direction} {scores['initial']['mean']:.4f} → "
        f"{scores['final']['mean']:.4f} with {n_labels} labels bought, ceiling "
        f"{comparison['ceilings'][headline]['mean']:.4f}; {_against_random(name, row, comparison)}"
    )


def _against_random(name: str, row: Mapping[str, Any], comparison: Mapping[str, Any]) -> str:
    control = comparison["control"]
    if name == control:
        return "the control."
    if row["same_as"]:
        return f"same queries as {row['same_as']}."
    if not row["vs_random"]:
        return f"not compared, since the control, {control}, was not run."
    against, repeats = row["vs_random"]["aulc"], comparison["n_repeats"]
    difference = f"{against['difference']:+.4f} over the whole curve"
    if repeats == 1:
        return f"{difference} against {control} in one repeat: one run proves nothing."
    detail = (
        f"{difference}, {100 * comparison['confidence']:g}% interval {against['low']:+.4f} to "
        f"{against['high']:+.4f}, p = {against['p_holm']:.2g}, {repeats} repeats"
    )
    elsewhere = (
        f"on another table like it the interval is {against['new_table_low']:+.4f} to "
        f"{against['new_table_high']:+.4f}"
    )
    saved = _savings(row["label_savings"], control, comparison["headline"])
    if against["verdict"] == "undecided":
        return (
            f"not significantly different from {control} on this table ({detail}; "
            f"{_power(against, comparison)}); {elsewhere}, which more repeats hardly narrow; "
            f"{saved}."
        )
    verb = "beats" if against["verdict"] == "better" else "is worse than"
    return f"{verb} {control} on this table ({detail}); {elsewhere}; {saved}."


def _power(against: Mapping[str, Any], comparison: Mapping[str, Any]) -> str:
    """What these repeats could show, and how many would show the difference of the params."""
    repeats = comparison["n_repeats"]
    detectable = (
        f"with {repeats} repeats no difference can be significant"
        if against["smallest_detectable"] is None
        else f"{repeats} repeats can detect {against['smallest_detectable']:.4f}"
    )
    needed = f"{against['repeats_to_detect']} would detect {comparison['difference']:g}"
    return f"{detectable}; {needed}"


def saved(savings: Mapping[str, Any]) -> str:
    """Interval of the label savings in percent, or ``not shown``.

    Parameters
    ----------
    savings : dict
        As in ``Comparison.to_dict``.
    """
    return NOT_SHOWN if not_shown_because(savings) else _percent(savings["low"], savings["high"])


def not_shown_because(savings: Mapping[str, Any]) -> str:
    """Reason not to show the label savings; empty if there is none."""
    low, high = savings["low"], savings["high"]
    if savings["bought"] is None:
        return "score never reached"
    if not savings["bought_by_random"]:
        return "the control gains nothing"
    if high is None:  # one repeat, or hardly a bootstrap sample in which the score is reached
        return "no interval"
    if low is None:
        return "the repeats vary too much for an interval"
    return f"interval {_percent(low, high)} includes 0" if low <= 0 <= high else ""


def _percent(low: float, high: float) -> str:
    return f"{100 * low:.0f} to {100 * high:.0f}%"


def _gain(row: Mapping[str, Any], headline: str) -> str:
    gain = f"{row['vs_random']['aulc']['difference']:+.4f} in {headline}"
    savings = row["label_savings"]
    unsure = not_shown_because(savings) or savings["high"] < 0
    return gain if unsure else f"{gain}; saves {saved(savings)} of the labels"


def _savings(savings: Mapping[str, Any], control: str, headline: str) -> str:
    target = f"{control}'s final {headline} of {savings['target']:.4f}"
    if savings["bought"] is None:
        return f"never reaches {target}"
    if not savings["bought_by_random"]:
        return f"has no labels to save, since {target} is no better than its initial one"
    labels = "1 label" if savings["bought"] == 1 else f"{savings['bought']} labels"
    reached = f"reaches {target} with {labels} bought, {control} with {savings['bought_by_random']}"
    if reason := not_shown_because(savings):
        return f"{reached}; savings {NOT_SHOWN}: {reason}"
    if savings["high"] < 0:
        return f"{reached}: needs {_percent(-savings['high'], -savings['low'])} more labels"
    return f"{reached}: saves {saved(savings)} of the labels"
