"""From events to labels: what each person says of a row now, and what the majority says."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from active_learning.core.errors import DataError, unknown
from active_learning.rounds.classes import Classes
from active_learning.rounds.events import Event

_DECISIONS = {"label", "skip", "unsure"}


def standing(events: Iterable[Event]) -> dict[tuple[str, str], Event]:
    """What each person says of each row now: their last decision, unless they took it back.

    An event that another one replaces does not count, whatever their times; of the others the last
    one counts. So the result depends on the set of events only.

    Parameters
    ----------
    events : iterable of Event
        By time, as ``log.read_log`` gives them.

    Returns
    -------
    dict of (str, str) to Event
        By row and annotator: events that are a label, a skip, or unsure.
    """
    events = list(events)
    replaced = {(event.row, event.by, event.instead_of) for event in events}
    last = {
        (event.row, event.by): event
        for event in events
        if event.decision != "note" and (event.row, event.by, event.id) not in replaced
    }
    return {key: event for key, event in last.items() if event.decision in _DECISIONS}


@dataclass(frozen=True)
class RowVotes:
    """What people say of a row.

    Attributes
    ----------
    labels : dict of str to str
        For each annotator who gave one, the label as it is called now.
    skipped, unsure : list of str
        Annotators who skipped the row, or were unsure.
    split : dict of str to str
        For each annotator whose label was of a class that no longer exists, that label.
    """

    labels: dict[str, str] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)
    unsure: list[str] = field(default_factory=list)
    split: dict[str, str] = field(default_factory=dict)

    @cached_property
    def label(self) -> str | None:
        """Label of the majority; ``None`` without labels, or where the first two tie."""
        if len(self.labels) == 1:  # most often, and by far the fastest
            return next(iter(self.labels.values()))
        first = Counter(self.labels.values()).most_common(2)
        tie = len(first) == 2 and first[0][1] == first[1][1]
        return first[0][0] if first and not tie else None

    @property
    def is_tied(self) -> bool:
        """Whether there are labels, and none has the majority."""
        return bool(self.labels) and self.label is None

    @property
    def annotators(self) -> set[str]:
        """Who has decided the row: labelled it, skipped it, or was unsure."""
        return {*self.labels, *self.skipped, *self.unsure}

    @property
    def is_decided(self) -> bool:
        """Whether somebody has decided the row."""
        return bool(self.annotators)


def count_votes(
    decisions: Mapping[tuple[str, str], Event], classes: Classes
) -> dict[str, RowVotes]:
    """Votes of each row.

    Parameters
    ----------
    decisions : dict of (str, str) to Event
        As ``standing`` gives them.
    classes : Classes
        Labels of earlier classes count for their heirs; those of a class that left without an heir
        are ``split``.

    Raises
    ------
    DataError
        If a label is of no class although the classes on offer were the present ones.
    """
    votes: dict[str, RowVotes] = {}
    for (row, by), event in sorted(decisions.items()):
        of_row = votes.setdefault(row, RowVotes())
        if event.label is None:
            (of_row.skipped if event.decision == "skip" else of_row.unsure).append(by)
        elif (label := classes.current(event.label)) is not None:
            of_row.labels[by] = label
        elif event.classes == classes.digest:
            raise DataError(
                f"label of row {row!r} by {by}: {unknown('class', event.label, classes.names)} "
                "Name it in `was` of a class to take it."
            )
        else:
            of_row.split[by] = event.label
    return votes
