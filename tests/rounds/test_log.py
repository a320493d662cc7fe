"""The label log: what is read is a function of the set of events, and no damage passes unseen."""

import json
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from active_learning.core.errors import DataError
from active_learning.rounds.classes import Classes
from active_learning.rounds.events import Event, digest_of_row
from active_learning.rounds.log import read_log
from active_learning.rounds.votes import count_votes, standing

CLASSES = Classes.from_params(["ham", "spam"])


def event(number, decision="label", by="a1", row="r1", **changes):
    """Event of a minute and an id of its own."""
    values = {
        "id": f"{number:08x}-0000-4000-8000-000000000000",
        "time": f"2026-01-01T10:{number:02d}:00.000Z",
        "by": by,
        "row": row,
        "seen": digest_of_row({"text": row}),
        "decision": decision,
        "label": "ham" if decision == "label" else None,
        "text": "?" if decision == "note" else None,
        "why": "query",
        "round": 0,
        "classes": CLASSES.digest,
        "seconds": 1.5,
        "source": "page",
    }
    return Event(**values | changes)


def content(*events):
    return b"".join(one.line() for one in events)


@st.composite
def histories(draw):
    """Up to twelve events of two people on three rows, which may replace earlier ones."""
    events = []
    for number in range(draw(st.integers(1, 12))):
        by, row = draw(st.sampled_from(["a1", "a2"])), draw(st.sampled_from(["r1", "r2", "r3"]))
        earlier = [one.id for one in events if (one.by, one.row) == (by, row)]
        replaced = draw(st.sampled_from([None, *earlier]))
        decisions = ["label", "skip", "unsure", "note"] + (["retract"] if replaced else [])
        decision = draw(st.sampled_from(decisions))
        label = draw(st.sampled_from(["ham", "spam"])) if decision == "label" else None
        events.append(event(number, decision, by, row, instead_of=replaced, label=label))
    return events


@given(histories(), st.randoms(use_true_random=False))
def test_order_of_lines_and_repetitions_do_not_matter(events, random):
    def files(events):
        return {f"{by}.jsonl": content(*(e for e in events if e.by == by)) for by in ("a1", "a2")}

    mixed = [*events, *random.sample(events, len(events) // 2)]
    random.shuffle(mixed)
    log, same = read_log(files(events)), read_log(files(mixed))
    assert log.events == same.events == events
    assert same.n_duplicates == len(mixed) - len(events)


@given(histories(), st.data())
def test_a_torn_line_is_reported_and_loses_no_other(events, data):
    lines = [one.line() for one in events if one.by == "a1"] or [event(0).line()]
    place = data.draw(st.integers(0, len(lines) - 1))
    cut = data.draw(st.integers(1, min(map(len, lines)) - 2))
    torn_inside = b"".join([*lines[:place], lines[place][:cut] + b"\n", *lines[place + 1 :]])
    log = read_log({"a1.jsonl": torn_inside})
    assert (log.torn, len(log.events)) == ({"a1.jsonl": 1}, len(lines) - 1)
    log = read_log({"a1.jsonl": b"".join(lines) + lines[0][:cut]})
    assert (log.torn, len(log.events)) == ({"a1.jsonl": 1}, len(lines))


def test_a_last_line_without_a_newline_and_windows_line_ends_are_read():
    text = content(event(1), event(2)).replace(b"\n", b"\r\n").removesuffix(b"\r\n")
    assert read_log({"a1.jsonl": text}).events == [event(1), event(2)]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("<<<<<<< HEAD", r"must be JSON \(.*\); got '<<<<<<< HEAD'"),
        ('{"v":1,,}', "must be JSON"),
        ("[1, 2]", "event must be"),
        ({"by": "a2"}, "by must be 'a1', as the file; got 'a2'"),
        ({"v": 2}, "event.v must be 1; got 2"),
        ({"lable": "ham"}, "event: unknown key 'lable'.*did you mean 'label'"),
        ({"time": "2026-13-01T10:00:00.000Z"}, "event.time"),
        ({"label": None}, "event.*label must be given if and only if"),
        ({"decision": "retract", "label": None}, ".*instead_of must name the event"),
        ({"decision": "note", "label": None}, ".*text must be given with a note"),
        ({"text": "another"}, "id must be of one event only; .* of a1.jsonl, line 1"),
    ],
)
def test_a_line_that_is_no_event_is_named(line, message):
    if isinstance(line, dict):
        line = json.dumps(event(1).model_dump() | line)
    with pytest.raises(DataError, match=f"^a1.jsonl, line 2: {message}"):
        read_log({"a1.jsonl": event(1).line() + line.encode() + b"\n"})


