"""Logs, tables and classes to exchange."""

import pandas as pd
from hypothesis import settings
from hypothesis import strategies as st

from active_learning.rounds.classes import Classes
from active_learning.rounds.events import Event, Guess, digest_of_row
from active_learning.rounds.exchange.incoming import Target
from active_learning.rounds.labelling import Labelling
from active_learning.rounds.table import LabelTable
from active_learning.rounds.votes import standing

CLASSES = Classes.from_params(["ham, sweet", "=spam", '"neither"'])
NOW = "2026-02-01T00:00:00.000Z"


def make_table(rows, image=None, **columns):
    """Table of texts, or of other columns."""
    strings = pd.DataFrame(
        {"id": rows, **(columns or {"text": [f"text of {row}" for row in rows]})}
    )
    shown = [image] if image else list(strings)[1:]
    features = strings[[name for name in list(strings)[1:] if name != image]]
    return LabelTable(list(rows), strings, features, dict.fromkeys(features, "text"), shown, image)


def make_event(number, decision="label", by="a1", row="r1", **changes):
    """Event of a minute and an id of its own."""
    values = {
        "id": f"{number:08x}-0000-4000-8000-000000000000",
        "time": f"2026-01-01T10:{number:02d}:00.000Z",
        "by": by,
        "row": row,
        "seen": digest_of_row({"text": f"text of {row}"}),
        "decision": decision,
        "label": CLASSES.names[0] if decision == "label" else None,
        "text": "?" if decision == "note" else None,
        "why": "query",
        "round": 1,
        "classes": CLASSES.digest,
        "seconds": 1.5,
        "source": "page",
    }
    return Event(**values | changes)


def make_labelling(events=(), rows=("r1", "r2", "r3"), classes=CLASSES, holdout=(), table=None):
    return Labelling(table or make_table(rows), classes, list(events), list(holdout))


def make_target(events=(), rows=("r1", "r2", "r3"), classes=CLASSES):
    """Where to import."""
    return Target(make_labelling(events, rows, classes), 2, NOW)


def summary(events):
    """Who says what of which row, and when."""
    return {
        (event.row, event.by, event.decision, event.label, event.time, event.text)
        for event in standing(events).values()
    }


few = settings(max_examples=40)

# Any text that UTF-8 can hold, with much of what CSV and spreadsheets give a meaning.
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40),
    st.text("'=+-@\t\r\n,;\" ax", min_size=1, max_size=8),
    st.just("long " * 400),
)
ROWS = st.lists(TEXTS, min_size=1, max_size=4, unique=True)


@st.composite
def logs(draw):
    """Rows, and up to twelve events of two people on them, which may replace earlier ones."""
    rows, events = draw(ROWS), []
    for number in range(draw(st.integers(0, 12))):
        by, row = draw(st.sampled_from(["a1", "a-2"])), draw(st.sampled_from(rows))
        earlier = [event.id for event in events if (event.by, event.row) == (by, row)]
        replaced = draw(st.sampled_from([None, *earlier]))
        decisions = ["label", "skip", "unsure", "note"] + (["retract"] if replaced else [])
        decision = draw(st.sampled_from(decisions))
        text = st.one_of(TEXTS) if decision == "note" else st.one_of(st.none(), TEXTS)
        guess = st.builds(Guess, label=TEXTS, p=st.floats(0, 1))
        events.append(
            make_event(
                number,
                decision,
                by,
                row,
                instead_of=replaced,
                label=draw(st.sampled_from(CLASSES.names)) if decision == "label" else None,
                text=draw(text),
                guess=draw(st.none() | guess),
                model=draw(st.none() | st.just("0123abcd")),
                rank=draw(st.none() | st.integers(0, 99)),
                shown=draw(st.booleans()),
                seconds=draw(st.floats(0, 1e6)),
            )
        )
    return rows, [event for event in events if len(event.model_dump_json()) < 3000]
