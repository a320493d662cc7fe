"""The labelling page over HTTP: who gets which row, what is taken, and what is refused."""

import json
import os
import sys
import time
import uuid
from datetime import UTC, datetime
from itertools import count

import pandas as pd
import pytest

from active_learning.rounds.events import Guess
from active_learning.rounds.queries import Query
from commands.labels.server import HEADERS, STATIC, Training
from tests.labels.page_server import read_events, serve, texts, write_project, write_queries


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_project(tmp_path, texts())
    return tmp_path


@pytest.fixture
def page(project):
    with serve() as page:
        yield page


def rows(desk):
    return [view["row"] for view in desk["rows"]]


def test_a_decision_is_saved_with_what_was_shown(page):
    desk = page.desk()
    assert rows(desk) == [f"r{number}" for number in range(10)]
    assert desk["rows"][0]["values"] == [["text", "The text of row 0"]]
    given = page.decide(label="spam")
    (event,) = read_events()
    assert event.model_dump(exclude={"seen", "classes", "model"}) == {
        "v": 1, "id": given["id"], "time": given["time"], "by": "a1", "row": "r0",
        "decision": "label", "label": "spam", "instead_of": None, "why": "query", "round": 1,
        "rank": 0, "guess": None, "shown": False, "seconds": 1.5, "source": "page", "text": None,
    }  # fmt: skip
    after = page.desk()
    assert rows(after)[0] == "r1"
    assert after["progress"] == {"done": 1, "total": 12, "left": 11}
    assert [(each["row"], each["label"]) for each in after["recent"]] == [("r0", "spam")]


def test_a_session_of_a_script(page):
    """Every row of a round, as a scripted annotator decides them."""
    while (desk := page.desk())["state"] == "asking":
        view = desk["rows"][0]
        label = "ham" if view["values"][0][1].endswith(("0", "5")) else "spam"
        assert page.request("/api/events", page.event(view, desk, label=label))[0] == 200
    assert desk["state"] == "answered"
    assert {event.row: event.label for event in read_events()} == {
        f"r{number}": "ham" if number % 5 == 0 and number != 25 else "spam" for number in range(12)
    }


def test_the_same_event_twice_is_saved_once(page):
    desk = page.desk()
    event = page.event(desk["rows"][0], desk, label="ham")
    for _ in range(3):
        assert page.send(event) == {"saved": event["id"], "next": [f"r{n}" for n in range(1, 11)]}
    assert len(read_events()) == 1
    status, answer = page.request("/api/events", event | {"label": "spam"})
    assert (status, answer["error"][:30]) == (422, "id must be of one event only; ")


def test_what_cannot_be_written_is_not_acknowledged(page):
    desk = page.desk()
    event = page.event(desk["rows"][0], desk, label="ham")
    page.journal.error = "rounds/labels/a1.jsonl cannot be written (No space left on device)."
    assert page.request("/api/events", event) == (507, {"error": page.journal.error})
    assert rows(page.desk())[0] == "r0"
    page.journal.error = None
    assert page.request("/api/events", event)[0] == 200
    assert len(read_events()) == 1


def test_a_defect_of_the_server_is_not_acknowledged(page, caplog):
    page.journal.append = lambda _: 1 / 0
    desk = page.desk()
    event = page.event(desk["rows"][0], desk, label="ham")
    assert page.request("/api/events", event) == (
        500, {"error": "the server failed; its terminal says why."},
    )  # fmt: skip
    assert "ZeroDivisionError" in caplog.text


def test_undo_and_correction_replace_a_decision(page):
    first = page.decide(label="spam")
    second = page.decide(label="ham")
    status, view = page.row("a1", "r0")
    assert (status, view["decided"]) == (
        200, {"id": first["id"], "decision": "label", "label": "spam"},
    )  # fmt: skip
    desk = page.desk()
    correction = page.event(view, desk, label="ham", instead_of=first["id"])
    assert page.request("/api/events", correction)[0] == 200
    undo = page.event(page.row("a1", "r1")[1], desk, "retract", instead_of=second["id"])
    assert page.request("/api/events", undo)[0] == 200
    desk = page.desk()
    assert rows(desk)[0] == "r1"
    assert [(each["row"], each["label"]) for each in desk["recent"]] == [("r0", "ham")]
    assert page.row("a1", "r1")[0] == page.row("a1", "gone")[0] == 422
    other = page.event(page.desk()["rows"][0], desk, "retract", instead_of=correction["id"])
    assert page.request("/api/events", other)[0] == 422


