"""The labelling page in a real browser: keys, undo, what is not saved, small screens."""

import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest

from active_learning.rounds.events import Guess
from active_learning.rounds.queries import Query
from commands.labels.server import Training
from tests.axe import complaints
from tests.labels.page_server import Folder, read_events, serve, texts, write_project, write_queries

ROOT = Path(__file__).parents[2]
NO_SPACE = "rounds/labels/a1.jsonl cannot be written (No space left on device)."
pytestmark = pytest.mark.slow


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_project(tmp_path, texts())
    return tmp_path


@pytest.fixture
def visit(browser):
    """Open the page of somebody in a browser profile of its own."""
    contexts = []

    def visit(server, name="a1", **options):
        context = browser.new_context(**options)
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.errors = []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        # Until it is ready, the page knows no keys.
        page.goto(f"{server.url}/?token=a-token&name={name}", wait_until="networkidle")
        return page

    yield visit
    for context in contexts:
        assert [error for page in context.pages for error in page.errors] == []
        context.close()


def expect_row(page, row):
    from playwright.sync_api import expect

    expect(page.locator("#title")).to_have_text(f"Row {row}")


def expect_text(page, selector, text):
    from playwright.sync_api import expect

    expect(page.locator(selector)).to_contain_text(text)


def expect_hidden(page, selector, *, hidden=True):
    from playwright.sync_api import expect

    expect(page.locator(selector)).to_be_visible(visible=not hidden)


def press(page, key, row=None):
    """Press a key as a person would who has read the row; ``row`` comes next."""
    page.wait_for_timeout(320)
    page.keyboard.press(key)
    if row:
        expect_row(page, row)


def labels():
    return {event.row: event.label for event in read_events() if event.decision == "label"}


def test_one_key_decides_and_shows_the_next_row(project, visit):
    with serve() as server:
        page = visit(server)
        expect_row(page, "r0")
        assert "token" not in page.url
        for key, row in (("1", "r1"), ("2", "r2"), ("s", "r3"), ("U", "r4")):
            press(page, key, row)
        press(page, "7")
        press(page, "Control+1")
        assert [event.label or event.decision for event in read_events()] == [
            "ham", "spam", "skip", "unsure",
        ]  # fmt: skip
        for event in read_events():
            assert 0.3 < event.seconds < 5
        expect_text(page, "#count", "4 of 12")
        for row in range(4, 12):
            press(page, "1", f"r{row + 1}" if row < 11 else None)
        expect_text(page, "#message-title", "Round 1 is done")
        assert page.evaluate("document.activeElement.tagName") == "BODY"


def test_a_double_press_or_a_held_key_labels_one_row(project, visit):
    with serve() as server:
        page = visit(server)
        expect_row(page, "r0")
        page.wait_for_timeout(320)
        page.keyboard.press("1")
        page.keyboard.press("1")
        expect_row(page, "r1")
        page.keyboard.press("1")  # the bounce of the key, on the new row
        page.wait_for_timeout(320)
        assert labels() == {"r0": "ham"}
        page.keyboard.down("2")
        for _ in range(10):
            page.keyboard.down("2")  # repeats, as the browser marks them
            page.wait_for_timeout(50)
        page.keyboard.up("2")
        page.wait_for_timeout(320)
        page.locator("#classes button").first.dblclick()
        page.wait_for_timeout(320)
        assert labels() == {"r0": "ham", "r1": "spam", "r2": "ham"}


def test_undo_brings_the_row_back(project, visit):
    with serve() as server:
        page = visit(server)
        expect_row(page, "r0")
        press(page, "Backspace")
        expect_text(page, "#announcement", "nothing to take back")
        press(page, "1", "r1")
        press(page, "2", "r2")
        press(page, "Backspace", "r1")
        press(page, "Backspace", "r0")
        press(page, "2", "r1")
        press(page, "1", "r2")
    events = {event.id: event for event in read_events()}
    assert [event.decision for event in events.values()] == [
        "label", "label", "retract", "retract", "label", "label",
    ]  # fmt: skip
    retracts = [event for event in events.values() if event.decision == "retract"]
    assert [events[event.instead_of].row for event in retracts] == ["r1", "r0"]


def test_a_click_on_a_decision_corrects_it(project, visit):
    with serve() as server:
        page = visit(server)
        expect_row(page, "r0")
        press(page, "1", "r1")
        press(page, "1", "r2")
        page.locator("#recent button").nth(1).click()
        expect_row(page, "r0")
        expect_text(page, "#about", "you decided “ham”")
        press(page, "2", "r2")
        expect_text(page, "#recent li:first-child", "spam")
        page.locator("#recent button").first.click()
        expect_row(page, "r0")
        press(page, "Escape", "r2")
        page.locator("#recent button").first.click()
        expect_row(page, "r0")
        press(page, "2", "r2")  # the same again is no event
    first, second, correction = read_events()
    assert (correction.instead_of, correction.row, correction.label) == (first.id, "r0", "spam")
    assert second.instead_of is None


