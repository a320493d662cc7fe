"""The rows to label in a round, as queries.csv lists them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

import pandas as pd

from active_learning.rounds.events import Event, Guess, Reason

COLUMNS = ["round", "rank", "row", "why", "for", "guess", "p", "model"]


@dataclass(frozen=True)
class Query:
    """A row to label.

    Attributes
    ----------
    rank : int
        Place in the round, 0 first.
    row : str
        Id.
    why : str
        Reason, as in the event that answers it.
    annotator : str or None
        Who should label it; ``None``: anyone who has not decided it yet.
    guess : Guess or None
        What the model says.
    """

    rank: int
    row: str
    why: Reason
    annotator: str | None = None
    guess: Guess | None = None


@dataclass(frozen=True)
class Queries:
    """The rows to label in a round.

    Attributes
    ----------
    round : int
    model : str or None
        Digest of the model that asked.
    rows : sequence of Query
        By rank.
    """

    round: int
    model: str | None
    rows: tuple[Query, ...]

    def to_table(self) -> pd.DataFrame:
        """One row per query, see ``COLUMNS``."""
        return pd.DataFrame(
            [
                {
                    "round": self.round,
                    "rank": query.rank,
                    "row": query.row,
                    "why": query.why,
                    "for": query.annotator,
                    "guess": query.guess and query.guess.label,
                    "p": query.guess and query.guess.p,
                    "model": self.model,
                }
                for query in self.rows
            ],
            columns=COLUMNS,
        )

    @classmethod
    def from_table(cls, table: pd.DataFrame) -> "Queries":
        """Queries of a table as ``to_table`` makes it, every value a string, ``""`` if missing.

        Raises
        ------
        ValueError
            If a value is invalid.
        """
        try:
            rows = [_query(values) for values in table.to_dict("records")]
            rounds = {int(number) for number in table["round"]}
            models = set(table["model"])
        except KeyError as error:
            raise ValueError(f"it has no column {error}") from None
        if len(rounds) > 1 or len(models) > 1:
            raise ValueError(f"it must be of one round and one model; got {len(rounds)} rounds")
        return cls(rounds.pop() if rounds else 1, next(iter(models), "") or None, tuple(rows))

    def open(self, decisions: Mapping[tuple[str, str], Event]) -> list[Query]:
        """Queries without an answer.

        Parameters
        ----------
        decisions : dict of (str, str) to Event
            As ``votes.standing`` gives them.
        """
        answered = answered_rows(self.round, decisions.values())
        return [query for query in self.rows if query.row not in answered]


def answered_rows(round_number: int, decisions: Iterable[Event]) -> set[str]:
    """Rows that somebody decided in a round, or later."""
    return {event.row for event in decisions if event.round >= round_number}


def _query(values: Mapping[Any, str]) -> Query:
    why = next((reason for reason in get_args(Reason) if reason == values["why"]), None)
    if why is None:
        raise ValueError(f"no reason is called {values['why']!r}")
    guess = Guess(label=values["guess"], p=float(values["p"])) if values["guess"] else None
    return Query(int(values["rank"]), values["row"], why, values["for"] or None, guess)
