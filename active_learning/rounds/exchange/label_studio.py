"""Labels as tasks of Label Studio, both ways.

Label Studio gives imported annotations new ids and times and the person who imported them. It keeps
a task's ``meta``, so all events of a row are there, and the id of a result, which is that of its
event: what comes back unchanged is recognised.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

from pydantic import BaseModel, ConfigDict, ValidationError

from active_learning.core.errors import DataError, ParamsError
from active_learning.core.explain import explain
from active_learning.rounds.classes import Classes
from active_learning.rounds.events import Decision, Event, Guess, in_order
from active_learning.rounds.exchange.incoming import (
    Arrivals,
    Statement,
    Target,
    parse_event,
    parse_time,
    pick,
)
from active_learning.rounds.queries import Queries
from active_learning.rounds.table import LabelTable
from active_learning.rounds.votes import standing

# Names of the controls of the labelling interface.
LABEL, UNSURE, NOTE = "label", "unsure", "note"
_DIGEST = re.compile(r"[0-9a-f]{8}")  # of a model of ours


class _Part(BaseModel):
    """Part of an export; Label Studio adds keys with every version."""

    model_config = ConfigDict(extra="ignore", strict=True)


class _Result(_Part):
    id: str | None = None
    from_name: str = ""
    type: str = ""
    value: dict[str, Any] = {}


class _Prediction(_Part):
    result: list[_Result] | None = None
    score: float | None = None
    model_version: str | None = None


class _Annotation(_Part):
    result: list[_Result]
    was_cancelled: bool = False
    completed_by: int | dict[str, Any] | None = None
    updated_by: int | dict[str, Any] | None = None
    created_at: str | None = None
    updated_at: str | None = None
    lead_time: float | None = None
    prediction: _Prediction | None = None


class _Task(_Part):
    data: dict[str, Any]
    meta: dict[str, Any] | None = None
    annotations: list[_Annotation] = []


class _Export(_Part):
    tasks: list[_Task]


@dataclass(frozen=True)
class People:
    """Names of annotators.

    Attributes
    ----------
    names : dict of str to str
        By id or e-mail address in Label Studio.
    other : str or None
        Name of everyone else.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    other: str | None = None

    def name(self, place: str, person: int | dict[str, Any] | None) -> str:
        """Name of a person as an annotation has it."""
        keys = [person.get("id"), person.get("email")] if isinstance(person, dict) else [person]
        texts = [str(key) for key in keys if key is not None]
        name = next((self.names[key] for key in texts if key in self.names), self.other)
        if name is None:
            raise ParamsError(f"people must name annotator {' or '.join(texts)} of {place}.")
        return name


def export_tasks(
    events: Sequence[Event],
    table: LabelTable,
    classes: Classes,
    *,
    queries: Queries | None = None,
    holdout: Collection[str] = (),
    image_folder: str | None = None,
) -> bytes:
    """Tasks for the rows of the log and of queries, to be imported into Label Studio.

    Parameters
    ----------
    events : sequence of Event
        The log.
    table : LabelTable
    classes : Classes
    queries : Queries, optional
        What the model says of a row becomes a prediction, but not in the hold-out: labels that
        measure the accuracy must not depend on it.
    holdout : collection of str, optional
        Ids of its rows.
    image_folder : str, optional
        Relative to the root of the files that Label Studio serves.
    """
    by_row: dict[str, list[Event]] = {query.row: [] for query in (queries.rows if queries else ())}
    for event in in_order(events):
        by_row.setdefault(event.row, []).append(event)
    predictions = _predictions(queries, table) if queries else {}
    last = len(table.ids)  # rows that are no longer in the table
    tasks: list[dict[str, Any]] = [
        {
            "data": {"row": row, **_data(row, table, image_folder)},
            "meta": {"events": [event.model_dump() for event in by_row[row]]},
            "annotations": [
                _annotation(event, table, classes) for event in standing(by_row[row]).values()
            ],
            "predictions": [] if row in holdout else predictions.get(row, []),
        }
        for row in sorted(by_row, key=lambda row: (table.positions.get(row, last), row))
    ]
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