def test_notes_guesses_and_help(project, visit):
    guess = Guess(label="spam", p=0.875)
    write_queries(project, [Query(0, "r0", "query", None, guess), Query(1, "r1", "query")])
    with serve() as server:
        page = visit(server)
        expect_row(page, "r0")
        page.keyboard.press("?")
        expect_text(page, "#keys", "Write a note on the row")
        page.keyboard.press("1")  # not while a dialog is open
        page.keyboard.press("Escape")
        page.keyboard.press("n")
        page.keyboard.type("1 of 2: s u n\nsecond line")
        page.keyboard.press("Control+Enter")
        expect_text(page, "#notes", "1 of 2: s u n")
        expect_hidden(page, "#guess")
        page.keyboard.press("g")
        expect_text(page, "#guess", "The model guesses spam (88%).")
        press(page, "2", "r1")
        expect_hidden(page, "#guess")
        press(page, "2")
        expect_text(page, "#message-title", "Round 1 is done")
    note, first, second = read_events()
    assert (note.decision, note.text) == ("note", "1 of 2: s u n\nsecond line")
    assert (first.shown, first.guess, second.shown) == (True, guess, False)


def test_keys_can_be_switched_off(project, visit):
    with serve() as server:
        page = visit(server)
        page.keyboard.press("?")
        page.locator("#use-keys").uncheck()
        page.keyboard.press("Escape")
        press(page, "1")
        page.reload()
        press(page, "1")
        assert read_events() == []
        page.get_by_role("button", name="ham", exact=True).click()
        expect_row(page, "r1")


def test_what_is_not_saved_stays_and_is_sent_again(project, visit):
    journal = Folder()
    with serve(journal=journal) as server:
        page = visit(server)
        expect_row(page, "r0")
        journal.error = NO_SPACE
        press(page, "2")
        expect_text(page, "#alert", "NOT SAVED “spam” for row r0.")
        expect_text(page, "#alert", "No space left on device")
        expect_row(page, "r0")
        press(page, "1")  # nothing else is decided meanwhile
        page.on("dialog", lambda dialog: dialog.accept())
        page.reload()
        expect_text(page, "#alert", "NOT SAVED “spam” for row r0.")
        expect_row(page, "r0")
        assert read_events() == []
        journal.error = None
        page.locator("#retry").click()
        expect_row(page, "r1")
        expect_hidden(page, "#alert")
        page.reload()
        expect_row(page, "r1")
    assert labels() == {"r0": "spam"}


