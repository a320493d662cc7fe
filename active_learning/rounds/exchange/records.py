"""Events as a flat table, with what counts now."""

from collections.abc import Collection, Sequence
from typing import Any

from active_learning.rounds.classes import Classes
from active_learning.rounds.events import Event, in_order
from active_learning.rounds.votes import count_votes, standing

COLUMNS = [
    "row", "by", "time", "decision", "label", "text", "counts", "class", "majority", "holdout",
    "why", "round", "rank", "seconds", "source", "guess", "p", "shown", "model", "classes", "seen",
    "instead_of", "id", "v",
]  # fmt: skip
# Fields of an event; the other columns follow from all events together.
FIELDS = [name for name in COLUMNS if name not in {"counts", "class", "majority", "holdout"}]


def to_records(
    events: Sequence[Event], classes: Classes, holdout: Collection[str]
) -> list[dict[str, Any]]:
    """Events as rows of a table, see ``COLUMNS``.

    Parameters
    ----------
    events : sequence of Event
        The log.
    classes : Classes
    holdout : collection of str
        Ids of its rows.

    Returns
    -------
    list of dict
        The fields of each event, ``guess`` in two columns. ``counts``: whether this is what the
        person says now; ``class``: what the label is called now; ``majority``: label of the row.
    """
    events = in_order(events)
    decisions = standing(events)
    votes = count_votes(decisions, classes)
    counting = {event.id for event in decisions.values()}
    rows = []
    for event in events:
        values = event.model_dump()
        guess = values["guess"] or {}
        values |= {
            "guess": guess.get("label"),
            "p": guess.get("p"),
            "counts": event.id in counting,
            "class": event.label and classes.current(event.label),
            "majority": votes[event.row].label if event.row in votes else None,
            "holdout": event.row in holdout,
        }
        rows.append({name: values[name] for name in COLUMNS})
    return rows
