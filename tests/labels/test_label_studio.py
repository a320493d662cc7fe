"""The way there and back through Label Studio itself.

It needs an environment of its own, about 1 GB:

    python -m venv label-studio
    label-studio/bin/pip install label-studio
    AL_LABEL_STUDIO=label-studio/bin/label-studio pytest -n 0 -m label_studio tests/labels
"""

import json
import os
import subprocess
import time
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from socket import create_server
from types import SimpleNamespace

import pytest

from active_learning.rounds.events import Guess
from active_learning.rounds.exchange.label_studio import export_tasks, labelling_config
from active_learning.rounds.exchange.label_studio_json import People, import_tasks
from active_learning.rounds.queries import Queries, Query
from tests.rounds.exchange.examples import (
    CLASSES,
    make_event,
    make_labelling,
    make_table,
    make_target,
    summary,
)

PROGRAM = os.environ.get("AL_LABEL_STUDIO")
TOKEN = "0123456789abcdef0123456789abcdef01234567"
PERSON = "anna@example.org"
ROWS = ["r1", "r2", "r3", "r4", '=row "five"']

pytestmark = [
    pytest.mark.label_studio,
    pytest.mark.skipif(not PROGRAM, reason="AL_LABEL_STUDIO names no label-studio"),
]


@contextmanager
def serve(folder, port):
    """Label Studio with a data base of its own."""
    settings = {
        "LABEL_STUDIO_BASE_DATA_DIR": folder,
        "LABEL_STUDIO_USERNAME": PERSON,
        "LABEL_STUDIO_PASSWORD": "correct horse",
        "LABEL_STUDIO_USER_TOKEN": TOKEN,
        "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
        "COLLECT_ANALYTICS": "false",
        "LATEST_VERSION_CHECK": "false",
        "HOME": folder,
    }
    arguments = ["start", "--no-browser", "--internal-host", "127.0.0.1", "--port", str(port)]
    with Path(folder, "log").open("w") as log:
        process = subprocess.Popen(
            [Path(PROGRAM).absolute(), *arguments], cwd=folder, stdout=log,
            stderr=subprocess.STDOUT, env={"PATH": os.environ["PATH"], **settings},
        )  # fmt: skip
        try:
            yield process
        finally:
            process.terminate()
            process.wait(60)


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    """Function that calls the API of a running Label Studio."""
    with create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    def call(method, path, body=None):
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        headers = {"Authorization": f"Token {TOKEN}", "Content-Type": "application/json"}
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        assert answer.status < 400, content
        return content

    folder = tmp_path_factory.mktemp("label-studio")
    with serve(str(folder), port) as process:
        deadline = time.monotonic() + 300
        while True:
            assert process.poll() is None, (folder / "log").read_text()
            try:
                call("GET", "/health")
                break
            except OSError:
                assert time.monotonic() < deadline, (folder / "log").read_text()
                time.sleep(0.5)
        yield call


@pytest.fixture(scope="module")
def project(studio):
    """A project with our labelling interface, where our tasks were imported."""
    table = make_table(ROWS)
    events = [
        make_event(1, row="r1", text="a note"),
        make_event(2, "skip", row="r1", by="a2"),
        make_event(3, "unsure", row="r2"),
        make_event(4, "note", row="r2", text="=1+1\n…"),
        make_event(5, row=ROWS[-1], label='"neither"'),
        make_event(6, row="gone", label="=spam"),
    ]
    rows = tuple(
        Query(rank, row, "query", None, Guess(label="=spam", p=0.625))
        for rank, row in enumerate(["r3", "r4"])
    )
    config = labelling_config(table, CLASSES)
    answer = studio(
        "POST", "/api/projects/", json.dumps({"title": "Rounds", "label_config": config})
    )
    number = json.loads(answer)["id"]
    tasks = export_tasks(make_labelling(events, ROWS, holdout=["r4"]), Queries(2, "0123abcd", rows))
    counts = json.loads(studio("POST", f"/api/projects/{number}/import", tasks))
    assert counts["task_count"] == 6
    assert counts["annotation_count"] == 4
    assert counts["prediction_count"] == 1
    return SimpleNamespace(path=f"/api/projects/{number}", number=number, events=events)


def export(studio, project):
    return studio("GET", f"{project.path}/export?exportType=JSON&download_all_tasks=true")


def take_in(content, events):
    return import_tasks(content, "export.json", make_target(events, ROWS), People({"1": "anna"}))


def test_what_was_exported_changes_nothing(studio, project):
    content = export(studio, project)
    arrivals = take_in(content, project.events)
    assert arrivals.events == []
    assert arrivals.n_present == len(project.events)
    assert summary(take_in(content, []).events) == summary(project.events)


def test_annotations_come_back_once(studio, project):
    tasks = json.loads(studio("GET", f"/api/tasks?project={project.number}&fields=all"))["tasks"]
    numbers = {task["data"]["row"]: task["id"] for task in tasks}

    def annotate(row, control, names, **more):
        choice = {"from_name": control, "to_name": "text", "type": "choices"}
        result = [choice | {"value": {"choices": names}}] if names else []
        body = json.dumps({"result": result, "lead_time": 2.5, **more})
        return json.loads(studio("POST", f"/api/tasks/{numbers[row]}/annotations/", body))["id"]

    label = annotate("r3", "label", ["ham, sweet"])
    annotate("r4", "label", [], was_cancelled=True)
    annotate("r1", "unsure", ["unsure"])
    first = take_in(export(studio, project), project.events).events
    said = {event.row: event for event in first}
    assert {event.by for event in first} == {"anna"}
    assert (said["r3"].label, said["r3"].seconds) == ("ham, sweet", 2.5)
    assert (said["r3"].guess, said["r3"].model, said["r3"].shown) == (
        Guess(label="=spam", p=0.625),
        "0123abcd",
        True,
    )
    assert (said["r4"].decision, said["r4"].why, said["r4"].shown) == ("skip", "query", False)
    assert said["r1"].decision == "unsure"

    known = [*project.events, *first]
    assert take_in(export(studio, project), known).events == []

    choice = {"from_name": "label", "to_name": "text", "type": "choices"}
    changed = json.dumps({"result": [choice | {"value": {"choices": ["=spam"]}}]})
    studio("PATCH", f"/api/annotations/{label}/", changed)
    (event,) = take_in(export(studio, project), known).events
    assert (event.label, event.instead_of) == ("=spam", said["r3"].id)
