"""A small project of rounds, and its labelling page served from a thread."""

import asyncio
import json
import threading
import uuid
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

import pandas as pd
from aiohttp import web

from active_learning.core.errors import ArtifactError
from active_learning.data.files import write_table
from active_learning.rounds.log import read_log
from active_learning.rounds.queries import Queries, Query
from commands.labels.server import create_app
from commands.labels.session import Session
from commands.labels.workspace import Workspace

TOKEN = "a-token"
SECTIONS = (
    "holdout", "query", "review", "learner", "preprocess", "strategies", "stopping", "artifact",
)  # fmt: skip


def write_project(
    folder, table, queries=None, *, classes=("ham", "spam"), n_round=1, options=None, **sections
):
    """Table, params and queries of a project; by default every row is asked of anyone."""
    write_table(folder / "tables" / "mine.csv", table)
    params = {name: {} for name in SECTIONS} | {
        "table": {"path": "tables/mine.csv", "id": "ID", **(options or {})},
        "classes": list(classes) if isinstance(classes, tuple) else classes,
        "annotators": [], "learner": {"name": "logistic_regression"},
    } | sections  # fmt: skip
    (folder / "rounds" / "labels").mkdir(parents=True, exist_ok=True)
    (folder / "rounds" / "params.yaml").write_text(json.dumps(params), encoding="utf-8")
    if queries is None:
        queries = [Query(rank, row, "query") for rank, row in enumerate(table["ID"])]
    write_queries(folder, queries, n_round)


def write_queries(folder, queries, n_round=1, model="0a1b2c3d"):
    table = Queries(n_round, model, tuple(queries)).to_table()
    write_table(folder / "rounds" / "queries.csv", table)


def texts(n=12):
    return pd.DataFrame(
        {
            "ID": [f"r{number}" for number in range(n)],
            "text": [f"The text of row {number}" for number in range(n)],
        }
    )


class Folder:
    """Journal of one copy, which can fail."""

    def __init__(self):
        self.error = None

    def forgotten(self):
        return {"gone"}

    def append(self, events):
        if self.error:
            raise ArtifactError(self.error)
        for event in events:
            with (Path("rounds/labels") / f"{event.by}.jsonl").open("ab") as file:
                file.write(event.line())


def read_events():
    files = Path("rounds/labels").glob("*.jsonl")
    return read_log({path.name: path.read_bytes() for path in files}).events


class Page:
    """The page of a project in the working directory, and requests to it."""

    def __init__(self, url, journal):
        self.url, self.journal = url, journal

    def request(self, path, body=None, *, token=TOKEN, **headers):
        """Status and content, of JSON if it is."""
        data = (
            None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        )
        if data is not None:
            headers = {"Content-Type": "application/json"} | headers
        if token:
            headers["Authorization"] = f"Bearer {token}"
        try:
            with urlopen(Request(self.url + path, data, headers), timeout=20) as answer:
                return answer.status, _content(answer)
        except HTTPError as error:
            with error:
                return error.code, _content(error)

    def desk(self, name="a1", **query):
        pairs = {"name": name, **query}
        text = "&".join(f"{key}={quote(value)}" for key, value in pairs.items())
        status, value = self.request(f"/api/desk?{text}")
        assert status == 200, value
        return value

    def row(self, name, row):
        return self.request(f"/api/row?name={name}&row={quote(row)}")

    def event(self, view, desk, decision="label", label=None, **values):
        """An event as the page makes it."""
        return {
            "id": str(uuid.uuid4()), "time": desk["now"], "decision": decision, "label": label,
            "seconds": 1.5, "ticket": view["ticket"],
            "classes": [each["name"] for each in desk["classes"]],
        } | values  # fmt: skip

    def send(self, event):
        status, answer = self.request("/api/events", event)
        assert status == 200, answer
        return answer

    def decide(self, name="a1", decision="label", label="ham", **values):
        """Decide the next row; the event."""
        desk = self.desk(name)
        if decision != "label":
            label = None
        event = self.event(desk["rows"][0], desk, decision, label, **values)
        assert self.send(event)["saved"] == event["id"]
        return event | {"row": desk["rows"][0]["row"]}


def _content(answer):
    content = answer.read()
    return json.loads(content) if "json" in answer.headers["Content-Type"] else content


@contextmanager
def serve(*, port=0, journal=None, training=None, local=True, **clocks):
    """Serve the project in the working directory."""
    journal = journal or Folder()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def run(work):
        return asyncio.run_coroutine_threadsafe(work, loop).result(20)

    async def start():
        session = Session(Workspace(), journal, TOKEN, **clocks)
        app = create_app(session, token=TOKEN, name="a1", training=training, local=local)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port, reuse_address=True).start()
        return runner

    try:
        runner = run(start())
        yield Page(f"http://127.0.0.1:{runner.addresses[0][1]}", journal)
        run(runner.cleanup())
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
