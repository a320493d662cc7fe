"""Who gets which row: own ones, those of anyone, those of others, and never two people one row."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from active_learning.rounds.desk import HOLD, Desk
from active_learning.rounds.events import Event, event_id
from active_learning.rounds.queries import Queries, Query

NAMES = ["a", "b", "c"]


def decide(row, by, n_round=1, decision="skip"):
    event = Event(
        id=event_id(row, by), time="2026-01-01T00:00:00.000Z", by=by, row=row, seen="0" * 16,
        decision=decision, why="query", round=n_round, classes="0" * 8, seconds=0.0, source="page",
    )  # fmt: skip
    return {(row, by): event}


def ask(*queries, n_round=1):
    """Queries of ``row``, ``row for name`` or ``row for name why``."""
    rows = []
    for rank, text in enumerate(queries):
        row, _, name, why = (text.split(" ") + ["", "", "query"][text.count(" ") :])[:4]
        rows.append(Query(rank, row, why, name or None))
    return Queries(n_round, None, tuple(rows))


def deal(desk, queries, name, *, now=0.0, decisions=None, rows="rstuvw", **options):
    dealt = desk.deal(queries, decisions or {}, rows, name, now, **options)
    return "".join(query.row for query in dealt)


def test_own_rows_come_first_then_those_of_anyone_then_those_of_others():
    queries = ask("r for b", "s", "t for a", "u", "v for a")
    assert deal(Desk(), queries, "a") == "tvsur"
    assert deal(Desk(), queries, "c") == "surtv"
    assert deal(Desk(), queries, "a", n=2) == "tv"
    assert deal(Desk(), queries, "a", on_screen="u") == "utvsr"
    assert deal(Desk(), queries, "a", rows="su") == "su"


@pytest.mark.parametrize("why", ["second", "review"])
def test_a_second_opinion_is_of_another_person(why):
    queries = ask(f"r for a {why}", "s for a relabel", n_round=2)
    before = decide("r", "a") | decide("s", "a")
    assert deal(Desk(), queries, "a", decisions=before) == "s"
    assert deal(Desk(), queries, "b", decisions=before) == "rs"
    assert deal(Desk(), queries, "b", decisions=before | decide("r", "c", 2)) == "s"


def test_a_row_on_a_screen_is_held_for_five_minutes():
    desk, queries = Desk(), ask("r", "s")
    assert deal(desk, queries, "a", n=1) == "r"
    assert deal(desk, queries, "b", now=1) == "s"
    assert deal(desk, queries, "c", now=2) == ""
    # To ask again does not prolong it.
    assert deal(desk, queries, "a", now=HOLD - 1, n=1) == "r"
    assert deal(desk, queries, "c", now=HOLD - 1) == ""
    assert deal(desk, queries, "c", now=HOLD) == "r"
    assert deal(desk, queries, "a", now=HOLD) == ""
    assert desk.on_screen("c") == "r"
    assert desk.on_screen("a") is None


def test_rows_that_a_page_has_fetched_are_given_to_others_from_the_end():
    desk, queries = Desk(), ask(*"rstuvw")
    assert deal(desk, queries, "a", n=4) == "rstu"
    assert deal(desk, queries, "b", n=5) == "vwuts"
    assert deal(desk, queries, "a", n=4) == "rstu"
    assert deal(desk, queries, "c", n=3) == "wut"


@given(st.lists(st.sampled_from(NAMES), max_size=60), st.integers(1, 8))
def test_each_row_is_decided_once_while_nobody_dawdles(turns, n):
    rows = [str(number) for number in range(20)]
    queries, desk, decisions, count = ask(*rows), Desk(), {}, Counter()
    for now, name in enumerate(turns):
        dealt = desk.deal(queries, decisions, rows, name, now, n=n)
        if dealt:
            decisions |= decide(dealt[0].row, name)
            count[dealt[0].row] += 1
            desk.deal(queries, decisions, rows, name, now, n=n)
    assert set(count.values()) <= {1}
    assert len(count) >= min(len(turns), 18)  # the others may be on two screens
