"""Labels from the JSON that Label Studio exports."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from active_learning.core.errors import DataError, ParamsError
from active_learning.core.explain import explain
from active_learning.rounds.events import Decision, Event
from active_learning.rounds.exchange.incoming import (
    Arrivals,
    Statement,
    Target,
    parse_event,
    parse_time,
    pick,
)
from active_learning.rounds.exchange.label_studio import UNSURE

_ASKED = ["seen", "why", "round", "rank", "model", "guess"]


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


def import_tasks(
    content: bytes, file: str, target: Target, people: People, row_keys: Sequence[str] = ("row",)
) -> Arrivals:
    """Import the JSON that Label Studio exports, or that ``label_studio.export_tasks`` made.

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
    known = {event.id: event for event in [*target.labelling.events, *arrivals.events]}
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


def _read(content: bytes, file: str) -> list[tuple[str, _Task]]:
    """Tasks, with their places."""
    try:
        tasks = json.loads(content)
    except ValueError as error:
        raise DataError(f"{file} must be JSON ({error}).") from None
    if isinstance(tasks, list) and any(
        isinstance(task, dict) and "annotation_id" in task for task in tasks[:1]
    ):
        raise DataError(f"{file} must be exported as JSON; JSON-MIN lacks who skipped what.")
    try:
        export = _Export.model_validate({"tasks": tasks})
    except ValidationError as error:
        raise DataError(f"{file}: {explain(error, _Export, {'tasks': tasks}, '')}") from None
    return [(f"{file}, task {number}", task) for number, task in enumerate(export.tasks, 1)]


def _events(place: str, task: _Task) -> Iterator[tuple[str, Event]]:
    """Events that ``label_studio.export_tasks`` wrote."""
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
    return Statement(
        place,
        str(task.data[pick("key of data", row_keys, task.data, place)]),
        "",
        decision,
        label,
        parse_time(f"{place}: updated_at", time) if time else None,
        annotation.lead_time or 0.0,
        _asked(task, annotation),
        _note(annotation),
    )


def _asked(task: _Task, annotation: _Annotation) -> dict[str, Any]:
    """What was asked, in a task that ``label_studio.export_tasks`` wrote, and what a model said."""
    asked = (task.meta or {}).get("asked", {})
    fields = {name: asked[name] for name in _ASKED if isinstance(asked, dict) and name in asked}
    seen = annotation.prediction or _Prediction()
    choices = _choices(seen.result or [])
    if len(choices) != 1 or seen.score is None or not 0 <= seen.score <= 1:
        return fields
    guess = {"label": choices[0][1], "p": seen.score}
    return {"guess": guess, **fields, "shown": True}


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
