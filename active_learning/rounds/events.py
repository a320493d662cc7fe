"""Events: what a person said of a row, and when."""

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError, model_validator

from active_learning.core.errors import ParamsError, shown
from active_learning.core.strict import Strict

_NAMESPACE = uuid.UUID("6f1d5a2e-8c0b-5d94-9e57-3b7c1f2a4d60")
LONGEST_LINE = 4096  # bytes: short enough to be written at once

Decision = Literal["label", "skip", "unsure", "retract", "note"]
Reason = Literal["query", "holdout", "second", "review", "relabel", "free"]
Source = Literal["page", "csv", "label_studio", "machine"]

ANNOTATOR_RULE = "1 to 32 characters of a-z, 0-9, _ and -"
Annotator = Annotated[
    str, Field(pattern=r"^[a-z0-9_-]{1,32}$", json_schema_extra={"rule": ANNOTATOR_RULE})
]
Text = Annotated[str, Field(min_length=1)]
Id = Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Hex8 = Annotated[str, Field(pattern=r"^[0-9a-f]{8}$")]
Hex16 = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
Count = Annotated[int, Field(ge=0, lt=10**9)]


def _check_time(time: str) -> str:
    datetime.fromisoformat(time)
    return time


# Of one length, so that the order of the texts is the order of the times.
Time = Annotated[
    str,
    Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"),
    AfterValidator(_check_time),
]


def check_annotator(argument: str, name: str) -> None:
    """Refuse what is no name of an annotator.

    Raises
    ------
    ParamsError
        Its message begins with the name of the argument.
    """
    try:
        TypeAdapter[str](Annotator).validate_python(name)
    except ValidationError:
        raise ParamsError(f"{argument} must be {ANNOTATOR_RULE}; got {shown(name)}.") from None


def timestamp(time: datetime) -> str:
    """Time as events have it; one without an offset from UTC is local time."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Guess(Strict):
    """What the model said of a row."""

    label: Text
    p: Annotated[float, Field(ge=0, le=1)]


class Event(Strict):
    """One decision of one person; a line of the log."""

    v: Literal[1] = 1
    """Version of the format."""

    id: Id
    """UUID, made before the event is first sent: sent twice, it is one event."""

    time: Time
    """When it was given, in UTC, to the millisecond."""

    by: Annotator
    """Who gave it."""

    row: Text
    """Id of the row."""

    seen: Hex16
    """Digest of what was shown of the row, see ``digest_of_row``."""

    decision: Decision

    label: Text | None = None
    """Class as it was called then; of a ``label`` only."""

    instead_of: Id | None = None
    """Event of the same person and row that this one replaces."""

    why: Reason
    """Why the row was to be labelled."""

    round: Count
    """Round of the query."""

    rank: Count | None = None
    """Place in the query, 0 for the most informative row."""

    model: Hex8 | None = None
    """Digest of the model that asked."""

    guess: Guess | None = None
    """What that model said, whether it was shown or not."""

    shown: bool = False
    """Whether the guess was on the screen before the decision."""

    classes: Hex8
    """Digest of the classes on offer, see ``classes.Classes.digest``."""

    seconds: Annotated[float, Field(ge=0)]
    """Time between the row's appearance and the decision, while the page was visible."""

    source: Source

    text: Text | None = None
    """A note."""

    @model_validator(mode="after")
    def _check_decision(self) -> Self:
        if (self.label is not None) != (self.decision == "label"):
            raise ValueError(f"label must be given if and only if it is one; got {self.label!r}")
        if self.decision == "retract" and self.instead_of is None:
            raise ValueError("instead_of must name the event that is retracted; got None")
        if self.decision == "note" and self.text is None:
            raise ValueError("text must be given with a note; got None")
        if self.instead_of == self.id:
            raise ValueError("instead_of must name another event; got its own id")
        return self

    def line(self) -> bytes:
        """The event as a line of the log.

        Raises
        ------
        ValueError
            If it is too long to be written at once.
        """
        line = self.model_dump_json().encode() + b"\n"
        if len(line) > LONGEST_LINE:
            raise ValueError(f"an event must be at most {LONGEST_LINE} bytes; got {len(line)}.")
        return line


def digest(value: Any, length: int) -> str:
    """First hexadecimal digits of a hash of what JSON can hold."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=length // 2).hexdigest()


def digest_of_row(shown: Mapping[str, Any]) -> str:
    """Digest of the columns that are shown of a row: names and values, in any order.

    A column that is not shown can change, or a new one come, without another digest.
    """
    return digest(sorted((name, str(value)) for name, value in shown.items()), 16)


def event_id(*parts: str) -> str:
    """Id of an event that is made from other data: the same data give the same id."""
    return str(uuid.uuid5(_NAMESPACE, json.dumps(parts, ensure_ascii=False)))


def in_order(events: Sequence[Event]) -> list[Event]:
    """Events by time, and by id where the times agree."""
    return sorted(events, key=lambda event: (event.time, event.id))
