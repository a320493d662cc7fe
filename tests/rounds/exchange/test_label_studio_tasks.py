"""Label Studio: what was exported changes nothing, also by way of Label Studio itself."""

import json
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given

from active_learning.core.errors import DataError, ParamsError
from active_learning.rounds.classes import Classes
from active_learning.rounds.events import Guess
from active_learning.rounds.exchange.label_studio import export_tasks, labelling_config
from active_learning.rounds.exchange.label_studio_json import People, import_tasks
from active_learning.rounds.queries import Queries, Query
from tests.rounds.exchange.examples import (
    few,
    logs,
    make_event,
    make_labelling,
    make_table,
    make_target,
    summary,
)

ANNA = People({"3": "anna"})


def take_in(tasks, events=(), people=ANNA, **options):
    content = tasks if isinstance(tasks, bytes) else json.dumps(tasks).encode()
    return import_tasks(content, "tasks.json", make_target(events, **options), people)


def annotate(*names, control="label", **changes):
    """Annotation as Label Studio exports it."""
    choice = {
        "id": "Dx_aB91ISN",
        "from_name": control,
        "to_name": "text",
        "type": "choices",
        "value": {"choices": list(names)},
    }
    return {
        "id": 7,
        "completed_by": 3,
        "result": [choice] if names else [],
        "was_cancelled": False,
        "created_at": "2026-01-31T09:00:00.123456Z",
        "updated_at": "2026-01-31T09:00:05.987654Z",
        "lead_time": 4.25,
        "prediction": {},
        "unique_id": "19f9f664-899b-46d6-9e89-44bed8611a56",
    } | changes


def make_task(*annotations, row="r1"):
    return {"id": 1, "data": {"row": row, "text": "…"}, "meta": {}, "annotations": annotations}


def through_label_studio(content):
    """Tasks as Label Studio gives them back: its own ids, times and people."""
    tasks = json.loads(content)
    for task in tasks:
        for annotation in task["annotations"]:
            for key in ("unique_id", "created_username"):
                annotation[key] = "another"
            annotation |= {"completed_by": 3, "created_at": "2026-03-01T00:00:00.000001Z"}
            annotation |= {"updated_at": annotation["created_at"], "import_id": None}
        task["predictions"] = [1 for _ in task["predictions"]]
    return tasks


@few
@given(logs())
def test_what_was_exported_changes_nothing(log):
    rows, events = log
    content = export_tasks(make_labelling(events, rows))
    for tasks in (content, through_label_studio(content)):
        arrivals = take_in(tasks, events, rows=rows)
        assert arrivals.events == []
        assert arrivals.n_present == len(events)


@few
@given(logs())
def test_an_export_holds_the_whole_log(log):
    rows, events = log
    content = export_tasks(make_labelling(events, rows))
    for tasks in (content, through_label_studio(content)):
        restored = take_in(tasks, rows=rows).events
        assert sorted(restored, key=lambda event: event.id) == events


@few
@given(logs())
def test_annotations_alone_say_what_counts(log):
    rows, events = log
    tasks = json.loads(export_tasks(make_labelling(events, rows)))
    for task in tasks:
        del task["meta"]
        for annotation in task["annotations"]:
            annotation["completed_by"] = {"id": 1, "email": annotation["created_username"]}
    people = People({"a1": "a1", "a-2": "a-2"})
    assert summary(take_in(tasks, rows=rows, people=people).events) == summary(events)


def test_a_task_as_written():
    event = make_event(1, text="a note")
    (task,) = json.loads(export_tasks(make_labelling([event])))
    assert task["data"] == {"row": "r1", "text": "text of r1"}
    assert task["predictions"] == []
    assert task["annotations"] == [
        {
            "unique_id": event.id,
            "created_username": "a1",
            "created_at": "2026-01-01T10:01:00.000Z",
            "lead_time": 1.5,
            "was_cancelled": False,
            "ground_truth": False,
            "result": [
                {
                    "id": event.id,
                    "from_name": "label",
                    "to_name": "text",
                    "type": "choices",
                    "value": {"choices": ["ham, sweet"]},
                },
                {
                    "from_name": "note",
                    "to_name": "text",
                    "type": "textarea",
                    "value": {"text": ["a note"]},
                },
            ],
        }
    ]


