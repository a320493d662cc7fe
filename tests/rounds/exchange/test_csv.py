"""CSV: what was exported changes nothing; labels of other tools come once, with their errors."""

import csv
import io
import re

import pytest
from hypothesis import given

from active_learning.core.errors import DataError, ParamsError
from active_learning.rounds.classes import Classes
from active_learning.rounds.events import Event
from active_learning.rounds.exchange.csv_file import Columns, export_csv, import_csv
from active_learning.rounds.exchange.records import FIELDS
from active_learning.rounds.votes import standing
from tests.rounds.exchange.examples import (
    CLASSES,
    NOW,
    few,
    logs,
    make_event,
    make_labelling,
    make_target,
    summary,
)


def take_in(text, events=(), by="a1", columns=None, **options):
    content = text if isinstance(text, bytes) else text.encode()
    return import_csv(content, "mine.csv", make_target(events, **options), columns or Columns(), by)


def test_every_field_of_an_event_is_a_column():
    assert set(FIELDS) == {*Event.model_fields, "p"}


@few
@given(logs())
def test_what_was_exported_changes_nothing(log):
    rows, events = log
    arrivals = take_in(
        export_csv(make_labelling(events, rows, holdout=rows[:1])), events, rows=rows
    )
    assert arrivals.events == []
    assert arrivals.n_present == len(events)


@few
@given(logs())
def test_an_export_holds_the_whole_log(log):
    rows, events = log
    assert take_in(export_csv(make_labelling(events, rows)), rows=rows).events == events


@few
@given(logs())
def test_no_cell_is_a_formula(log):
    rows, events = log
    content = export_csv(make_labelling(events, rows)).decode()
    cells = [cell for line in csv.reader(io.StringIO(content, newline="")) for cell in line]
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for cell in cells)


def test_a_line_as_written():
    event = make_event(1, by="a1", row="-5", label="=spam", text='say "hi",\nnow', seconds=2)
    header, line = (
        export_csv(make_labelling([event], ["-5"], holdout=["-5"])).decode().split("\n", 1)
    )
    assert header == (
        "row,by,time,decision,label,text,counts,class,majority,holdout,why,round,rank,seconds,"
        "source,guess,p,shown,model,classes,seen,instead_of,id,v"
    )
    assert line == (
        '\'-5,a1,2026-01-01T10:01:00.000Z,label,\'=spam,"say ""hi"",\nnow",true,\'=spam,\'=spam,'
        f"true,query,1,,2.0,page,,,false,,{CLASSES.digest},{event.seen},,"
        "00000001-0000-4000-8000-000000000000,1\n"
    )


def test_what_counts_now():
    first = make_event(1)
    events = [
        first,
        make_event(2, label="=spam", instead_of=first.id),
        make_event(3, by="a2", label="=spam"),
        make_event(4, "skip", row="r2"),
    ]
    content = export_csv(make_labelling(events, holdout=["r2"])).decode()
    lines = list(csv.DictReader(io.StringIO(content)))
    assert [line["counts"] for line in lines] == ["false", "true", "true", "true"]
    assert [line["majority"] for line in lines] == ["'=spam", "'=spam", "'=spam", ""]
    assert [line["holdout"] for line in lines] == ["false", "false", "false", "true"]


def test_the_present_name_of_a_class_stands_beside_the_label():
    renamed = Classes.from_params({"sweet": {"was": ["ham, sweet"]}, "=spam": {}})
    (line,) = csv.DictReader(
        io.StringIO(export_csv(make_labelling([make_event(1)], classes=renamed)).decode())
    )
    assert (line["label"], line["class"], line["majority"]) == ("ham, sweet", "sweet", "sweet")


def test_an_edited_export_is_no_correction():
    content = export_csv(make_labelling([make_event(1)])).decode()
    with pytest.raises(DataError, match=r"mine.csv, line 2: label must be 'ham, sweet', as in the"):
        take_in(content.replace('"ham, sweet"', "'=spam", 1), [make_event(1)])


def test_an_export_with_an_unknown_class():
    content = export_csv(make_labelling([make_event(1)])).decode()
    with pytest.raises(DataError, match=r"line 2: unknown class 'ham'; .*did you mean '=spam'"):
        take_in(content.replace('"ham, sweet"', "ham"))


def test_an_export_with_a_cell_of_the_wrong_type():
    content = export_csv(make_labelling([make_event(1)])).decode()
    with pytest.raises(DataError, match=r"mine.csv, line 2: round must be an int .*; got 'one'"):
        take_in(content.replace("query,1,", "query,one,"))


def test_labels_of_another_tool():
    arrivals = take_in('row,label\nr1,"ham, sweet"\nr2,\n\nr3,=spam\n')
    one, other = arrivals.events
    assert (one.row, one.label, one.by, one.time) == ("r1", "ham, sweet", "a1", NOW)
    assert (one.source, one.why, one.round, one.instead_of) == ("csv", "free", 2, None)
    assert other.row == "r3"
    assert arrivals.n_empty == 1


