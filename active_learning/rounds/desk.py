"""Which rows each of several annotators gets next from one server."""

from collections.abc import Container, Mapping
from dataclasses import dataclass

from active_learning.rounds.events import Event
from active_learning.rounds.queries import Queries, Query

HOLD = 300.0  # seconds for which a row on one screen is not given to another


@dataclass(frozen=True)
class Screen:
    """What an annotator was given: the row on the screen, since when, and the rows after it.

    Rows that another one was given before are not among those.
    """

    row: str
    since: float
    ahead: tuple[str, ...]

    def holds(self, now: float) -> bool:
        """Whether the row is still kept for this annotator."""
        return now - self.since < HOLD


class Desk:
    """Deals the rows of a round to the people at one server.

    A row on a screen is given to nobody else for five minutes. The rows that a page has fetched in
    advance are given to others when there is nothing else, the last one first. Two people may
    still decide one row, which is no error: both decisions count.
    """

    def __init__(self) -> None:
        self._screens: dict[str, Screen] = {}

    def deal(
        self,
        queries: Queries,
        decisions: Mapping[tuple[str, str], Event],
        rows: Container[str],
        annotator: str,
        now: float,
        *,
        on_screen: str | None = None,
        n: int = 10,
    ) -> list[Query]:
        """Next rows of an annotator: their own by rank, those for anyone, those of others.

        Parameters
        ----------
        queries : Queries
        decisions : dict of (str, str) to Event
            As ``votes.standing`` gives them.
        rows : container of str
            Ids in the table; queries of other rows are left out.
        annotator : str
        now : float
            Time in seconds, of any clock that does not go back.
        on_screen : str, optional
            Row that the annotator sees already; it comes first if it is still to be decided.
        n : int, optional
            Number of rows at most.
        """
        others = [screen for name, screen in self._screens.items() if name != annotator]
        held = {screen.row for screen in others if screen.holds(now)}
        ahead = {row for screen in others if screen.holds(now) for row in screen.ahead}

        def order(query: Query) -> tuple[bool, bool, int, int]:
            group = {annotator: 0, None: 1}.get(query.annotator, 2)
            fetched = query.row in ahead
            return query.row != on_screen, fetched, group, -query.rank if fetched else query.rank

        allowed = [
            query
            for query in self.open(queries, decisions, rows, annotator)
            if query.row not in held
        ]
        dealt = sorted(allowed, key=order)[:n]
        self._remember(annotator, [query.row for query in dealt], ahead, now)
        return dealt

    def on_screen(self, annotator: str) -> str | None:
        """Row that an annotator was given to decide first."""
        screen = self._screens.get(annotator)
        return screen.row if screen else None

    @staticmethod
    def open(
        queries: Queries,
        decisions: Mapping[tuple[str, str], Event],
        rows: Container[str],
        annotator: str,
    ) -> list[Query]:
        """Queries without an answer that an annotator can give one to.

        A second opinion is never asked of the person who gave the first.
        """
        return [
            query
            for query in queries.open(decisions)
            if query.row in rows
            and not (query.why in {"second", "review"} and (query.row, annotator) in decisions)
        ]

    def _remember(self, annotator: str, rows: list[str], of_others: set[str], now: float) -> None:
        before = self._screens.pop(annotator, None)
        if rows:
            # To look at a row again does not hold it for longer.
            since = before.since if before and before.row == rows[0] else now
            ahead = tuple(row for row in rows[1:] if row not in of_others)
            self._screens[annotator] = Screen(rows[0], since, ahead)