def test_skips_are_cancelled_and_unsure_is_a_choice():
    events = [make_event(1, "skip"), make_event(2, "unsure", by="a2")]
    (task,) = json.loads(export_tasks(make_labelling(events)))
    skip, unsure = task["annotations"]
    assert skip["was_cancelled"]
    assert skip["result"][0]["value"] == {"choices": []}
    assert not unsure["was_cancelled"]
    assert unsure["result"][0]["from_name"] == "unsure"


def test_rows_to_label_have_predictions_but_not_in_the_holdout():
    rows = tuple(
        Query(rank, row, "query", None, Guess(label="=spam", p=0.75))
        for rank, row in enumerate(["r2", "r1", "gone"])
    )
    content = export_tasks(make_labelling(holdout=["r2"]), Queries(3, "0123abcd", rows))
    first, second = json.loads(content)
    (prediction,) = first["predictions"]
    assert (prediction["model_version"], prediction["score"]) == ("0123abcd", 0.75)
    assert prediction["result"][0]["value"] == {"choices": ["=spam"]}
    assert second["predictions"] == []
    first["annotations"] = [annotate("=spam", prediction=prediction)]
    second["annotations"] = [annotate("=spam")]
    for event in take_in([first, second]).events:
        assert (event.why, event.round, event.model) == ("query", 3, "0123abcd")
        assert (event.guess, event.shown) == (rows[0].guess, event.row == "r1")
        assert event.rank == {"r1": 1, "r2": 0}[event.row]


def test_a_note_that_was_added_in_label_studio_comes_back():
    event = make_event(1, by="anna")
    (task,) = through_label_studio(export_tasks(make_labelling([event])))
    note = {"from_name": "note", "type": "textarea", "value": {"text": ["why"]}}
    task["annotations"][0]["result"].append(note)
    (other,) = take_in([task], [event]).events
    assert (other.text, other.label, other.instead_of) == ("why", event.label, event.id)


def test_a_table_and_images_and_rows_that_are_gone():
    table = make_table(["r1"], a=["1"], b=["2"])
    (task,) = json.loads(export_tasks(make_labelling([make_event(1)], table=table)))
    assert task["data"] == {"row": "r1", "table": {"a": "1", "b": "2"}}
    table = make_table(["r1"], image="file", file=["a b.png"])
    events = [make_event(1), make_event(2, row="gone")]
    there, gone = json.loads(
        export_tasks(make_labelling(events, table=table), None, "tables/images")
    )
    assert there["data"]["image"] == "/data/local-files/?d=tables/images/a%20b.png"
    assert gone["data"]["row"] == "gone"
    assert gone["data"].keys() == there["data"].keys()


def test_a_row_that_changed_has_no_annotation_and_can_get_one():
    before = make_event(1, by="anna", seen="0" * 16)
    (task,) = json.loads(export_tasks(make_labelling([before])))
    assert task["annotations"] == []
    task["annotations"] = [annotate("ham, sweet")]
    (event,) = take_in([task], [before]).events
    assert event.instead_of == before.id


def test_an_annotation_is_of_the_row_as_it_was_exported():
    (task,) = json.loads(export_tasks(make_labelling([make_event(1)])))
    task["meta"]["asked"]["seen"] = "1" * 16
    task["annotations"] = [annotate("ham, sweet")]
    (event,) = take_in([task], [make_event(1)]).events
    assert event.seen == "1" * 16


def test_the_labelling_interface():
    classes = Classes.from_params({'a "b" & <c>': {"help": "mild"}, "x": {"key": "x"}})
    root = ET.fromstring(labelling_config(make_table(["r1"]), classes))
    assert root.find("Text").attrib == {"name": "text", "value": "$text"}
    label, unsure = root.findall("Choices")
    assert [choice.attrib for choice in label] == [
        {"value": 'a "b" & <c>', "hotkey": "1", "hint": "mild"},
        {"value": "x", "hotkey": "x"},
    ]
    assert label.attrib == {"name": "label", "toName": "text", "choice": "single"}
    assert unsure.get("name") == "unsure"


