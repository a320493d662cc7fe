"""What the log says of a table: the state of the rounds, as a function of events."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from active_learning.rounds.classes import Classes
from active_learning.rounds.events import Event, in_order
from active_learning.rounds.holdout import choose_holdout
from active_learning.rounds.table import LabelTable
from active_learning.rounds.votes import RowVotes, count_votes, standing


@dataclass(frozen=True)
class Labelling:
    """Events on the rows of a table.

    Attributes
    ----------
    table : LabelTable
    classes : Classes
    events : sequence of Event
        By time.
    holdout : sequence of str
        Rows of the hold-out, see ``holdout.choose_holdout``; labelled or not, none is trained on.
    """

    table: LabelTable
    classes: Classes
    events: Sequence[Event]
    holdout: Sequence[str] = ()

    @classmethod
    def of(
        cls,
        table: LabelTable,
        classes: Classes,
        events: Sequence[Event],
        *,
        share: float,
        seed: int,
    ) -> "Labelling":
        """Labelling with the hold-out that a share and a seed decide."""
        return cls(table, classes, events, choose_holdout(table.ids, share, seed))

    def until(self, round_number: int) -> "Labelling":
        """The labelling as it was at the end of a round."""
        return replace(self, events=[e for e in self.events if e.round <= round_number])

    @property
    def rounds(self) -> list[int]:
        """Rounds with events."""
        return sorted({event.round for event in self.events})

    @property
    def next_round(self) -> int:
        """Round after the last one with events."""
        return 1 + max(self.rounds, default=0)

    @cached_property
    def holdout_rows(self) -> frozenset[str]:
        """The rows of the hold-out, as a set."""
        return frozenset(self.holdout)

    @cached_property
    def standing(self) -> dict[tuple[str, str], Event]:
        """What each person says of each row now, see ``votes.standing``."""
        return standing(self.events)

    @cached_property
    def decisions(self) -> dict[tuple[str, str], Event]:
        """Standing decisions on rows that are in the table and look as they did then."""
        digests: dict[str, str] = {}
        for row, _ in self.standing:
            if row in self.table.positions and row not in digests:
                digests[row] = self.table.digest(row)
        return {key: e for key, e in self.standing.items() if digests.get(key[0]) == e.seen}

    @cached_property
    def gone(self) -> list[str]:
        """Rows with decisions that the table does not have."""
        return sorted({row for row, _ in self.standing if row not in self.table.positions})

    @cached_property
    def changed(self) -> list[str]:
        """Rows of the table that changed since every decision on them."""
        kept = {row for row, _ in self.decisions}
        rows = {row for row, _ in self.standing if row in self.table.positions}
        return sorted(rows - kept, key=self.table.positions.__getitem__)

    @cached_property
    def votes(self) -> dict[str, RowVotes]:
        """Votes of each row with decisions, in the order of the table."""
        votes = count_votes(self.decisions, self.classes)
        return {row: votes[row] for row in sorted(votes, key=self.table.positions.__getitem__)}

    @cached_property
    def training(self) -> dict[str, str]:
        """Label of each row that a model is trained on."""
        return {row: label for row, label in self.labels.items() if row not in self.holdout_rows}

    @cached_property
    def measured(self) -> dict[str, str | None]:
        """Label of each decided row of the hold-out, ``None`` if it was skipped or is tied."""
        return {
            row: votes.label
            for row, votes in self.votes.items()
            if row in self.holdout_rows and votes.is_decided
        }

    @property
    def holdout_labels(self) -> list[dict[str, str]]:
        """Labels of each row of the hold-out, by annotator."""
        return [votes.labels for row, votes in self.votes.items() if row in self.holdout_rows]

    @cached_property
    def labels(self) -> dict[str, str]:
        """Label of each row that has one, in the hold-out or not."""
        return {row: votes.label for row, votes in self.votes.items() if votes.label is not None}

    @cached_property
    def outdated(self) -> list[str]:
        """Rows to label again: they changed, or their class was split."""
        split = [row for row, votes in self.votes.items() if votes.split and not votes.is_decided]
        return [*self.changed, *split]

    @cached_property
    def first_events(self) -> dict[str, Event]:
        """First decision on each row that counts: why and in which round it was made."""
        first: dict[str, Event] = {}
        for event in in_order(list(self.decisions.values())):
            first.setdefault(event.row, event)
        return first
