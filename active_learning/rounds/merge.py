"""Tables of what people said: merged labels, conflicts, annotators; and what is to be noticed."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from active_learning.rounds.labelling import Labelling
from active_learning.rounds.log import Log
from active_learning.rounds.votes import RowVotes


def merged_table(labelling: Labelling) -> pd.DataFrame:
    """One line per row with a decision, in the order of the table.

    Returns
    -------
    DataFrame
        ``row``; ``label``, missing without a majority; ``status``, see ``status``; ``votes``,
        number of labels; ``by``, who decided the row; ``why`` and ``round`` of the first decision;
        ``holdout``.
    """
    columns = ["row", "label", "status", "votes", "by", "why", "round", "holdout"]
    rows = [
        (
            row,
            votes.label,
            status(votes),
            len(votes.labels),
            ",".join(sorted({*votes.annotators, *votes.split})),
            labelling.first_events[row].why,
            labelling.first_events[row].round,
            row in labelling.holdout_rows,
        )
        for row, votes in labelling.votes.items()
    ]
    table = pd.DataFrame(rows, columns=columns)
    texts = dict.fromkeys(("row", "label", "status", "by", "why"), "str")
    return table.astype(texts | {"votes": "int64", "round": "int64", "holdout": "bool"})


def status(votes: RowVotes) -> str:
    """``labelled``, ``tied``, ``unsure``, ``skipped``, or ``relabel``: its class was split."""
    if votes.labels:
        return "tied" if votes.is_tied else "labelled"
    if votes.unsure:
        return "unsure"
    return "skipped" if votes.skipped else "relabel"


def conflict_table(labelling: Labelling) -> pd.DataFrame:
    """Labels of rows on which people disagree: ``row``, ``by``, ``label``, ``majority``."""
    rows = [
        (row, by, label, votes.label)
        for row, votes in labelling.votes.items()
        if len({*votes.labels.values()}) > 1
        for by, label in votes.labels.items()
    ]
    return pd.DataFrame(rows, columns=["row", "by", "label", "majority"])


def annotator_table(labelling: Labelling) -> pd.DataFrame:
    """One line per annotator.

    Returns
    -------
    DataFrame
        ``annotator``; numbers of rows with a ``labels``, ``skips``, ``unsure`` that stands;
        ``corrections``, decisions that replace an earlier one; ``retracted``; ``seconds``, median
        time of a decision in the page; ``shared``, labels of rows that others labelled, too, and
        ``agreement``, the share of those labels of others that are the same.
    """
    columns = [
        "annotator", "labels", "skips", "unsure", "corrections", "retracted", "seconds", "shared",
        "agreement",
    ]  # fmt: skip
    names = sorted({event.by for event in labelling.events})
    table = pd.DataFrame([_annotator(labelling, name) for name in names], columns=columns)
    return table.astype({"seconds": "float64", "agreement": "float64"})


def _annotator(labelling: Labelling, name: str) -> dict[str, Any]:
    own = [event for event in labelling.events if event.by == name]
    standing = Counter(e.decision for (_, by), e in labelling.standing.items() if by == name)
    page = [e.seconds for e in own if e.source == "page" and e.decision in {"label", "skip"}]
    others = list(_others(labelling, name))
    return {
        "annotator": name,
        "labels": standing["label"],
        "skips": standing["skip"],
        "unsure": standing["unsure"],
        "corrections": sum(e.instead_of is not None and e.decision != "retract" for e in own),
        "retracted": sum(e.decision == "retract" for e in own),
        "seconds": round(float(np.median(page)), 1) if page else None,
        "shared": len(others),
        "agreement": float(np.mean(others)) if others else None,
    }


def _others(labelling: Labelling, name: str) -> Iterator[float]:
    """For each row that others labelled, too, the share of their labels that are the same."""
    for votes in labelling.votes.values():
        if name in votes.labels and len(votes.labels) > 1:
            same = Counter(votes.labels.values())[votes.labels[name]] - 1
            yield same / (len(votes.labels) - 1)


def warnings(labelling: Labelling, log: Log) -> list[str]:
    """What is to be noticed, one sentence each, with counts."""
    n_conflicts = sum(len({*votes.labels.values()}) > 1 for votes in labelling.votes.values())
    n_tied = sum(votes.is_tied for votes in labelling.votes.values())
    n_split = sum(bool(v.split) and not v.is_decided for v in labelling.votes.values())
    counts = {
        "lines cut short while they were written; they are kept": sum(log.torn.values()),
        f"labelled rows that are not in the table, such as {', '.join(labelling.gone[:1])}": (
            len(labelling.gone)
        ),
        "labelled rows that have changed, to be asked again": len(labelling.changed),
        "rows with a label of a class that no longer exists, to be asked again": n_split,
        f"rows with labels that differ, {n_tied} without a majority": n_conflicts,
    }
    return [f"{text}: {count}" for text, count in counts.items() if count]