def test_skips_notes_and_guesses_are_recorded(project):
    queries = [Query(0, "r3", "query", None, Guess(label="spam", p=0.625)), Query(1, "r4", "query")]
    write_queries(project, queries, 4)
    with serve() as page:
        desk = page.desk()
        assert desk["rows"][0]["guess"] == {"label": "spam", "p": 0.625}
        note = page.event(desk["rows"][0], desk, "note", text="half ham,\nhalf spam")
        assert page.request("/api/events", note)[0] == 200
        assert page.desk()["rows"][0]["notes"] == ["half ham,\nhalf spam"]
        page.decide(decision="unsure", shown=True)
        page.decide(decision="skip")
    events = {event.decision: event for event in read_events()}
    assert events["unsure"].shown
    assert events["unsure"].guess == Guess(label="spam", p=0.625)
    assert {event.round for event in events.values()} == {4}
    assert events["skip"].guess is None
    assert events["note"].text == "half ham,\nhalf spam"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"label": "spma"}, "label: unknown class 'spma'"),
        ({"label": None}, "label must be given if and only if it is one; got None"),
        ({"decision": "like"}, "answer.decision must be one of label, skip, unsure, retract, note"),
        ({"seconds": -1.0}, "answer.seconds must be a float in [0, inf); got -1.0."),
        ({"seconds": "1"}, "answer.seconds must be a float in [0, inf); got '1'."),
        ({"id": "1"}, "answer.id must"),
        ({"time": "2026-13-01T00:00:00.000Z"}, "answer.time"),
        ({"by": "a2"}, "unknown key 'by'"),
        ({"ticket": "e30.00"}, "ticket must be one that this server gave"),
        ({"ticket": "é"}, "ticket must be one that this server gave"),
        ({"classes": ["ham", "spam", "eggs"]}, "classes must be those that were on offer."),
        ({"text": "x" * 5000}, "an event must be at most 4096 bytes"),
        ({"decision": "retract", "label": None}, "instead_of must name the event"),
    ],
)
def test_an_invalid_event_is_refused_in_one_line(page, change, reason):
    desk = page.desk()
    event = page.event(desk["rows"][0], desk, label="ham") | change
    status, answer = page.request("/api/events", event)
    assert status == 422
    assert reason in answer["error"]
    assert "\n" not in answer["error"]
    assert read_events() == []


def test_a_body_that_is_too_long_or_no_json_is_refused(page):
    assert page.request("/api/events", b"{" * 70_000)[0] == 413
    assert page.request("/api/events", b'{"id": ')[0] == 422
    assert page.request("/api/events", b"[]")[0] == 422
    assert page.request("/api/events", b"{}", **{"Content-Type": "text/plain"})[0] == 415


def test_nothing_is_given_in_the_future(project):
    moment = datetime(2026, 3, 1, 12, tzinfo=UTC)
    with serve(now=lambda: moment) as page:
        assert page.desk()["now"] == "2026-03-01T12:00:00.000Z"
        page.decide(time="2026-02-01T12:00:00.000Z")
        page.decide(time="2027-01-01T00:00:00.000Z")
    assert [event.time for event in read_events()] == [
        "2026-02-01T12:00:00.000Z", "2026-03-01T12:00:00.000Z",
    ]  # fmt: skip


