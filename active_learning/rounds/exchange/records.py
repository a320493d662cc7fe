"""Events as a flat table, with what counts now."""

from typing import Any

from active_learning.rounds.events import in_order
from active_learning.rounds.labelling import Labelling

COLUMNS = [
    "row", "by", "time", "decision", "label", "text", "counts", "class", "majority", "holdout",
    "why", "round", "rank", "seconds", "source", "guess", "p", "shown", "model", "classes", "seen",
    "instead_of", "id", "v",
]  # fmt: skip
# Fields of an event; the other columns follow from all events together.
FIELDS = [name for name in COLUMNS if name not in {"counts", "class", "majority", "holdout"}]


def to_records(labelling: Labelling) -> list[dict[str, Any]]:
    """Events as rows of a table, see ``COLUMNS``.

    Returns
    -------
    list of dict
        The fields of each event, ``guess`` in two columns. ``counts``: whether this is what the
        person says now; ``class``: what the label is called now; ``majority``: label of the row.
    """
    counting = {event.id for event in labelling.standing.values()}
    rows = []
    for event in in_order(labelling.events):
        values = event.model_dump()
        guess = values["guess"] or {}
        votes = labelling.votes.get(event.row)
        values |= {
            "guess": guess.get("label"),
            "p": guess.get("p"),
            "counts": event.id in counting,
            "class": event.label and labelling.classes.current(event.label),
            "majority": votes and votes.label,
            "holdout": event.row in labelling.holdout_rows,
        }
        rows.append({name: values[name] for name in COLUMNS})
    return rows