def test_new_annotations():
    guess = annotate("=spam")["result"]
    seen = {"result": guess, "score": 0.75, "model_version": "0123abcd"}
    note = {"from_name": "note", "type": "textarea", "value": {"text": ["one", "two"]}}
    labelled = annotate("ham, sweet", control="sentiment", prediction=seen)
    labelled["result"].append(note)
    arrivals = take_in(
        [
            make_task(labelled),
            make_task(annotate(was_cancelled=True), row="r2"),
            make_task(annotate("unsure", control="unsure"), annotate(), row="r3"),
        ]
    )
    event, skip, unsure = arrivals.events
    assert (event.row, event.by, event.label, event.text) == (
        "r1",
        "anna",
        "ham, sweet",
        "one\ntwo",
    )
    assert (event.time, event.seconds) == ("2026-01-31T09:00:05.987Z", 4.25)
    assert (event.source, event.why, event.round) == ("label_studio", "free", 2)
    assert (event.guess, event.shown) == (Guess(label="=spam", p=0.75), True)
    assert (skip.row, skip.decision, skip.label) == ("r2", "skip", None)
    assert (unsure.row, unsure.decision) == ("r3", "unsure")
    assert arrivals.n_empty == 1


def test_the_same_export_twice_adds_nothing():
    tasks = [make_task(annotate("=spam"))]
    events = take_in(tasks).events
    again = take_in(tasks, events)
    assert (again.events, again.n_present) == ([], 1)
    corrected = make_event(1, by="anna", instead_of=events[0].id, time="2026-02-01T00:00:00.000Z")
    arrivals = take_in(tasks, [*events, corrected])
    assert (arrivals.events, arrivals.n_outdated) == ([], 1)


def test_a_label_changed_in_label_studio_is_of_the_one_who_changed_it():
    event = make_event(1, by="a1")
    (task,) = through_label_studio(export_tasks(make_labelling([event])))
    task["annotations"][0]["result"][0]["value"]["choices"] = ["=spam"]
    task["annotations"][0]["updated_by"] = {"id": 4, "email": "bo@example.org"}
    people = People({"bo@example.org": "bo", "3": "anna"})
    (other,) = take_in([task], [event], people).events
    assert (other.by, other.label, other.instead_of) == ("bo", "=spam", None)
    (other,) = take_in([task], [event], People({}, "a1")).events
    assert (other.by, other.label, other.instead_of) == ("a1", "=spam", event.id)


def test_a_renamed_class_is_no_change():
    event = make_event(1)
    renamed = Classes.from_params({"sweet": {"was": ["ham, sweet"]}, "=spam": {}})
    content = export_tasks(make_labelling([event], classes=renamed))
    assert b'"sweet"' in content
    assert take_in(content, [event], classes=renamed).events == []


@pytest.mark.parametrize(
    ("tasks", "message"),
    [
        (b"{", r"tasks.json must be JSON \(Expecting property name"),
        ({"tasks": []}, r"tasks.json: tasks must be a list"),
        ([1], r"tasks.json: tasks.0 must be a mapping"),
        ([{"id": 1}], r"tasks.json: tasks.0.data is missing"),
        ([{"id": 1, "annotation_id": 1}], r"tasks.json must be exported as JSON; JSON-MIN lacks"),
        ([make_task(annotate("=spam"), row="r9")], r"tasks.json, task 1: unknown row 'r9'; did y"),
        ([make_task(), make_task(annotate("spam"))], r"task 2: unknown class 'spam'; .*'=spam'"),
        ([make_task(annotate("a", "b"))], r"tasks.json, task 1: must choose one class; got a, b"),
        (
            [make_task(annotate("=spam", updated_at="yesterday"))],
            r"tasks.json, task 1: updated_at must be a time such as",
        ),
        (
            [make_task() | {"meta": {"events": [make_event(1).model_dump() | {"round": -1}]}}],
            r"tasks.json, task 1: round must be an int in \[0, 1000000000\); got -1",
        ),
    ],
)
def test_what_cannot_be_imported(tasks, message):
    with pytest.raises(DataError, match=message):
        take_in(tasks)


def test_annotators_must_have_a_name():
    task = make_task(annotate("=spam", completed_by={"id": 8, "email": "bo@x.org"}))
    with pytest.raises(ParamsError, match=r"people must name annotator 8 or bo@x.org of tasks"):
        take_in([task])
