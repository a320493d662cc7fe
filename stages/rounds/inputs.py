"""Read what merge-labels and the query stage wrote."""

from collections.abc import Iterable

import pandas as pd

from active_learning.data import files
from active_learning.rounds.events import Event
from active_learning.rounds.labelling import Labelling
from active_learning.rounds.log import parse_events
from active_learning.rounds.queries import Queries
from active_learning.rounds.table import LabelTable
from stages.params.rounds import RoundsParams
from stages.paths import EVENTS, QUERIES


def read_events() -> list[Event]:
    """Events as merge-labels read them.

    Raises
    ------
    UnreadableError
        If they are missing or damaged.
    """
    with files.reading(EVENTS):
        return parse_events(EVENTS.read_bytes())


def make_labelling(params: RoundsParams, table: LabelTable, events: list[Event]) -> Labelling:
    """Labelling of the table, with the hold-out of the params."""
    holdout = params.holdout
    return Labelling.of(table, params.classes, events, share=holdout.share, seed=holdout.seed)


def read_labelling(params: RoundsParams) -> Labelling:
    """Labelling as merge-labels read it."""
    return make_labelling(params, params.read_table(), read_events())


def unread_events(events: Iterable[Event]) -> int:
    """Number of events that merge-labels has not read."""
    read = {event.id for event in read_events()} if EVENTS.is_file() else set()
    return sum(event.id not in read for event in events)


def late_events(events: Iterable[Event], round_number: int) -> int:
    """Number of events of earlier rounds that merge-labels has not read.

    Those of this round answer its queries, and are for the next run.
    """
    return unread_events(event for event in events if event.round < round_number)


def read_queries() -> Queries | None:
    """The rows to label; ``None`` before the first round.

    Raises
    ------
    UnreadableError
        If the file is damaged, for example by a merge.
    """
    if not QUERIES.is_file():
        return None
    with files.reading(QUERIES):
        return Queries.from_table(pd.read_csv(QUERIES, dtype=str, keep_default_na=False))