def import_tasks(
    content: bytes, file: str, target: Target, people: People, row_keys: Sequence[str] = ("row",)
) -> Arrivals:
    """Import the JSON that Label Studio exports, or that ``export_tasks`` made.

    Parameters
    ----------
    content : bytes
    file : str
        Name, for messages.
    target : Target
    people : People
    row_keys : sequence of str, optional
        The first of these keys of a task's data holds the id of the row.

    Raises
    ------
    DataError
        At the first task that cannot be imported.
    ParamsError
        If an annotator has no name.
    """
    tasks = _read(content, file)
    arrivals = target.restore(event for place, task in tasks for event in _events(place, task))
    known = {event.id: event for event in [*target.events, *arrivals.events]}
    given = []
    for place, task in tasks:
        for annotation in task.annotations:
            one = _statement(place, task, annotation, row_keys)
            exported = next(
                (known[part.id] for part in annotation.result if part.id in known), None
            )
            if one is None:
                arrivals.n_empty += 1
            elif exported is None or not target.agrees(one, exported):
                person = annotation.updated_by or annotation.completed_by
                given.append(replace(one, by=people.name(place, person)))
    target.add(given, "label_studio", arrivals)
    return arrivals


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


def _annotation(event: Event, table: LabelTable, classes: Classes) -> dict[str, Any]:
    label = event.label and (classes.current(event.label) or event.label)
    unsure = event.decision == "unsure"
    choice = (
        _choice(UNSURE, [UNSURE], table)
        if unsure
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


def _predictions(queries: Queries, table: LabelTable) -> dict[str, list[dict[str, Any]]]:
    return {
        query.row: [
            {
                "model_version": queries.model or "",
                "score": query.guess.p,
                "result": [_choice(LABEL, [query.guess.label], table)],
            }
        ]
        for query in queries.rows
        if query.guess
    }


def _read(content: bytes, file: str) -> list[tuple[str, _Task]]:
    """Tasks, with their places."""
    try:
        tasks = json.loads(content)
    except ValueError as error:
        raise DataError(f"{file} must be JSON ({error}).") from None
    if isinstance(tasks, list) and any("annotation_id" in task for task in tasks[:1]):
        raise DataError(f"{file} must be exported as JSON; JSON-MIN lacks who skipped what.")
    try:
        export = _Export.model_validate({"tasks": tasks})
    except ValidationError as error:
        raise DataError(f"{file}: {explain(error, _Export, {'tasks': tasks}, '')}") from None
    return [(f"{file}, task {number}", task) for number, task in enumerate(export.tasks, 1)]


def _events(place: str, task: _Task) -> Iterator[tuple[str, Event]]:
    """Events that ``export_tasks`` wrote."""
    events = (task.meta or {}).get("events", [])
    for values in events if isinstance(events, list) else []:
        if isinstance(values, dict) and values.keys() >= {"v", "id", "row", "decision"}:
            yield place, parse_event(place, values)


def _statement(
    place: str, task: _Task, annotation: _Annotation, row_keys: Sequence[str]
) -> Statement | None:
    """What somebody says in an annotation; ``None`` if it is empty."""
    decision, label = _decide(place, annotation)
    if decision is None:
        return None
    time = annotation.updated_at or annotation.created_at
    prediction = annotation.prediction or _Prediction()
    guess, version = _guess(prediction), prediction.model_version or ""
    return Statement(
        place,
        str(task.data[pick("key of data", row_keys, task.data, place)]),
        "",
        decision,
        label,
        parse_time(f"{place}: updated_at", time) if time else None,
        annotation.lead_time or 0.0,
        guess,
        version if guess and _DIGEST.fullmatch(version) else None,
        _note(annotation),
    )


def _guess(prediction: _Prediction) -> Guess | None:
    """What the model says; Label Studio shows it before the decision."""
    choices = _choices(prediction.result or [])
    if len(choices) != 1 or prediction.score is None or not 0 <= prediction.score <= 1:
        return None
    return Guess(label=choices[0][1], p=prediction.score)


def _decide(place: str, annotation: _Annotation) -> tuple[Decision | None, str | None]:
    choices = _choices(annotation.result)
    if annotation.was_cancelled:
        return "skip", None
    if any(control == UNSURE for control, _ in choices):
        return "unsure", None
    if len(choices) > 1:
        names = ", ".join(name for _, name in choices)
        raise DataError(f"{place}: must choose one class; got {names}.")
    return ("label", choices[0][1]) if choices else (None, None)


def _choices(results: Sequence[_Result]) -> list[tuple[str, str]]:
    """Choices, with the names of their controls."""
    return [
        (one.from_name, str(name))
        for one in results
        if one.type == "choices"
        for name in one.value.get("choices", [])
    ]


def _note(annotation: _Annotation) -> str | None:
    texts = [one.value.get("text", "") for one in annotation.result if one.type == "textarea"]
    lines = [line for text in texts for line in ([text] if isinstance(text, str) else text)]
    return "\n".join(map(str, lines)) or None
