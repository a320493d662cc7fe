"""The label log: one file of events for each annotator, appended to only."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import ValidationError
from pydantic_core import from_json

from active_learning.core.errors import DataError, one_line, shown
from active_learning.core.explain import explain
from active_learning.rounds.events import Event, in_order


@dataclass(frozen=True)
class Log:
    """What all files say, whatever the order of their lines.

    Attributes
    ----------
    events : list of Event
        Each once, by time.
    torn : dict of str to int
        For each file with such, the number of lines that were cut short while they were written.
    n_duplicates : int
        Lines that repeat an event.
    """

    events: list[Event]
    torn: Mapping[str, int]
    n_duplicates: int


def read_log(files: Mapping[str, bytes]) -> Log:
    """Read the files of a log.

    A line that ends too early is of a process that was killed while it wrote, or of a full disk; it
    was never acknowledged, so it is reported and no error. Nothing else may be there but events.

    Parameters
    ----------
    files : dict of str to bytes
        Content of each file, by its name: the annotator's, and ``.jsonl``.

    Raises
    ------
    DataError
        At the first line that is no event, or is another event of an id; names file and line.
    """
    events: dict[str, Event] = {}
    places: dict[str, str] = {}
    torn: dict[str, int] = {}
    n_duplicates = 0
    for file, content in sorted(files.items()):
        for number, line in _lines(content):
            place = f"{file}, line {number}"
            event = _parse(line, place, file.removesuffix(".jsonl"))
            if event is None:
                torn[file] = torn.get(file, 0) + 1
            elif events.setdefault(event.id, event) != event:
                raise DataError(
                    f"{place}: id must be of one event only; got another event with the id "
                    f"{event.id} of {places[event.id]}."
                )
            elif event.id in places:
                n_duplicates += 1
            else:
                places[event.id] = place
    return Log(in_order(list(events.values())), torn, n_duplicates)


def parse_events(content: bytes) -> list[Event]:
    """Events of a file that holds nothing else, in its order.

    Raises
    ------
    ValueError
        If a line is no event.
    """
    return [Event.model_validate(from_json(line)) for _, line in _lines(content)]


def _lines(content: bytes) -> Iterator[tuple[int, bytes]]:
    for number, line in enumerate(content.split(b"\n"), 1):
        if line.strip():
            yield number, line.removesuffix(b"\r")


def _parse(line: bytes, place: str, annotator: str) -> Event | None:
    """Event of a line, ``None`` if the line is torn."""
    try:
        event = Event.model_validate(from_json(line))
    except ValidationError as error:
        raise DataError(f"{place}: {explain(error, Event, from_json(line), 'event')}") from None
    except ValueError as error:
        if _is_torn(line):
            return None
        text = shown(line.decode(errors="replace"))
        raise DataError(f"{place}: must be JSON ({one_line(error)}); got {text}.") from None
    if event.by != annotator:
        raise DataError(f"{place}: by must be {annotator!r}, as the file; got {event.by!r}.")
    return event


def _is_torn(line: bytes) -> bool:
    """Whether a line begins as an event does, and would go on."""
    text = line.decode(errors="ignore")
    try:
        from_json(text, allow_partial=True)
    except ValueError:
        return False
    try:
        json.JSONDecoder().raw_decode(text)
    except ValueError:
        return text.startswith("{")
    return False  # it is whole, and something comes after it
