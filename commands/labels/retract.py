"""Take back labels of one annotator, for example those of a bad session.

Every standing decision in the given time gets an event that takes it back; nothing is erased, and
the rows are asked again.
"""

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

if TYPE_CHECKING:
    from active_learning.rounds.events import Event


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--by", required=True, metavar="NAME", help="annotator")
    for option, what in ("since", "given then or later"), ("until", "given before"):
        parser.add_argument(
            f"--{option}",
            type=parse_time,
            metavar="TIME",
            help=f"only labels {what}; ISO 8601, such as 2026-11-26T14:30, local time unless it "
            "says otherwise",
        )
    parser.add_argument("--row", metavar="ID", help="only the label of this row")
    parser.add_argument("--dry-run", action="store_true", help="only say how many there are")


def parse_time(text: str) -> str:
    """Time as events have it."""
    from active_learning.rounds.events import timestamp

    try:
        return timestamp(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(f"must be a time in ISO 8601; got {text!r}") from None


def main(options: argparse.Namespace) -> None:
    """Take back what was asked for."""
    from active_learning.core.errors import ParamsError, unknown
    from active_learning.core.sentences import count
    from active_learning.rounds.events import timestamp
    from active_learning.rounds.votes import standing
    from stages.rounds.guard import refuse_missing
    from stages.rounds.journal import Journal

    journal = Journal.of_repository()
    journal.finish()
    refuse_missing(journal)
    events = journal.read().events
    names = {event.by for event in events}
    if options.by not in names:
        raise ParamsError(f"--by: {unknown('annotator', options.by, names)}")
    chosen = [
        event
        for event in standing(events).values()
        if event.by == options.by
        and event.time >= (options.since or "")
        and (options.until is None or event.time < options.until)
        and options.row in {None, event.row}
    ]
    if not options.dry_run:
        now = timestamp(datetime.now(UTC))
        journal.append([_take_back(event, now) for event in chosen])
    done = "would be taken back" if options.dry_run else "taken back"
    print(f"{count(len(chosen), 'decision')} of {options.by} {done}.")


def _take_back(event: "Event", now: str) -> "Event":
    """Event that takes another one back."""
    from active_learning.rounds.events import Event

    kept = event.model_dump(include={"by", "row", "seen", "why", "round", "classes", "source"})
    return Event(
        id=str(uuid4()),
        time=now,
        decision="retract",
        instead_of=event.id,
        seconds=0.0,
        **kept,
    )
