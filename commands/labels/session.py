"""The labelling page without HTTP: what it shows to whom, and what it takes."""

import base64
import hmac
import time
from collections.abc import Callable
from datetime import UTC, datetime
from heapq import nlargest
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError
from pydantic_core import from_json

from active_learning.core.errors import ParamsError, UserError, shown, unknown
from active_learning.core.explain import explain
from active_learning.core.strict import Strict
from active_learning.rounds.desk import Desk
from active_learning.rounds.events import (
    Annotator,
    Count,
    Decision,
    Event,
    Guess,
    Hex8,
    Hex16,
    Id,
    Reason,
    Text,
    Time,
    check_annotator,
    digest,
    timestamp,
)
from active_learning.rounds.queries import Query
from commands.labels.workspace import Workspace
from stages import paths
from stages.rounds.journal import Journal

N_AHEAD = 10
N_RECENT = 10
_SHORTEST_SUMMARY, _LONGEST_SUMMARY = 20, 80  # characters; what is shorter may be of many rows
# Not SVG: it can hold scripts.
IMAGE_TYPES = {
    ".avif": "image/avif", ".bmp": "image/bmp", ".gif": "image/gif", ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg", ".png": "image/png", ".webp": "image/webp",
}  # fmt: skip


class RefusedError(UserError):
    """A request that is invalid and would be so again."""


class Ticket(Strict):
    """What the server showed to whom; the page sends it back with the decision.

    It is signed, so the server need not remember what it showed: the decision is taken after a
    restart and after a new round, with the reason and the round as they were.
    """

    by: Annotator
    row: Text
    seen: Hex16
    why: Reason
    round: Count
    rank: Count | None
    model: Hex8 | None
    guess: Guess | None
    classes: Hex8


class Answer(Strict):
    """A decision as the page sends it."""

    id: Id
    time: Time
    decision: Decision
    label: Text | None = None
    instead_of: Id | None = None
    shown: bool = False
    seconds: Annotated[float, Field(ge=0)]
    text: Text | None = None
    ticket: str
    classes: list[str]
    """Names of the classes that were on offer."""


