"""Which rows to ask for in a round, why, and whom."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from active_learning.rounds.deal import rank_annotators
from active_learning.rounds.events import Reason
from active_learning.rounds.queries import Query
from active_learning.rounds.votes import RowVotes

# Choose so many of these rows, the most informative first.
Choose = Callable[[Sequence[str], int], Sequence[str]]
Asked = tuple[str, Reason]  # a row, and why it is to be labelled
_NOBODY = RowVotes()


@dataclass(frozen=True)
class Batch:
    """What a batch is made of.

    Attributes
    ----------
    size : int
        Rows to ask for.
    holdout_share : float in [0, 1]
        Share of the batch that goes to the hold-out until that is labelled.
    review_share : float in [0, 1]
        Share of the batch that goes to labels that the model contradicts.
    twice : int
        First rows of the hold-out that two people label, to measure their agreement.
    """

    size: int
    holdout_share: float = 0.34
    review_share: float = 0.1
    twice: int = 20


@dataclass(frozen=True)
class State:
    """What is known before a round.

    Attributes
    ----------
    rows : sequence of str
        Ids of the rows outside the hold-out, in the order of the table.
    holdout : sequence of str
        Ids of the rows to label of the hold-out, in its order.
    votes : dict of str to RowVotes
        Of the rows that somebody decided; a row of which a skip was long ago counts as undecided.
    outdated : sequence of str
        Rows whose labels count no more, since the class was split or the row changed.
    contradicted : sequence of str
        Rows with one label that the model contradicts, the most doubtful label first.
    annotators : collection of str
        Names among whom rows are dealt; empty: each row is for anyone.
    people : collection of str
        Who labels, if there are no annotators. Nobody else is expected to give a second opinion.
    earlier : dict of str to collection of str
        Of each row, who has a decision on it, also one that counts no more. None of them is asked
        for a second opinion.
    """

    rows: Sequence[str]
    holdout: Sequence[str] = ()
    votes: Mapping[str, RowVotes] = field(default_factory=dict)
    outdated: Sequence[str] = ()
    contradicted: Sequence[str] = ()
    annotators: Collection[str] = ()
    people: Collection[str] = ()
    earlier: Mapping[str, Collection[str]] = field(default_factory=dict)

    def votes_of(self, row: str) -> RowVotes:
        """Votes of a row, of which there may be none."""
        return self.votes.get(row, _NOBODY)

    def next_annotator(self, row: str) -> str | None:
        """Who has not decided a row yet and is first in line; ``None``: anyone, or nobody."""
        decided = self._deciders(row)
        return next(
            (name for name in rank_annotators(row, self.annotators) if name not in decided), None
        )

    def someone_is_left(self, row: str) -> bool:
        """Whether there is a person who has not decided a row."""
        return not self._deciders(row).issuperset(self.annotators or self.people)

    def _deciders(self, row: str) -> set[str]:
        return self.votes_of(row).annotators | {*self.earlier.get(row, ())}


def plan_requests(state: State, batch: Batch, choose: Choose) -> list[Query]:
    """Rows of a batch, in the order in which they are asked for.

    Labels that count no more come first, then rows on which people disagree or were unsure. The
    rest is a mixture, so that a batch that is left half done has its share of everything. Second
    opinions leave room for other rows: the second person may be away.

    Parameters
    ----------
    state : State
    batch : Batch
    choose : callable
        Of rows without a decision and a number of rows: those to query.
    """
    n_holdout = round(batch.holdout_share * batch.size)
    measured = _holdout(state, batch.twice, n_holdout)
    asked = {row for row, _ in measured}
    disputed = [row for row in _disputed(state) if row not in {*state.outdated, *asked}]
    n_left = batch.size - len(measured)
    first = _ask("relabel", state.outdated[:n_left])
    first += _ask("second", disputed[: (n_left - len(first) + 1) // 2])
    n_left -= len(first)
    asked |= {row for row, _ in first}
    doubtful = [
        row for row in state.contradicted if row not in asked and state.someone_is_left(row)
    ]
    review = _ask("review", doubtful[: min(n_left, round(batch.review_share * batch.size))])
    asked |= {row for row, _ in review}
    candidates = [
        row for row in state.rows if row not in asked and not state.votes_of(row).is_decided
    ]
    n_queries = min(n_left - len(review), len(candidates))
    queries = _ask("query", choose(candidates, n_queries) if n_queries else [])
    return [
        Query(rank, row, why, state.next_annotator(row))
        for rank, (row, why) in enumerate([*first, *_mix(measured, review, queries)])
    ]


def _ask(why: Reason, rows: Sequence[str]) -> list[Asked]:
    return [(row, why) for row in rows]


def _holdout(state: State, twice: int, n: int) -> list[Asked]:
    """Rows of the hold-out: first those that need a second decision, then those without one."""
    again = [
        row
        for row in state.holdout[:twice]
        if len(state.votes_of(row).annotators) == 1 and state.someone_is_left(row)
    ]
    new = [row for row in state.holdout if not state.votes_of(row).is_decided]
    again = again[: n // 2 if new else n]
    return [*_ask("second", again), *_ask("holdout", new[: n - len(again)])]


def _disputed(state: State) -> Iterator[str]:
    """Rows whose labels tie, or of which somebody was unsure and nobody sure."""
    for row in [*state.holdout, *state.rows]:
        votes = state.votes_of(row)
        doubtful = votes.is_tied or (votes.unsure and not votes.labels)
        if doubtful and state.someone_is_left(row):
            yield row


def _mix(*parts: Sequence[Asked]) -> list[Asked]:
    """Parts spread evenly over one list, each in its order."""
    places = [
        ((position + 0.5) / len(part), number, one)
        for number, part in enumerate(parts)
        for position, one in enumerate(part)
    ]
    return [one for _, _, one in sorted(places, key=lambda place: place[:2])]
