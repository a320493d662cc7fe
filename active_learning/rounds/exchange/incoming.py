"""From what another tool says to events: nothing twice, nothing against the log unnoticed."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from active_learning.core.errors import DataError, nearest, shown, unknown
from active_learning.core.explain import explain
from active_learning.rounds.events import Decision, Event, Source, event_id, in_order, timestamp
from active_learning.rounds.labelling import Labelling
from active_learning.rounds.votes import standing


@dataclass(frozen=True)
class Statement:
    """What a person said of a row in another tool.

    Attributes
    ----------
    place : str
        File and line, for messages.
    row, by : str
        Id of the row; annotator.
    decision : str
        ``label``, ``skip`` or ``unsure``.
    label : str or None
        Class of a ``label``.
    time : str or None
        As in an event; ``None`` if the tool does not say.
    seconds : float
    asked : dict of str
        Fields of the event that say what was asked, and why; by default the row as it is now,
        ``free``, in the present round.
    text : str or None
        A note.
    """

    place: str
    row: str
    by: str
    decision: Decision
    label: str | None = None
    time: str | None = None
    seconds: float = 0.0
    asked: Mapping[str, Any] = field(default_factory=dict)
    text: str | None = None


@dataclass
class Arrivals:
    """What an import adds to the log.

    Attributes
    ----------
    events : list of Event
        New events.
    n_present : int
        Events and decisions that the log has already.
    n_corrections : int
        New events that replace an earlier decision.
    n_outdated : int
        Decisions that were imported before and corrected since; they are not imported again.
    n_empty : int
        Rows without a decision.
    """

    events: list[Event] = field(default_factory=list)
    n_present: int = 0
    n_corrections: int = 0
    n_outdated: int = 0
    n_empty: int = 0


@dataclass(frozen=True)
class Target:
    """Where labels are imported.

    Attributes
    ----------
    labelling : Labelling
    round : int
        Round of new events that answer no query.
    now : str
        Time of new events for which the tool gives none.
    """

    labelling: Labelling
    round: int
    now: str

    def restore(self, given: Iterable[tuple[str, Event]]) -> Arrivals:
        """Import events that were exported.

        Parameters
        ----------
        given : iterable of (str, Event)
            Places and events.

        Raises
        ------
        DataError
            If the log has another event with that id, or a label is of no class.
        """
        arrivals, known = Arrivals(), {event.id: event for event in self.labelling.events}
        for place, event in given:
            present = known.setdefault(event.id, event)
            if present is event:
                self._check_label(place, event)
                arrivals.events.append(event)
            elif present == event:
                arrivals.n_present += 1
            else:
                raise DataError(f"{place}: {_difference(event, present)}")
        return arrivals

    def add(self, given: Iterable[Statement], source: Source, arrivals: Arrivals) -> None:
        """Import what people said in another tool.

        What agrees with the log adds nothing. Another decision of the same person replaces the
        earlier one, unless that is later.

        Parameters
        ----------
        given : iterable of Statement
        source : str
            As in an event.
        arrivals : Arrivals
            What to add to.

        Raises
        ------
        DataError
            If a row or a label is unknown, or an event would be invalid.
        """
        events = in_order([*self.labelling.events, *arrivals.events])
        said = standing(events)
        imported = {
            (*_content(event, self._current(event.label)), time)
            for event in events
            if event.source == source
            for time in (event.time, None)
        }
        for one in sorted(given, key=lambda one: one.time or ""):
            event = self._event(one, source)
            earlier = said.get((one.row, one.by))
            if earlier and self.agrees(one, earlier) and earlier.seen == event.seen:
                arrivals.n_present += 1
            elif (*_content(event, event.label), one.time) in imported:
                arrivals.n_outdated += 1
            else:
                if earlier and (one.time is None or earlier.time <= one.time):
                    event = self._event(one, source, earlier.id)
                    arrivals.n_corrections += 1
                if event.instead_of or not earlier:
                    said[one.row, one.by] = event
                arrivals.events.append(event)

    def agrees(self, one: Statement, event: Event) -> bool:
        """Whether a statement says the same as an event; without a note, it may have any."""
        return (
            one.decision == event.decision
            and self._current(one.label) == self._current(event.label)
            and one.text in {None, event.text}
        )

    def _current(self, label: str | None) -> str | None:
        """What a label is called now; itself if it is of no class."""
        return label and (self.labelling.classes.current(label) or label)

    def _check_label(self, place: str, event: Event) -> None:
        """Check that the label is of a class; one of a class that was split since is."""
        of_present = event.classes == self.labelling.classes.digest
        if event.label and of_present and self.labelling.classes.current(event.label) is None:
            raise DataError(
                f"{place}: {unknown('class', event.label, self.labelling.classes.names)}"
            )

    def _event(self, one: Statement, source: Source, instead_of: str | None = None) -> Event:
        table = self.labelling.table
        if one.row not in table.positions:
            near = nearest(one.row, table.ids)
            hint = f"; did you mean {near!r}?" if near else "."
            raise DataError(f"{one.place}: unknown row {shown(one.row)}{hint}")
        values: dict[str, Any] = {
            "time": one.time or self.now,
            "by": one.by,
            "row": one.row,
            "decision": one.decision,
            "label": self._current(one.label),
            "instead_of": instead_of,
            "seen": table.digest(one.row),
            "why": "free",
            "round": self.round,
            **one.asked,
            "classes": self.labelling.classes.digest,
            "seconds": one.seconds,
            "source": source,
            "text": one.text,
        }
        # Of everything: in two clones, events with the same id must be the same.
        values["id"] = event_id(json.dumps(values, sort_keys=True))
        event = parse_event(one.place, values)
        self._check_label(one.place, event)
        return event


def _content(event: Event, label: str | None) -> tuple[str | None, ...]:
    return event.row, event.by, event.decision, label, event.text, event.seen


def pick(what: str, names: Sequence[str], available: Collection[str], place: str) -> str:
    """First of several names that is available.

    Raises
    ------
    DataError
        If there is none; the message begins with the place.
    """
    name = next((name for name in names if name in available), None)
    if name is None:
        raise DataError(f"{place}: {unknown(what, names[-1], available)}")
    return name


def parse_event(place: str, values: dict[str, Any]) -> Event:
    """Event with these values.

    Raises
    ------
    DataError
        If they are invalid; the message begins with the place.
    """
    try:
        event = Event.model_validate(values)
        event.line()
    except ValidationError as error:
        raise DataError(f"{place}: {explain(error, Event, values, '')}") from None
    except ValueError as error:
        raise DataError(f"{place}: {error}") from None
    return event


def parse_time(place: str, text: str) -> str:
    """Time as in an event.

    Raises
    ------
    DataError
        If it is no time with an offset from UTC; the message begins with the place.
    """
    with suppress(ValueError, OverflowError):  # the year 1 in the east
        time = datetime.fromisoformat(text)
        if time.tzinfo:
            return timestamp(time)
    raise DataError(
        f"{place} must be a time such as 2026-01-31T09:30:00Z, with its offset from UTC; got "
        f"{shown(text)}."
    )


def _difference(event: Event, present: Event) -> str:
    """How an event differs from that of the log."""
    one, other = event.model_dump(), present.model_dump()
    name = next(name for name in one if one[name] != other[name])
    return (
        f"{name} must be {shown(other[name])}, as in the event {event.id} of the log; got "
        f"{shown(one[name])}. To correct a label, import a file with the columns row and label."
    )