def test_an_event_that_cannot_be_written_at_once_is_refused():
    with pytest.raises(ValueError, match="at most 4096 bytes; got "):
        event(1, "note", text="é" * 2000).line()


def test_the_digest_of_a_row_is_that_of_what_was_shown():
    assert digest_of_row({"a": 1, "b": "x"}) == digest_of_row({"b": "x", "a": 1})
    assert digest_of_row({"a": 1, "b": "x"}) != digest_of_row({"a": 1, "b": "y"})
    assert digest_of_row({"a": "1,b"}) != digest_of_row({"a": "1", "b": ""})


class TestStanding:
    def test_the_last_decision_counts_and_notes_do_not(self):
        events = [event(1), event(2, label="spam"), event(3, "note")]
        assert standing(events) == {("r1", "a1"): events[1]}

    def test_a_retraction_takes_back(self):
        assert standing([event(1), event(2, "retract", instead_of=event(1).id)]) == {}

    def test_a_correction_counts_even_if_the_clock_was_set_back(self):
        correction = event(1, label="spam", instead_of=event(5).id)
        assert standing([correction, event(5)]) == {("r1", "a1"): correction}

    def test_another_persons_or_rows_event_replaces_nothing(self):
        first = event(1)
        others = event(2, by="a2", instead_of=first.id), event(3, row="r2", instead_of=first.id)
        assert standing([first, *others])["r1", "a1"] == first


class TestVotes:
    def count(self, *events, classes=CLASSES):
        return count_votes(standing(events), classes)["r1"]

    def labels(self, *labels):
        return self.count(*(event(i, by=f"a{i}", label=each) for i, each in enumerate(labels)))

    def test_majority_and_ties(self):
        assert self.labels("ham", "spam", "ham").label == "ham"
        assert self.labels("ham", "spam").label is None
        assert self.labels("ham", "spam").is_tied
        assert not self.labels("ham").is_tied

    def test_skips_and_doubts_are_decisions_without_a_label(self):
        votes = self.count(event(1, "skip"), event(2, "unsure", by="a2"))
        assert (votes.label, votes.is_decided, votes.is_tied) == (None, True, False)
        assert (votes.skipped, votes.unsure) == (["a1"], ["a2"])

    def test_renamed_and_merged_classes_have_heirs_and_split_ones_do_not(self):
        old = Classes.from_params(["good", "bad", "awful", "odd"])
        events = [
            event(i, by=f"a{i}", label=label, classes=old.digest)
            for i, label in enumerate(old.names)
        ]
        new = Classes.from_params({"good": {}, "negative": {"was": ["bad", "awful"]}})
        votes = self.count(*events, classes=new)
        assert votes.labels == {"a0": "good", "a1": "negative", "a2": "negative"}
        assert votes.split == {"a3": "odd"}
        assert self.count(*events, classes=old).split == {}

    def test_a_label_that_was_no_class_when_it_was_given_is_an_error(self):
        with pytest.raises(DataError, match=r"'r1' by a1: unknown class 'spma'.*mean 'spam'"):
            self.count(event(1, label="spma"))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (["ham"], "at least 2"),
        (["ham", "ham"], "must name each class once; got 'ham' twice"),
        ({"a": {"was": ["b"]}, "b": {}}, "must name no present class; got 'b'"),
        ({"a": {"was": ["c"]}, "b": {"was": ["c"]}}, "was must name 'c' once"),
        ({"a": {"key": "x"}, "b": {"key": "x"}}, "must give each class a key of its own"),
        ({"a": {"key": "s"}, "b": {}}, "must give each class a key of its own"),
    ],
)
def test_classes_that_contradict_each_other(value, message):
    with pytest.raises(ValueError, match=message):
        Classes.from_params(value)


@pytest.mark.parametrize(
    ("classes", "keys"),
    [
        ({"ham": {}, "spam": {"key": "1"}, "ads": {}}, ["2", "1", "3"]),
        ([f"class {number}" for number in range(11)], [*"123456789", "", ""]),
        ([*"0123456789"], [*"0123456789"]),
        (["A", "a", "s", "é"], ["a", "1", "2", "3"]),  # s skips
        ({"2": {}, "x": {"key": "2"}, "no": {}}, ["1", "2", "3"]),
    ],
)
def test_keys_are_their_own_their_name_or_a_digit_that_is_left(classes, keys):
    assert Classes.from_params(classes).keys() == keys


def test_the_digest_of_classes_is_that_of_their_names():
    digests = {Classes.from_params(list(names)).digest for names in permutations("abc")}
    assert len(digests) == 1
    assert digests != {Classes.from_params(["a", "b", "d"]).digest}