def test_only_the_page_and_who_has_the_token_get_in(page):
    assert page.request("/api/desk?name=a1", token="other")[0] == 403
    assert page.request("/api/desk?name=a1", token=None)[0] == 403
    cookie = {"Cookie": f"al_page_{page.url.rpartition(':')[2]}=a-token"}
    assert page.request("/api/desk?name=a1", token=None, **cookie)[0] == 200
    desk = page.desk()
    event = page.event(desk["rows"][0], desk, label="ham")
    for origin in ("http://evil.example", "null", "http://127.0.0.1:1"):
        assert page.request("/api/events", event, Origin=origin)[0] == 403
        assert page.request("/api/events", event, token=None, Origin=origin, **cookie)[0] == 403
    assert page.request("/api/events", event, token=None, **cookie)[0] == 403
    assert page.request("/api/desk?name=a1", Host="evil.example")[0] == 403
    assert page.request("/", Host="evil.example:8010", token=None)[0] == 403
    assert page.request("/api/desk?name=a1", Host="192.0.2.1:8010")[0] == 403
    assert read_events() == []
    assert page.request("/api/events", event, token=None, Origin=page.url, **cookie)[0] == 200


def test_in_a_network_addresses_are_hosts_but_names_are_not(project):
    with serve(local=False) as page:
        assert page.request("/api/desk?name=a1", Host="192.0.2.1:8010")[0] == 200
        assert page.request("/api/desk?name=a1", Host="evil.example:8010")[0] == 403


def test_the_address_signs_a_browser_in(page):
    import http.client

    def get(path):
        connection = http.client.HTTPConnection(page.url.removeprefix("http://"))
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer

    answer = get("/?token=a-token&name=a2")
    assert (answer.status, answer.getheader("Location")) == (303, "/?name=a2")
    cookie = answer.getheader("Set-Cookie")
    assert "=a-token;" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert get("/?token=a-token").getheader("Location") == "/?name=a1"
    assert get("/?token=wrong").status == 403
    for path in ("/", "/page.js", "/page.css", "/icon.svg", "/api/desk", "/nothing"):
        headers = get(path).headers
        assert {name: headers[name] for name in HEADERS} == HEADERS


def test_the_page_is_small_and_asks_no_other_host():
    files = {path.name: path.read_text(encoding="utf-8") for path in STATIC.iterdir()}
    assert sum(len(text.encode()) for text in files.values()) < 80_000
    for name, text in files.items():
        addresses = text.replace("http://www.w3.org/2000/svg", "")
        assert "://" not in addresses, name
    assert "innerHTML" not in files["page.js"]
    assert "style=" not in files["page.html"]


def test_names_are_checked(project):
    with serve() as page:
        for name in ("", "A1", "a/b", "..", "x" * 33):
            status, answer = page.request(f"/api/desk?name={name}")
            assert (status, answer["error"][:12]) == (422, "name must be")
        assert "use another name" in page.request("/api/desk?name=gone")[1]["error"]
    write_project(project, texts(), annotators=["a1", "b2"])
    with serve() as page:
        assert page.request("/api/people") == (200, {"annotators": ["a1", "b2"]})
        assert page.request("/api/desk?name=b2")[0] == 200
        assert "did you mean 'b2'" in page.request("/api/desk?name=b3")[1]["error"]


def test_two_people_never_have_one_row_on_the_screen(page):
    one, two = page.desk("a1"), page.desk("a2")
    # First what nobody has fetched, then what the other will come to last.
    assert rows(two) == ["r10", "r11", *(f"r{number}" for number in range(9, 1, -1))][:10]
    assert rows(one)[0] == "r0"
    done = {"a1": [], "a2": []}
    for turn in range(12):
        name = ("a1", "a2")[turn % 2]
        done[name].append(page.decide(name)["row"])
        page.desk(name)
    assert sorted(done["a1"] + done["a2"]) == sorted(f"r{number}" for number in range(12))
    assert page.desk("a1")["state"] == page.desk("a2")["state"] == "answered"


def test_a_row_that_somebody_has_begun_is_not_next(page):
    desk = page.desk("a1")
    for _ in range(4):
        page.decide("a2")
    begun = rows(page.desk("a2"))[0]
    assert begun in rows(desk)
    answer = page.send(page.event(desk["rows"][0], desk, label="ham"))
    decided = {event.row for event in read_events()}
    assert answer["next"][0] == "r1"
    assert not decided & set(answer["next"])
    assert begun not in answer["next"]
    assert rows(page.desk("a1", row="r3"))[:2] == ["r3", "r1"]