def test_columns_can_have_other_names():
    columns = Columns(("ID", "row"), "truth", "who", "when")
    text = "who,when,ID,truth\nbo,2025-12-31T23:30:00+01:00,r1,=spam\nal,,r1,=spam\n"
    events = take_in(text, by=None, columns=columns).events
    assert {(event.by, event.time) for event in events} == {
        ("bo", "2025-12-31T22:30:00.000Z"),
        ("al", NOW),
    }


def test_the_same_file_twice_adds_nothing():
    text = "row,label\nr1,=spam\n"
    events = take_in(text).events
    again = take_in(text, events)
    assert (again.events, again.n_present) == ([], 1)


def test_another_label_is_a_correction():
    before = make_event(1)
    arrivals = take_in("row,label\nr1,=spam\n", [before])
    assert [event.instead_of for event in arrivals.events] == [before.id]
    assert arrivals.n_corrections == 1


def test_what_was_corrected_since_is_not_imported_again():
    text = "row,label\nr1,=spam\n"
    imported = take_in(text).events
    corrected = make_event(1, instead_of=imported[0].id)
    arrivals = take_in(text, [*imported, corrected])
    assert (arrivals.events, arrivals.n_outdated) == ([], 1)


def test_an_older_label_replaces_nothing():
    later = make_event(1)
    arrivals = take_in(
        "row,label,time\nr1,=spam,2020-01-01T00:00:00Z\n", [later], columns=Columns(time="time")
    )
    assert (len(arrivals.events), arrivals.n_corrections) == (1, 0)
    assert standing([*arrivals.events, later])["r1", "a1"] == later


def test_a_row_that_changed_is_labelled_again():
    before = make_event(1, seen="0" * 16, source="csv")
    arrivals = take_in('row,label\nr1,"ham, sweet"\n', [before])
    (event,) = arrivals.events
    assert (event.instead_of, event.seen) == (before.id, make_event(2).seen)
    content = export_csv(make_labelling([before])).decode()
    (line,) = csv.DictReader(io.StringIO(content))
    assert (line["counts"], line["majority"]) == ("true", "")


def test_a_former_name_of_a_class():
    classes = Classes.from_params({"sweet": {"was": ["ham"]}, "sour": {}})
    (event,) = take_in("row,label\nr1,ham\n", classes=classes).events
    assert event.label == "sweet"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("row,label\nr1,=spam\nr9,=spam\n", r"mine.csv, line 3: unknown row 'r9'; did you mean 'r"),
        ('row,label\nr1,"two\nlines"\nr2,x\n', r"mine.csv, line 2: unknown class 'two\\nlines'"),
        ('row,label\n"r1",=spam\n\nr2,spam\n', r"line 4: unknown class 'spam'.*mean '=spam'"),
        ("row,label\nr1,=spam\nr1,=spam\n", r"line 3: row 'r1' must have one label by a1; got ano"),
        ("row,label\nr1,=spam,x\n", r"line 2: must have 2 cells; got 3"),
        ('row,label\nr1,"=spam\n', r"mine.csv, line 2: cannot be read as CSV"),
        ("row,labels\nr1,=spam\n", r"mine.csv: unknown column 'label'; .*did you mean 'labels'"),
        ("id,label\nr1,=spam\n", r"mine.csv: unknown column 'row'; available: id, label"),
        ("row,label,row\nr1,=spam,r1\n", r"mine.csv: columns must differ; got 'row' twice"),
        (b"row,label\nr1,\xff\n", r"mine.csv must be UTF-8 \(invalid start byte at byte 13\)"),
    ],
)
def test_what_cannot_be_imported(text, message):
    with pytest.raises(DataError, match=message):
        take_in(text)


def test_names_and_times_must_be_right():
    with pytest.raises(DataError, match=r"line 2: by must be 1 to 32 characters of .*got 'Bo'"):
        take_in("row,label\nr1,=spam\n", by="Bo")
    with pytest.raises(ParamsError, match=r"by must name the annotator of mine.csv, unless a col"):
        take_in("row,label\nr1,=spam\n", by=None)
    for time in ("2026-01-01", "soon", "0001-01-01T00:00+05:00"):
        message = f"line 2: time must be a time such as .*got '{re.escape(time)}'"
        with pytest.raises(DataError, match=message):
            take_in(f"row,label,time\nr1,=spam,{time}\n", columns=Columns(time="time"))


def test_a_byte_order_mark_and_long_cells_are_read():
    text = "\ufeffrow,label,text\r\nr1,=spam," + "x" * 200_000 + "\r\n"
    assert summary(take_in(text).events) == {("r1", "a1", "label", "=spam", NOW, None)}
