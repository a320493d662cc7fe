"""What the labelling page shows, read again when a file has changed beneath it."""

import json
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from active_learning.core.errors import DataError, UserError
from active_learning.rounds.events import Event, in_order
from active_learning.rounds.holdout import choose_holdout
from active_learning.rounds.log import read_log
from active_learning.rounds.queries import Queries
from active_learning.rounds.table import LabelTable
from active_learning.rounds.votes import standing
from stages import paths
from stages.params.rounds import RoundsParams
from stages.rounds.inputs import read_queries

T = TypeVar("T")
Stamp = tuple[int, int, int]
_OVERLAP = 256  # bytes that show that a file was appended to and not rewritten


def stamp(path: Path) -> Stamp | None:
    """What changes with a file: inode, size and time; ``None`` if there is no file."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


class Watched(Generic[T]):
    """A value that depends on files; if it cannot be read again, the last one stays."""

    def __init__(self, read: Callable[[], T]) -> None:
        self._read = read
        self._stamp: Hashable = self  # equal to no other
        self.value: T | None = None
        self.problem: str | None = None

    def refresh(self, current: Hashable) -> None:
        """Read the value if the stamp is another than last time."""
        if current == self._stamp:
            return
        self._stamp = current
        try:
            self.value, self.problem = self._read(), None
        except UserError as error:
            self.problem = str(error)


@dataclass(frozen=True)
class _Part:
    """How far a label file was read."""

    stamp: Stamp
    end: int
    last: bytes


class LabelFiles:
    """Events of the label files; what is appended is read alone.

    Attributes
    ----------
    events : dict of str to Event
        By id.
    decisions : dict of (str, str) to Event
        As ``votes.standing`` gives them.
    problem : str or None
        Why the files cannot be read; the events are those of before.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.events: dict[str, Event] = {}
        self.decisions: dict[tuple[str, str], Event] = {}
        self.problem: str | None = None
        self._of_row: dict[str, list[Event]] = {}
        self._stamps: dict[Path, Stamp | None] = {}
        self._parts: dict[Path, _Part] = {}

    def of_row(self, row: str) -> list[Event]:
        """Events of a row, by time."""
        return self._of_row.get(row, [])

    def add(self, events: Iterable[Event]) -> None:
        """Take in events; those that are there already are passed over."""
        new = {event.id: event for event in events if event.id not in self.events}
        self.events |= new
        for event in new.values():
            self._of_row.setdefault(event.row, []).append(event)
        for row in {event.row for event in new.values()}:
            self._of_row[row] = in_order(self._of_row[row])
            for by in {event.by for event in self._of_row[row]}:
                self.decisions.pop((row, by), None)
            self.decisions |= standing(self._of_row[row])

    def refresh(self) -> None:
        """Read what has changed."""
        stamps = {path: stamp(path) for path in sorted(self.folder.glob("[!.]*.jsonl"))}
        if stamps == self._stamps:
            return
        self._stamps = stamps
        try:
            if self._parts.keys() - stamps.keys() or not all(map(self._read_on, stamps)):
                self._read_all(list(stamps))
            self.problem = None
        except DataError as error:
            self.problem = f"{self.folder}/{error}"
        except OSError as error:
            self.problem = f"{self.folder} cannot be read ({error.strerror})."

    def _read_on(self, path: Path) -> bool:
        """Read what was appended; false if the file is new or was rewritten."""
        before, now = self._parts.get(path), stamp(path)
        if before is None or now is None:
            return False
        if before.stamp == now:
            return True
        if before.stamp[0] != now[0] or now[1] <= before.end:
            return False
        with path.open("rb") as file:
            file.seek(before.end - len(before.last))
            content = file.read()
        if not content.startswith(before.last):
            return False
        whole = content[len(before.last) : content.rfind(b"\n") + 1]
        self.add(read_log({path.name: whole}).events)
        last = (before.last + whole)[-_OVERLAP:]
        self._parts[path] = _Part(now, before.end + len(whole), last)
        return True

    def _read_all(self, files: list[Path]) -> None:
        stamps = {path: stamp(path) for path in files}  # before reading: what comes later is read
        contents = {path: path.read_bytes() for path in files}
        log = read_log({path.name: content for path, content in contents.items()})
        self.events, self.decisions, self._of_row, self._parts = {}, {}, {}, {}
        self.add(log.events)
        for path, content in contents.items():
            end = content.rfind(b"\n") + 1
            if before := stamps[path]:
                self._parts[path] = _Part(before, end, content[max(end - _OVERLAP, 0) : end])


class Workspace:
    """Params, table, queries and labels of the project in the working directory.

    Attributes
    ----------
    params : RoundsParams
    table : LabelTable
        Without features.
    queries : Queries or None
        ``None`` before the first round. While a round is computed, those before it.
    holdout : list of str
        Rows of the hold-out that are to be labelled.
    labels : LabelFiles
    """

    def __init__(self) -> None:
        self._params = Watched(RoundsParams.read)
        self._table = Watched(self._read_table)
        self._queries = Watched(read_queries)
        self._merged = Watched(_read_merged)
        self._holdout = Watched(self._choose_holdout)
        self.labels = LabelFiles(paths.LABELS)
        self.refresh()
        if problem := self._params.problem or self._table.problem:
            raise UserError(problem)

    @property
    def params(self) -> RoundsParams:  # noqa: D102 - see the class
        return _present(self._params.value)

    @property
    def table(self) -> LabelTable:  # noqa: D102
        return _present(self._table.value)

    @property
    def queries(self) -> Queries | None:  # noqa: D102
        return self._queries.value

    @property
    def holdout(self) -> list[str]:  # noqa: D102
        return self._holdout.value or []

    @property
    def guidelines(self) -> str:
        """What annotators should know, in Markdown."""
        try:
            return paths.GUIDELINES.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""

    @property
    def n_late(self) -> int | None:
        """Events that the last round has not read; ``None`` if there was none here."""
        merged = self._merged.value
        return None if merged is None else len(self.labels.events.keys() - merged)

    @property
    def problems(self) -> list[str]:
        """Files that cannot be read; what was read of them before stays."""
        watched = (self._params, self._table, self._queries, self.labels)
        return [each.problem for each in watched if each.problem]

    def refresh(self) -> None:
        """Read the files that have changed."""
        self._params.refresh(stamp(paths.ROUNDS_PARAMS))
        if self._params.value is not None:
            table = self._params.value.table
            version = (table.model_dump_json(), stamp(Path(table.path)))
            self._table.refresh(version)
            if self._table.value is not None:
                self._holdout.refresh((version, self._params.value.holdout.model_dump_json()))
        if queries := stamp(paths.QUERIES):  # missing while a round is computed
            self._queries.refresh(queries)
        self._merged.refresh(stamp(paths.EVENTS))
        self.labels.refresh()

    def _read_table(self) -> LabelTable:
        return self.params.read_table(with_features=False)

    def _choose_holdout(self) -> list[str]:
        options = self.params.holdout
        return choose_holdout(self.table.ids, options.share, options.seed)[: options.size]


def _present(value: T | None) -> T:
    if value is None:
        raise UserError("rounds/params.yaml or its table cannot be read.")
    return value


def _read_merged() -> set[str] | None:
    """Ids of the events that the last round has read."""
    try:
        content = paths.EVENTS.read_bytes()
    except OSError:
        return None
    # Not validated: a pipeline's own output, and as long as the log.
    try:
        return {json.loads(line)["id"] for line in content.splitlines() if line}
    except ValueError:  # it is being written
        return None