def test_a_new_round_a_new_table_and_new_classes_are_read(project):
    with serve() as page:
        before = page.desk()
        page.decide()
        table = pd.concat([texts(), pd.DataFrame({"ID": ["new"], "text": ["New"]})])
        queries = [Query(0, "new", "query"), Query(1, "gone", "query")]
        write_project(project, table, queries, classes=("eggs", "spam"), n_round=2)
        after = page.desk()
        assert (rows(after), after["round"]) == (["new"], 2)
        assert after["progress"] == {"done": 0, "total": 1, "left": 1}
        assert [each["name"] for each in after["classes"]] == ["eggs", "spam"]
        # What was on the screen is taken as it was asked.
        late = page.event(before["rows"][3], before, label="ham")
        assert page.request("/api/events", late)[0] == 200
        page.decide(label="eggs")
    events = {event.row: event for event in read_events()}
    assert (events["r3"].round, events["r3"].rank, events["r3"].label) == (1, 3, "ham")
    assert (events["new"].round, events["new"].label) == (2, "eggs")
    assert events["r3"].classes != events["new"].classes


def test_a_ticket_outlives_the_server(project):
    with serve() as page:
        desk = page.desk()
        event = page.event(desk["rows"][2], desk, label="ham")
    with serve() as page:
        assert page.request("/api/events", event)[0] == 200
        assert rows(page.desk()) == ["r0", "r1", *(f"r{number}" for number in range(3, 11))]


def copy_of(line, **values):
    """Another event like that of a line."""
    event = json.loads(line) | {"id": str(uuid.uuid4())} | values
    return json.dumps(event).encode() + b"\n"


def test_labels_that_arrive_beneath_it_are_read(project):
    with serve() as page:
        page.decide()
        folder = project / "rounds" / "labels"
        # A pull writes this file anew, with a line before the old one, and brings another file.
        line = (folder / "a1.jsonl").read_bytes()
        (folder / "new").write_bytes(copy_of(line, row="r1") + line)
        (folder / "new").replace(folder / "a1.jsonl")
        (folder / "b3.jsonl").write_bytes(copy_of(line, by="b3", row="r2"))
        desk = page.desk("a3")
        assert desk["problems"] == []
        assert sorted(rows(desk)) == sorted(f"r{number}" for number in range(3, 12))
        # Another branch is checked out: the labels are gone, and their rows are open again.
        (folder / "a1.jsonl").unlink()
        assert "r0" in rows(page.desk("a1"))


def test_damage_beneath_it_is_shown_and_labels_are_taken(project):
    with serve() as page:
        page.decide()
        (project / "rounds" / "labels" / "b.jsonl").write_bytes(b"<<<<<<< HEAD\n")
        (project / "rounds" / "queries.csv").write_text("nonsense\n1\n")
        (project / "rounds" / "params.yaml").write_text("classes: [")
        desk = page.desk()
        assert [text.split(" ")[0] for text in desk["problems"]] == [
            "rounds/params.yaml:", "rounds/queries.csv", "rounds/labels/b.jsonl,",
        ]  # fmt: skip
        page.decide()
        assert rows(page.desk())[0] == "r2"
        (project / "rounds" / "labels" / "b.jsonl").unlink()
        assert len(read_events()) == 2


def test_queries_that_are_away_while_a_round_is_computed_stay(project):
    with serve() as page:
        (project / "rounds" / "queries.csv").unlink()
        assert rows(page.desk())[0] == "r0"
    with serve() as page:
        desk = page.desk()
        assert (desk["state"], desk["rows"], desk["round"]) == ("start", [], None)


def test_late_labels_and_the_holdout_are_counted(project):
    write_project(project, texts(), holdout={"share": 0.999999, "size": 4})
    with serve() as page:
        assert page.desk()["holdout"] == {"done": 0, "total": 4}
        assert page.desk()["late"] is None
        for _ in range(10):
            page.decide()
        data = project / "rounds" / "data"
        data.mkdir()
        (data / "events.jsonl").write_bytes(b"\n")  # of a round before the first label
        assert page.desk()["late"] == 10
        (data / "events.jsonl").write_bytes(b"".join(e.line() for e in read_events()[:7]))
        assert page.desk()["late"] == 3
        page.decide()
        page.decide()
        desk = page.desk()
        assert (desk["late"], desk["holdout"]) == (5, {"done": 4, "total": 4})


