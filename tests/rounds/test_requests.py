"""Which rows a round asks for, why, and whom."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from active_learning.rounds.requests import Batch, State, plan_requests
from active_learning.rounds.votes import RowVotes

ROWS = [f"r{number}" for number in range(40)]
HOLDOUT = [f"h{number}" for number in range(20)]
PEOPLE = ["ann", "bob", "cy"]


def first(rows, n):
    return rows[:n]


def plan(state, choose=first, **options):
    defaults = {"size": 10, "holdout_share": 0.3, "review_share": 0.2, "twice": 2}
    return plan_requests(state, Batch(**defaults | options), choose)


def reasons(requests):
    return Counter(request.why for request in requests)


def test_a_first_batch_is_queries_and_their_share_of_the_holdout():
    requests = plan(State(ROWS, HOLDOUT))
    assert reasons(requests) == {"query": 7, "holdout": 3}
    assert [r.row for r in requests if r.why == "holdout"] == HOLDOUT[:3]
    assert [r.row for r in requests if r.why == "query"] == ROWS[:7]
    assert {r.annotator for r in requests} == {None}
    # of the first half, half of each
    assert reasons(requests[:5]) in ({"query": 3, "holdout": 2}, {"query": 4, "holdout": 1})


def test_first_rows_of_the_holdout_go_to_two_people():
    votes = {row: RowVotes({"ann": "x"}) for row in HOLDOUT[:5]}
    requests = plan(State(ROWS, HOLDOUT, votes, annotators=PEOPLE))
    measured = [(r.row, r.why) for r in requests if r.row in HOLDOUT]
    assert measured == [("h0", "second"), ("h5", "holdout"), ("h6", "holdout")]
    assert all(r.annotator != "ann" for r in requests if r.why == "second")
    alone = plan(State(ROWS, HOLDOUT, votes, annotators=["ann"]))
    assert [r.row for r in alone if r.row in HOLDOUT] == ["h5", "h6", "h7"]


def test_ties_and_doubts_go_to_somebody_else_and_end_with_the_last():
    tie, doubt = RowVotes({"ann": "x", "bob": "y"}), RowVotes(unsure=["bob"])
    settled = RowVotes({"ann": "x"}, unsure=["bob"])
    votes = {"r3": tie, "r4": doubt, "r5": settled}
    requests = plan(State(ROWS, [], votes, annotators=PEOPLE))
    assert [(r.row, r.why) for r in requests[:2]] == [("r3", "second"), ("r4", "second")]
    assert requests[0].annotator == "cy"
    assert requests[1].annotator in {"ann", "cy"}
    assert {"r3", "r4", "r5"}.isdisjoint(r.row for r in requests[2:])
    pair = plan(State(ROWS, [], votes, annotators=["ann", "bob"]))
    assert [(r.row, r.why, r.annotator) for r in pair[:1]] == [("r4", "second", "ann")]
    assert "r3" not in {r.row for r in pair}


def test_labels_that_count_no_more_come_first_and_leave_the_holdout_its_share():
    requests = plan(State(ROWS, HOLDOUT, outdated=ROWS[20:35]))
    assert [r.row for r in requests[:7]] == ROWS[20:27]
    assert reasons(requests) == {"relabel": 7, "holdout": 3}


def test_review_takes_labels_that_the_model_contradicts_to_a_second_person():
    votes = {row: RowVotes({"ann": "x"}) for row in ROWS[:9]}
    state = State(ROWS, HOLDOUT, votes, contradicted=["r7", "r2", "r5"], annotators=PEOPLE)
    requests = plan(state)
    review = [r for r in requests if r.why == "review"]
    assert [r.row for r in review] == ["r7", "r2"]
    assert all(r.annotator in {"bob", "cy"} for r in review)
    assert reasons(requests) == {"query": 5, "review": 2, "holdout": 3}


def test_second_opinions_are_asked_of_people_who_are_there():
    votes = {"h0": RowVotes({"ann": "x"}), "r1": RowVotes(unsure=["ann"])}
    alone = plan(State(ROWS, HOLDOUT[:1], votes, people=["ann"]))
    assert reasons(alone) == {"query": 10}
    pair = plan(State(ROWS, HOLDOUT[:1], votes, people=["ann", "bob"]))
    assert [r.row for r in pair if r.why == "second"] == ["r1", "h0"]
    assert {r.annotator for r in pair} == {None}


def test_a_person_who_is_away_stops_neither_the_holdout_nor_the_queries():
    """Their rows are asked for again and again, and leave room for others."""
    votes = {row: RowVotes({"ann": "x"}) for row in HOLDOUT[:10]}
    votes |= {row: RowVotes(unsure=["ann"]) for row in ROWS[:20]}
    requests = plan(State(ROWS, HOLDOUT, votes, annotators=["ann", "bob"]), twice=10)
    of_ann = [r for r in requests if r.why != "second"]
    assert reasons(of_ann) == {"query": 3, "holdout": 2}
    done = {row: RowVotes({"ann": "x"}) for row in HOLDOUT}
    all_measured = plan(State(ROWS, HOLDOUT, done, annotators=["ann", "bob"]), twice=10)
    assert reasons(all_measured) == {"second": 3, "query": 7}


def test_second_opinions_are_asked_neither_of_strangers_nor_of_who_decided_earlier():
    """The page would not show them the row."""
    doubt = {"r1": RowVotes(unsure=["ann"])}
    listed = State(ROWS, [], doubt, annotators=["ann"], people=["ann", "bob"])
    assert reasons(plan(listed)) == {"query": 10}
    earlier = State(ROWS, [], doubt, people=["ann", "bob"], earlier={"r1": ["ann", "bob"]})
    assert reasons(plan(earlier)) == {"query": 10}


def test_skipped_rows_are_not_asked_and_the_pool_may_be_empty():
    skipped = RowVotes(skipped=["ann"])
    state = State(ROWS[:3], [], {"r0": skipped})
    assert [r.row for r in plan(state)] == ["r1", "r2"]

    def never(rows, n):
        raise AssertionError

    assert plan(State([]), choose=never) == []


@given(
    st.dictionaries(
        st.sampled_from(ROWS + HOLDOUT),
        st.builds(
            RowVotes,
            labels=st.dictionaries(st.sampled_from(PEOPLE), st.sampled_from("xy")),
            skipped=st.lists(st.sampled_from(PEOPLE), max_size=1),
            unsure=st.lists(st.sampled_from(PEOPLE), max_size=1),
        ),
    ),
    st.lists(st.sampled_from(ROWS), max_size=6, unique=True),
    st.lists(st.sampled_from(ROWS), max_size=6, unique=True),
    st.integers(1, 30),
    st.sampled_from([[], ["ann"], PEOPLE]),
)
def test_any_batch_names_each_row_once_and_nobody_twice(
    votes, outdated, contradicted, size, annotators
):
    state = State(ROWS, HOLDOUT, votes, outdated, contradicted, annotators)
    requests = plan(state, size=size)
    rows = [request.row for request in requests]
    assert len(rows) == len(set(rows)) <= size
    for request in requests:
        assert request.annotator is None or request.annotator in annotators
        decided = state.votes_of(request.row).annotators
        assert request.why == "relabel" or request.annotator not in decided
        assert request.why != "query" or not decided
        assert (request.why == "holdout") == (request.row in HOLDOUT and not decided)
