"""Labels as tasks to be imported into Label Studio, and its labelling interface.

Label Studio gives imported annotations other ids and times, and attributes them to the person who
imports. It keeps a task's ``meta``, which has all events of the row and what was asked, and the ids
of results, which are those of their events: what comes back unchanged is recognised.
"""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

from active_learning.rounds.classes import Classes
from active_learning.rounds.events import Event, in_order
from active_learning.rounds.labelling import Labelling
from active_learning.rounds.queries import Queries
from active_learning.rounds.table import LabelTable

# Names of the controls of the labelling interface.
LABEL, UNSURE, NOTE = "label", "unsure", "note"


def export_tasks(
    labelling: Labelling, queries: Queries | None = None, image_folder: str | None = None
) -> bytes:
    """Tasks for the rows of the log and of queries, to be imported into Label Studio.

    Parameters
    ----------
    labelling : Labelling
    queries : Queries, optional
        What the model says of a row becomes a prediction, but not in the hold-out: labels that
        measure the accuracy must not depend on it.
    image_folder : str, optional
        Relative to the root of the files that Label Studio serves.
    """
    table = labelling.table
    asked = _asked(queries, table) if queries else {}
    events: dict[str, list[Event]] = {row: [] for row in asked}
    for event in in_order(labelling.events):
        events.setdefault(event.row, []).append(event)
    annotations: dict[str, list[dict[str, Any]]] = {}
    for event in labelling.decisions.values():
        annotations.setdefault(event.row, []).append(_annotation(event, labelling))
    last = len(table.ids)  # rows that are no longer in the table
    tasks: list[dict[str, Any]] = []
    for row in sorted(events, key=lambda row: (table.positions.get(row, last), row)):
        fields = asked.get(row, {})
        if row in table.positions:
            fields = {"seen": table.digest(row), **fields}
        shown = fields.get("guess") and row not in labelling.holdout_rows
        tasks.append(
            {
                "data": {"row": row} | _data(row, table, image_folder),
                "meta": {"events": [event.model_dump() for event in events[row]], "asked": fields},
                "annotations": annotations.get(row, []),
                "predictions": [_prediction(fields, table)] if shown else [],
            }
        )
    return (json.dumps(tasks, ensure_ascii=False, indent=1) + "\n").encode()


def labelling_config(table: LabelTable, classes: Classes) -> str:
    """Labelling interface of a project for such tasks, as XML."""
    objects = _objects(table)
    to_name = objects[0][0]
    choices = [
        f"    <Choice value={quoteattr(name)}"
        + (f" hotkey={quoteattr(key)}" if key else "")
        + (f" hint={quoteattr(options.help)}" if options.help else "")
        + "/>"
        for (name, options), key in zip(classes.options.items(), classes.keys(), strict=True)
    ]
    return "\n".join(
        [
            "<View>",
            *(f'  <{tag} name="{name}" value="${name}"/>' for name, tag in objects),
            f'  <Choices name="{LABEL}" toName="{to_name}" choice="single">',
            *choices,
            "  </Choices>",
            f'  <Choices name="{UNSURE}" toName="{to_name}">',
            f'    <Choice value="{UNSURE}" hotkey="u"/>',
            "  </Choices>",
            f'  <TextArea name="{NOTE}" toName="{to_name}" maxSubmissions="1"/>',
            "</View>",
            "",
        ]
    )


def _objects(table: LabelTable) -> list[tuple[str, str]]:
    """Names of what annotators see, as keys of a task's data, and tags that show them."""
    texts = [name for name in table.shown if name != table.image]
    image = [("image", "Image")] if table.image in table.shown else []
    return [*image, *([("table", "Table")] if len(texts) > 1 else [("text", "Text")] * len(texts))]


def _data(row: str, table: LabelTable, image_folder: str | None) -> dict[str, Any]:
    """What annotators see of a row."""
    values = table.values(row) if row in table.positions else dict.fromkeys(table.shown, "")
    path = f"{image_folder}/{values.pop(table.image, '')}" if table.image else ""
    contents = {
        "image": f"/data/local-files/?d={quote(path)}",
        "text": next(iter(values.values()), ""),
        "table": values,
    }
    return {name: contents[name] for name, _ in _objects(table)}


def _choice(control: str, names: Sequence[str], table: LabelTable) -> dict[str, Any]:
    to_name = _objects(table)[0][0]
    return {
        "from_name": control, "to_name": to_name, "type": "choices",
        "value": {"choices": names},
    }  # fmt: skip


def _annotation(event: Event, labelling: Labelling) -> dict[str, Any]:
    table = labelling.table
    label = event.label and (labelling.classes.current(event.label) or event.label)
    choice = (
        _choice(UNSURE, [UNSURE], table)
        if event.decision == "unsure"
        else _choice(LABEL, [label] if label else [], table)
    )
    note = {
        "from_name": NOTE, "to_name": choice["to_name"], "type": "textarea",
        "value": {"text": [event.text]},
    }  # fmt: skip
    return {
        "unique_id": event.id,
        "created_username": event.by,
        "created_at": event.time,
        "lead_time": event.seconds,
        "was_cancelled": event.decision == "skip",
        "ground_truth": False,
        "result": [{"id": event.id, **choice}, *([note] if event.text else [])],
    }


def _asked(queries: Queries, table: LabelTable) -> dict[str, dict[str, Any]]:
    """For each row, fields of an event that answers its query."""
    return {
        query.row: {
            "why": query.why,
            "round": queries.round,
            "rank": query.rank,
            "model": queries.model,
            "guess": query.guess and query.guess.model_dump(),
        }
        for query in queries.rows
        if query.row in table.positions
    }


def _prediction(asked: dict[str, Any], table: LabelTable) -> dict[str, Any]:
    return {
        "model_version": asked["model"] or "",
        "score": asked["guess"]["p"],
        "result": [_choice(LABEL, [asked["guess"]["label"]], table)],
    }