def test_images_come_from_their_folder_only(project):
    folder = project / "images"
    folder.mkdir()
    names = ["a.png", "../secret.png", "link.png", "b.svg", "a.txt", "missing.png", "/etc/passwd"]
    for name in ("images/a.png", "secret.png", "images/b.svg", "images/a.txt"):
        (project / name).write_bytes(b"content of " + name.encode())
    (folder / "link.png").symlink_to(project / "secret.png")
    table = pd.DataFrame({"ID": [f"i{n}" for n in range(len(names))], "image": names})
    options = {"image": "image", "image_folder": "images"}
    write_project(project, table, options=options)
    with serve() as page:
        desk = page.desk()
        assert [(view["image"], view["values"]) for view in desk["rows"][:1]] == [(True, [])]
        assert page.request("/api/image?row=i0") == (200, b"content of images/a.png")
        for row in ("i1", "i2", "i3", "i4", "i5", "i6", "i7", ""):
            assert page.request(f"/api/image?row={row}")[0] == 404
        assert page.request("/api/image?row=i0", token=None)[0] == 403


def test_rows_asked_again_show_their_earlier_label(project):
    clock = count(step=1000)  # nothing is held for long
    with serve(clock=lambda: next(clock)) as page:
        page.decide(label="ham")
        other = page.decide("a2", label="spam")
        queries = [
            Query(0, "r0", "relabel"),
            Query(1, other["row"], "relabel"),
            Query(2, "r2", "query"),
        ]
        write_queries(project, queries, 2)
        earlier = {view["row"]: view["earlier"] for view in page.desk("a2")["rows"]}
        assert earlier == {"r0": "ham", other["row"]: "spam", "r2": None}


def python(code):
    return [sys.executable, "-c", code]


def wait(page):
    for _ in range(200):
        if not (training := page.desk()["training"])["running"]:
            return training
        time.sleep(0.02)
    raise AssertionError


def test_the_next_round_is_a_process_of_its_own(project):
    write_queries(project, [Query(0, "r0", "query")], 2)
    new = (project / "rounds" / "queries.csv").read_text()
    write_queries(project, [Query(0, "r5", "query")], 1)
    code = f"from pathlib import Path; Path('rounds/queries.csv').write_text({new!r})"
    with serve(training=Training(python(code))) as page:
        assert page.desk()["training"] == {"running": False, "failed": False, "output": ""}
        assert page.request("/api/round", {})[0] == 202
        assert not wait(page)["failed"]
        assert (page.desk()["round"], rows(page.desk())) == (2, ["r0"])


def test_no_row_is_dealt_while_the_next_round_is_computed(project):
    code = "from pathlib import Path\nwhile not Path('go').exists(): pass"
    with serve(training=Training(python(code))) as page:
        before = page.desk()
        page.request("/api/round", {})
        assert page.request("/api/round", {})[1]["running"]
        assert page.desk()["rows"] == []
        page.send(page.event(before["rows"][0], before, label="ham"))
        (project / "go").touch()
        assert not wait(page)["failed"]
        assert rows(page.desk())[0] == "r1"


def test_a_round_that_fails_says_why(project):
    with serve(training=Training(python("raise SystemExit('error: no labels')"))) as page:
        page.request("/api/round", {})
        training = wait(page)
        assert (training["failed"], training["output"].strip()) == (True, "error: no labels")
    with serve() as page:
        assert page.desk()["training"] is None
        assert page.request("/api/round", {})[0] == 422


def test_a_port_that_is_taken_says_by_whom(page):
    from active_learning.core.errors import UserError
    from commands.labels.page import _listen

    port = int(page.url.rpartition(":")[2])
    with pytest.raises(
        UserError,
        match=rf"^Port {port} is taken by the page of a1 \(pid {os.getpid()}\): {page.url}\. It",
    ):
        _listen(port, lan=False)