class Session:
    """Shows rows to annotators and takes their decisions.

    Parameters
    ----------
    workspace : Workspace
    journal : Journal
    secret : str
        Signs tickets.
    clock : callable, optional
        Seconds; does not go back.
    now : callable, optional
        Time of day in UTC.
    """

    def __init__(
        self,
        workspace: Workspace,
        journal: Journal,
        secret: str,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.workspace = workspace
        self._journal = journal
        self._secret = secret.encode()
        self._clock = clock
        self._now = now
        self._desk = Desk()

    def check_name(self, name: str) -> str:
        """Name of an annotator, if it is one.

        Raises
        ------
        RefusedError
            If it is invalid, or not on the list.
        """
        annotators = self.workspace.params.annotators
        try:
            check_annotator("name", name)
        except ParamsError as error:
            raise RefusedError(str(error)) from None
        if annotators and name not in annotators:
            reason = unknown("name", name, annotators)
            raise RefusedError(f"{paths.ROUNDS_PARAMS}: annotators: {reason}")
        if name in self._journal.forgotten():
            raise RefusedError(f"{paths.FORGOTTEN} lists {name}; use another name.")
        return name

    def desk(self, name: str, on_screen: str | None = None) -> dict[str, Any]:
        """All that the page of an annotator shows, see ``server``."""
        space = self.workspace
        space.refresh()
        self.check_name(name)
        queries, decisions, rows = space.queries, space.labels.decisions, space.table.positions
        dealt = self._deal(name, on_screen)
        left, n_open, n_queries = [], 0, 0
        if queries is not None:
            left = self._desk.open(queries, decisions, rows, name)
            n_open = sum(query.row in rows for query in queries.open(decisions))
            n_queries = sum(query.row in rows for query in queries.rows)
        decided = {row for row, _ in decisions}
        return {
            "name": name,
            "log": digest(self._secret.hex(), 8),
            "now": timestamp(self._now()),
            "classes": [
                {"name": label, "key": key, "help": options.help}
                for (label, options), key in zip(
                    space.params.classes.options.items(), space.params.classes.keys(), strict=True
                )
            ],
            "guidelines": space.guidelines,
            "state": "start" if queries is None else "asking" if n_open else "answered",
            "round": queries.round if queries else None,
            "progress": {"done": n_queries - n_open, "total": n_queries, "left": len(left)},
            "holdout": {
                "done": sum(row in decided for row in space.holdout), "total": len(space.holdout),
            },
            "late": space.n_late,
            "problems": space.problems,
            "rows": [self._view_query(name, query) for query in dealt],
            "recent": self._recent(name),
        }  # fmt: skip

    def decided_row(self, name: str, row: str) -> dict[str, Any]:
        """A row that an annotator has decided, to correct it."""
        self.workspace.refresh()
        event = self.workspace.labels.decisions.get((row, name))
        if event is None or row not in self.workspace.table.positions:
            raise RefusedError(
                f"row must be in the table, and decided by {name}; got {shown(row)}."
            )
        fields = {"why": event.why, "round": event.round, "rank": event.rank, "model": event.model}
        return self._view(name, row, guess=event.guess, **fields) | {
            "decided": {"id": event.id, "decision": event.decision, "label": event.label}
        }

    def take(self, body: bytes) -> dict[str, Any]:
        """Save a decision; one that is saved already is not saved again.

        Returns
        -------
        dict
            ``saved``, the id, and ``next``, the rows to decide from now on.

        Raises
        ------
        RefusedError
            If it is invalid.
        ArtifactError
            If it cannot be written.
        """
        answer, ticket = self._parse(body)
        self.workspace.labels.refresh()
        event = self._event(answer, ticket)
        known = self.workspace.labels.events.get(event.id)
        if known is not None:
            same = {"row", "by", "decision", "label", "text", "instead_of"}
            if known.model_dump(include=same) != event.model_dump(include=same):
                raise RefusedError(f"id must be of one event only; got {event.id} again.")
        else:
            self._journal.append([event])
            self.workspace.labels.add([event])
        stays = event.decision in {"note", "retract"}
        on_screen = event.row if stays else self._desk.on_screen(event.by)
        return {
            "saved": event.id, "next": [query.row for query in self._deal(event.by, on_screen)],
        }  # fmt: skip

    def image(self, row: str) -> Path | None:
        """File of a row's image, if it is in the folder of images and of a type for images."""
        table, folder = self.workspace.table, self.workspace.params.table.image_folder
        path = table.image_path(row) if row in table.positions else None
        if path is None or folder is None:
            return None
        file, root = (Path(folder) / path).resolve(), Path(folder).resolve()
        inside = file.is_relative_to(root) and file.suffix.lower() in IMAGE_TYPES
        return file if inside and file.is_file() else None

    def _deal(self, name: str, on_screen: str | None) -> list[Query]:
        queries = self.workspace.queries
        if queries is None:
            return []
        decisions, rows = self.workspace.labels.decisions, self.workspace.table.positions
        return self._desk.deal(
            queries, decisions, rows, name, self._clock(), on_screen=on_screen, n=N_AHEAD
        )

    def _parse(self, body: bytes) -> tuple[Answer, Ticket]:
        try:
            values = from_json(body)
        except ValueError as error:
            raise RefusedError(f"the body must be JSON ({' '.join(str(error).split())}).") from None
        try:
            answer = Answer.model_validate(values)
        except ValidationError as error:
            raise RefusedError(explain(error, Answer, values, "answer")) from None
        ticket = self._open(answer.ticket)
        if digest(sorted(answer.classes), 8) != ticket.classes:
            raise RefusedError("classes must be those that were on offer.")
        if answer.label is not None and answer.label not in answer.classes:
            raise RefusedError(f"label: {unknown('class', answer.label, answer.classes)}")
        return answer, ticket

    def _event(self, answer: Answer, ticket: Ticket) -> Event:
        replaced = self.workspace.labels.events.get(answer.instead_of or "")
        if replaced and (replaced.row, replaced.by) != (ticket.row, ticket.by):
            raise RefusedError("instead_of must be an event of the same person and row.")
        values = answer.model_dump(exclude={"ticket", "classes"}) | ticket.model_dump()
        # The clock of a phone may be fast; nothing is given in the future.
        values |= {"time": min(answer.time, timestamp(self._now())), "source": "page"}
        try:
            event = Event.model_validate(values)
            event.line()
        except ValidationError as error:
            raise RefusedError(explain(error, Event, values, "event")) from None
        except ValueError as error:
            raise RefusedError(str(error)) from None
        return event

    def _sign(self, content: bytes) -> str:
        return hmac.digest(self._secret, content, "sha256").hex()

    def _seal(self, ticket: Ticket) -> str:
        content = base64.urlsafe_b64encode(ticket.model_dump_json().encode())
        return f"{content.decode()}.{self._sign(content)}"

    def _open(self, sealed: str) -> Ticket:
        content, _, signature = sealed.encode().partition(b".")
        if not hmac.compare_digest(self._sign(content).encode(), signature):
            raise RefusedError("ticket must be one that this server gave; load the page again.")
        return Ticket.model_validate_json(base64.urlsafe_b64decode(content))

    def _view_query(self, name: str, query: Query) -> dict[str, Any]:
        queries = self.workspace.queries
        of_round = {"round": queries.round, "model": queries.model} if queries else {}
        return self._view(
            name, query.row, why=query.why, rank=query.rank, guess=query.guess, **of_round
        )

    def _view(self, name: str, row: str, guess: Guess | None, **asked: Any) -> dict[str, Any]:
        """What an annotator sees of a row, and the ticket to decide it."""
        space, table = self.workspace, self.workspace.table
        values = {"by": name, "row": row, "guess": guess, **asked}
        ticket = Ticket(seen=table.digest(row), classes=space.params.classes.digest, **values)
        earlier = None
        if ticket.why == "relabel":
            labels = {event.by: event.label for event in self._standing(row) if event.label}
            earlier = labels.get(name, next(iter(labels.values()), None))
        notes = [
            event.text
            for event in space.labels.of_row(row)
            if event.by == name and event.decision == "note"
        ]
        return {
            "row": row,
            "why": ticket.why,
            "values": [
                [key, text] for key, text in table.values(row).items() if key != table.image
            ],
            "image": table.image is not None,
            "guess": guess and guess.model_dump(),
            "earlier": earlier,
            "notes": notes,
            "ticket": self._seal(ticket),
        }

    def _standing(self, row: str) -> list[Event]:
        decisions = self.workspace.labels.decisions
        names = sorted({event.by for event in self.workspace.labels.of_row(row)})
        return [decisions[row, by] for by in names if (row, by) in decisions]

    def _recent(self, name: str) -> list[dict[str, Any]]:
        """Last decisions of an annotator, the newest first."""
        own = [event for (_, by), event in self.workspace.labels.decisions.items() if by == name]
        return [
            {
                "id": event.id,
                "row": event.row,
                "decision": event.decision,
                "label": event.label,
                "summary": self._summary(event.row),
            }
            for event in nlargest(N_RECENT, own, key=lambda event: (event.time, event.id))
            if event.row in self.workspace.table.positions
        ]

    def _summary(self, row: str) -> str:
        table = self.workspace.table
        texts = [text for key, text in table.values(row).items() if key != table.image]
        text = " ".join(max(texts, key=len, default="").split())
        summary = text if len(text) > _SHORTEST_SUMMARY else row
        return summary[:_LONGEST_SUMMARY] + "…" * (len(summary) > _LONGEST_SUMMARY)