def test_an_event_that_is_refused_can_be_discarded(project, visit):
    with serve() as server:
        page = visit(server)
        expect_row(page, "r0")
        press(page, "n")
        page.locator("#note-text").evaluate("field => field.value = '\\u0001'.repeat(800)")
        page.locator("#save-note").click()
        expect_text(page, "#alert", "An event must be at most 4096 bytes")
        page.locator("#drop").click()
        expect_hidden(page, "#alert")
        press(page, "1", "r1")
    assert labels() == {"r0": "ham"}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def process(port, env):
    """The page as its command starts it; where it is."""
    done = subprocess.Popen(
        [sys.executable, "-m", "commands.labels", "page", "a1", "--port", str(port),
         "--no-browser"],
        env=env | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield done, done.stdout.readline().partition(": ")[2].strip()
    finally:
        done.kill()
        done.communicate()


def test_a_label_given_while_the_server_was_dead_is_delivered_once(project, browser, env):
    subprocess.run(["git", "init", "-q"], check=True)
    port = free_port()
    context = browser.new_context()
    page = context.new_page()
    with process(port, env) as (server, address):
        page.goto(address)
        expect_row(page, "r0")
        press(page, "1", "r1")
        server.kill()
        server.wait()
        press(page, "2")
        expect_text(page, "#alert", "cannot reach its server")
        expect_row(page, "r1")
    with process(port, env) as (server, again):
        assert again == address
        expect_row(page, "r2")
        expect_hidden(page, "#alert")
        press(page, "1", "r3")
        server.send_signal(signal.SIGINT)
        output, _ = server.communicate(timeout=20)
        assert output.splitlines()[-1].startswith("Closed.")
        assert server.returncode == 0
    context.close()
    assert [(event.row, event.label) for event in read_events()] == [
        ("r0", "ham"), ("r1", "spam"), ("r2", "ham"),
    ]  # fmt: skip
    copy = project / ".git" / "al-labels" / "a1.jsonl"
    assert copy.read_bytes() == (project / "rounds" / "labels" / "a1.jsonl").read_bytes()


def test_two_people_at_one_server(project, visit):
    with serve() as server:
        one, two = visit(server, "a1"), visit(server, "a2")
        expect_row(one, "r0")
        expect_hidden(two, "#card", hidden=False)
        for _ in range(6):
            for page in (one, two):
                before = page.locator("#title").inner_text()
                press(page, "1")
                page.wait_for_timeout(100)
                assert page.locator("#title").inner_text() != before or page.is_hidden("#card")
    assert sorted(event.row for event in read_events()) == sorted(f"r{n}" for n in range(12))
    assert {event.by for event in read_events()} == {"a1", "a2"}


def test_who_is_labelling_can_be_chosen(project, visit):
    write_project(project, texts(), annotators=["a1", "b2"])
    with serve() as server:
        page = visit(server, "nobody")
        expect_text(page, "#people-reason", "unknown name 'nobody'")
        page.get_by_role("button", name="b2").click()
        expect_text(page, "#who", "b2")
    write_project(project, texts())
    with serve() as server:
        page = visit(server, "")
        page.get_by_label("Your name").fill("c-3")
        page.keyboard.press("Enter")
        expect_text(page, "#who", "c-3")
        expect_row(page, "r0")


HOSTILE = [
    "<script>document.title = 'hacked'</script><img src=x onerror=\"document.title='hacked'\">",
    "=cmd()|' /C calc'!A0", "word " * 4000, "x" * 20_000, "عنوان النص باللغة العربية", "",
]  # fmt: skip


@pytest.mark.parametrize("width", [360, 320])
def test_any_text_fits_a_phone(project, visit, width):
    table = pd.DataFrame({"ID": [f"h{n}" for n in range(len(HOSTILE))], "text": HOSTILE})
    table["other <b>"] = HOSTILE[::-1]
    classes = {"<i>ham": {"help": HOSTILE[0]}, "s" * 300: {}, "ok": {}}
    write_project(project, table, classes=classes)
    (project / "rounds" / "guidelines.md").write_text(f"# {HOSTILE[0]}\n\n- {HOSTILE[3]}")
    with serve() as server:
        page = visit(
            server, viewport={"width": width, "height": 640}, has_touch=True, is_mobile=True
        )
        for number in range(len(HOSTILE)):
            expect_row(page, f"h{number}")
            shown = page.locator("#values dd").evaluate_all("all => all.map(e => e.textContent)")
            assert shown == [text or "–" for text in table.iloc[number, 1:]]
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            page.wait_for_timeout(320)
            page.locator("#classes button").last.tap()
        expect_text(page, "#message-title", "Round 1 is done")
        page.locator("summary").tap()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.title() == "Label · a1"
        assert page.locator("main img, main script, aside script, main i").count() == 0


def test_touch_targets_are_large_and_a_swipe_is_no_label(project, visit):
    with serve() as server:
        page = visit(server, viewport={"width": 360, "height": 640}, has_touch=True, is_mobile=True)
        expect_row(page, "r0")
        sizes = page.locator("#actions button:visible").evaluate_all(
            "all => all.map(e => e.getBoundingClientRect()).map(r => [r.width, r.height])"
        )
        assert min(min(size) for size in sizes) >= 44
        session = page.context.new_cdp_session(page)
        for kind, x in (("touchStart", 300), ("touchMove", 150), ("touchMove", 20)):
            points = [{"x": x, "y": 560}]
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        page.wait_for_timeout(300)
        assert read_events() == []


def test_at_400_percent_nothing_covers_the_row(project, visit):
    with serve() as server:
        page = visit(server, viewport={"width": 320, "height": 200})
        expect_row(page, "r0")
        assert (
            page.evaluate("getComputedStyle(document.getElementById('actions')).position")
            == "static"
        )
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        press(page, "1", "r1")
        assert page.evaluate("scrollY") == 0


def test_the_focus_stays_and_the_row_is_announced(project, visit):
    with serve() as server:
        page = visit(server)
        expect_row(page, "r0")
        expect_text(page, "#announcement", "Row r0. text: The text of row 0")
        button = page.get_by_role("button", name="spam", exact=True)
        button.focus()
        page.wait_for_timeout(320)
        page.keyboard.press("Enter")
        expect_row(page, "r1")
        expect_text(page, "#announcement", "Row r1. text: The text of row 1")
        assert button.evaluate("e => e === document.activeElement")
        page.wait_for_timeout(320)
        page.keyboard.press("Space")
        expect_row(page, "r2")
    assert labels() == {"r0": "spam", "r1": "spam"}


def test_a_class_among_many_is_typed(project, visit):
    names = tuple(f"class {number}" for number in range(40))
    write_project(project, texts(), classes=names)
    with serve() as server:
        page = visit(server)
        expect_row(page, "r0")
        press(page, "9", "r1")
        press(page, "/")
        page.keyboard.type("class 3")
        assert page.locator("#classes button:visible").count() == 11
        page.keyboard.press("Enter")  # it is the whole name of one
        expect_row(page, "r2")
        page.wait_for_timeout(320)
        page.keyboard.type("37")
        page.keyboard.press("Enter")
        expect_row(page, "r3")
    assert labels() == {"r0": "class 8", "r1": "class 3", "r2": "class 37"}


def test_images_are_there_before_their_row(project, visit):
    from PIL import Image

    (project / "images").mkdir()
    for number in range(12):
        Image.new("RGB", (8, 8), (20 * number, 0, 0)).save(project / "images" / f"{number}.png")
    table = pd.DataFrame({"ID": texts()["ID"], "image": [f"{n}.png" for n in range(12)]})
    write_project(project, table, options={"image": "image", "image_folder": "images"})
    (project / "images" / "1.png").unlink()
    with serve() as server:
        page = visit(server)
        requests = []
        page.on("request", lambda request: requests.append(request.url))
        page.wait_for_load_state("networkidle")
        expect_row(page, "r0")
        assert page.get_by_alt_text("Image of row r0").evaluate("e => e.naturalWidth") == 8
        requests.clear()
        press(page, "1", "r1")
        expect_text(page, "#picture", "cannot be shown")
        press(page, "1", "r2")
        assert page.get_by_alt_text("Image of row r2").evaluate("e => e.complete && e.naturalWidth")
        assert not [url for url in requests if re.search(r"row=r[012]$", url) and "image" in url]


def test_the_next_round_appears(project, visit):
    write_queries(project, [Query(0, "r7", "query")], 2)
    new = (project / "rounds" / "queries.csv").read_text()
    write_queries(project, [Query(0, "r5", "query")], 1)
    code = (
        "import pathlib, sys\n"
        f"new, path = {new!r}, pathlib.Path('rounds/queries.csv')\n"
        "if pathlib.Path('ready').exists(): path.write_text(new)\n"
        "else: sys.exit('error: not ready')"
    )
    with serve(training=Training([sys.executable, "-c", code])) as server:
        page = visit(server)
        expect_row(page, "r5")
        press(page, "1")
        expect_text(page, "#message-title", "Round 1 is done")
        page.locator("#message .next-round").click()
        expect_text(page, "#output", "error: not ready")
        (project / "ready").touch()
        page.locator("#message .next-round").click()
        expect_row(page, "r7")
        expect_text(page, "#round", "Round 2")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_has_no_complaints(project, browser, scheme):
    guess = Guess(label="spam", p=0.875)
    rows = [f"r{n}" for n in range(12)]
    write_queries(project, [Query(n, row, "query", None, guess) for n, row in enumerate(rows)])
    (project / "rounds" / "guidelines.md").write_text("# Ham\n\nWanted.\n\n- a\n- b\n")
    write_project(
        project, texts(), [Query(0, "r0", "query", None, guess), Query(1, "r1", "query")],
        classes={"ham": {"help": "wanted"}, "spam": {}},
    )  # fmt: skip
    journal = Folder()
    with serve(journal=journal, training=Training(["false"])) as server:
        context = browser.new_context(color_scheme=scheme, bypass_csp=True)
        page = context.new_page()
        page.goto(f"{server.url}/?token=a-token&name=a1")
        expect_row(page, "r0")

        def check():
            page.wait_for_timeout(250)
            assert complaints(page) == []

        page.locator("summary").click()
        page.keyboard.press("g")
        check()
        for key in ("?", "n"):
            page.keyboard.press(key)
            check()
            page.keyboard.press("Escape")
        press(page, "1", "r1")
        page.locator("#recent button").click()
        expect_row(page, "r0")
        check()
        press(page, "Escape", "r1")
        journal.error = NO_SPACE
        press(page, "1")
        expect_text(page, "#alert", "NOT SAVED")
        check()
        journal.error = None
        expect_text(page, "#message-title", "Round 1 is done")
        check()
        page.locator("#message .next-round").click()
        expect_text(page, "#message-title", "The next round failed")
        check()
        page.goto(f"{server.url}/?name=NOBODY")
        expect_text(page, "#people-reason", "Name must be")
        check()
        context.close()
