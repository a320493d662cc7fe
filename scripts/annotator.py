"""An annotator that is a script: labels rows through the HTTP interface of the labelling page."""

import json
import re
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

from active_learning.rounds.events import timestamp
from stages import git

ADDRESS = re.compile(r"(http://127\.0\.0\.1:\d+)/\?token=([\w-]+)")
PATIENCE, PAUSE = 60.0, 0.01  # seconds
_SERVER_ERROR = 500


class Annotator:
    """One person at the page.

    A request that gets no answer is sent again, as it is, until the server is back.

    Parameters
    ----------
    address, token : str
        Of the server, see ``serve``.
    name : str
    """

    def __init__(self, address: str, token: str, name: str) -> None:
        self.address, self.name = address, name
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def desk(self) -> dict[str, Any]:
        """What the page shows, see ``commands.labels.server``."""
        return self._call(f"/api/desk?name={quote(self.name)}")

    def decide(
        self,
        row: dict[str, Any],
        classes: list[str],
        decision: str,
        label: str | None = None,
        instead_of: str | None = None,
    ) -> str:
        """Send a decision; returns its id once it is saved."""
        event = {
            "id": str(uuid.uuid4()),
            "time": timestamp(datetime.now(UTC)),
            "seconds": 1.0,
            "decision": decision,
            "label": label,
            "instead_of": instead_of,
            "ticket": row["ticket"],
            "classes": classes,
        }
        return str(self._call("/api/events", event)["saved"])

    def label_all(self, answer: Callable[[str], str]) -> int:
        """Label every row of the round; returns their number.

        Parameters
        ----------
        answer : callable
            Label of a row, by its id.
        """
        n = 0
        while rows := (desk := self.desk())["rows"]:
            classes = [one["name"] for one in desk["classes"]]
            for row in rows:
                self.decide(row, classes, "label", answer(row["row"]))
                n += 1
        return n

    def _call(self, path: str, body: Any = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        end = time.monotonic() + PATIENCE
        while True:
            try:
                request = Request(self.address + path, data, self._headers)
                with urlopen(request, timeout=PATIENCE) as response:
                    answer: dict[str, Any] = json.load(response)
            except (OSError, HTTPException) as error:
                refused = isinstance(error, HTTPError) and error.code < _SERVER_ERROR
                if refused or time.monotonic() > end:
                    raise
                time.sleep(PAUSE)
            else:
                return answer


@contextmanager
def serve(project: Path, name: str) -> Iterator[Annotator]:
    """Start the server of the page in a project, on any free port, and stop it in the end."""
    command = [sys.executable, "-m", "commands.labels", "page", name, "--no-browser", "--port", "0"]
    server = subprocess.Popen(
        command, cwd=project, env=git.environment(), stdout=subprocess.PIPE, text=True
    )
    try:
        lines = map(ADDRESS.search, server.stdout or [])
        address = next(filter(None, lines), None)
        if address is None:
            raise RuntimeError("the page did not start; its message is above")
        yield Annotator(address[1], address[2], name)
    finally:
        server.terminate()
        server.wait()
        if server.stdout:
            server.stdout.close()
