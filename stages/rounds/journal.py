"""The label log on disk: each event is written twice, and safe on disk before it is acknowledged.

The second copy is in git's own folder, where no checkout, clean or stash takes it away. It is
written first.
"""

import fcntl
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from active_learning.core.errors import ArtifactError, DataError
from active_learning.data.files import replacing
from active_learning.rounds.events import Event
from active_learning.rounds.log import Log, read_log
from stages import paths
from stages.git import GitError, git, line
from stages.rounds import lines

RECOVER = "`python -m commands.labels recover`"
ATTEMPTS, PAUSE = 20, 0.1  # of `git add`, while another git command holds the index


@dataclass(frozen=True)
class Journal:
    """The label files of a project, and their second copies.

    Attributes
    ----------
    labels, copies : Path
        Folders of both; each has one file per annotator.
    """

    labels: Path
    copies: Path

    @classmethod
    def of_repository(cls) -> "Journal":
        """Journal of the project in the working directory.

        Raises
        ------
        NoRepositoryError
            If it is in no git repository, where labels would have no second copy.
        """
        folder = line("rev-parse", "--git-common-dir")
        prefix = line("rev-parse", "--show-prefix")
        # A repository can hold several projects.
        return cls(paths.LABELS, Path(folder) / "al-labels" / prefix)

    def append(self, events: Sequence[Event]) -> None:
        """Write events; once this returns, they are on disk twice.

        An event that is there already is not written again. A new file is staged: DVC's queued
        experiments see staged files, and no others.

        Raises
        ------
        ArtifactError
            If a file cannot be written or staged.
        """
        if not events:
            return
        for name in {event.by for event in events} & self.forgotten():
            raise ArtifactError(
                f"{paths.FORGOTTEN} lists {name}, so labels of {name} would not be guarded; use "
                "another name."
            )
        with self._lock() as pending:
            _, new = self._redo(pending)
            try:
                with _writing(self.copies):
                    _write(pending, b"".join(event.line() for event in events))
                new += self._write_twice(events)
            finally:
                os.ftruncate(pending, 0)  # only a killed process leaves something
        _stage(new)

    def finish(self) -> list[Event]:
        """Complete what a killed process left half done; give the events that it was writing."""
        events: list[Event] = []
        if self.copies.is_dir():
            with self._lock() as pending:
                events, _ = self._redo(pending)
        if self.labels.is_dir():
            unknown = git("ls-files", "-z", "--others", "--", str(self.labels)).decode()
            names = [Path(name) for name in unknown.split("\0") if name]
            _stage([path for path in names if _is_label_file(path)])
        return events

    def files(self) -> dict[str, bytes]:
        """Content of the label files, by name."""
        return _read(self.labels)

    def both(self) -> tuple[dict[str, bytes], dict[str, bytes]]:
        """Content of the label files, and of the second copies, while nothing is written."""
        if not self.copies.is_dir():
            return self.files(), {}
        with self._lock():
            return self.files(), _read(self.copies)

    def read(self) -> Log:
        """Read all label files.

        Raises
        ------
        DataError
            If one is damaged.
        """
        try:
            return read_log(self.files())
        except DataError as error:
            raise DataError(f"{self.labels}/{error} {RECOVER} sets such lines aside.") from None

    def forgotten(self) -> set[str]:
        """Annotators whose labels may be missing, see ``forget``."""
        with suppress(FileNotFoundError):
            return set(paths.FORGOTTEN.read_text(encoding="utf-8").split())
        return set()

    def forget(self, annotator: str) -> None:
        """Accept that labels of an annotator are missing, and delete the second copies."""
        with self._lock():
            names = sorted(self.forgotten() | {annotator})
            with replacing(paths.FORGOTTEN) as temporary:
                temporary.write_text("".join(f"{name}\n" for name in names), encoding="utf-8")
            for folder in self.copies, self._damaged:
                for copy in folder.glob(f"{annotator}.*"):
                    copy.unlink()
        _stage([paths.FORGOTTEN])

    def take_out(self, file: str, is_damaged: Callable[[bytes], bool]) -> Path | None:
        """Take damaged lines out of a label file.

        Returns
        -------
        Path or None
            Copy of the file as it was; ``None`` if no line is damaged.
        """
        path = self.labels / file
        with self._lock():
            content = path.read_bytes()
            before = [line for line in lines.split(content) if line]
            after = [line for line in before if not is_damaged(line)]
            if len(after) == len(before):
                return None
            copy = self._damaged / f"{path.stem}.{sha256(content).hexdigest()[:8]}.jsonl"
            with replacing(copy) as temporary:
                temporary.write_bytes(content)
            with replacing(path) as temporary:
                temporary.write_bytes(b"".join(line + b"\n" for line in after))
        return copy

    @property
    def _damaged(self) -> Path:
        return self.copies / "damaged"

    def _write_twice(self, events: Iterable[Event]) -> list[Path]:
        """Append events to both copies; give the label files that are new."""
        by_annotator: dict[str, dict[str, bytes]] = {}
        for event in events:
            by_annotator.setdefault(event.by, {}).setdefault(event.id, event.line())
        new = []
        for name, wanted in by_annotator.items():
            path = self.labels / f"{name}.jsonl"
            new += [] if path.exists() else [path]
            # Sent again, an event may have another time: what was written first counts.
            written = _append(self.copies / path.name, wanted)
            _append(path, written)
        return new

    def _redo(self, pending: int) -> tuple[list[Event], list[Path]]:
        """Write what a killed process was writing; give the events and the new label files."""
        with open(pending, "rb", closefd=False) as reader:
            events = list(lines.events(lines.split(reader.read())))
        new = self._write_twice(events)
        os.ftruncate(pending, 0)
        return events, new

    @contextmanager
    def _lock(self) -> Iterator[int]:
        """Keep other processes from writing; give the file of what is being written."""
        path = self.copies / "pending"
        with _writing(path):
            _make_folder(self.copies)
            file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o666)
        try:
            with suppress(OSError):  # some network file systems have no locks
                fcntl.flock(file, fcntl.LOCK_EX)
            yield file
        finally:
            os.close(file)


def _is_label_file(path: Path) -> bool:
    return path.suffix == ".jsonl" and not path.name.startswith(".")


def _read(folder: Path) -> dict[str, bytes]:
    files = {}
    for path in sorted(filter(_is_label_file, folder.glob("*"))):
        with suppress(FileNotFoundError):  # git may be replacing it
            files[path.name] = path.read_bytes()
    return files


def _append(path: Path, wanted: Mapping[str, bytes]) -> dict[str, bytes]:
    """Append the lines of events that are not there; give the lines of all, as they are there."""
    with _writing(path):
        while True:
            _make_folder(path.parent)
            file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o666)
            try:
                written = _append_to(file, wanted)
                if _is_at(path, file):
                    _sync_folder(path.parent)
                    return written
                # Git has put another file in its place: what was written is gone.
            finally:
                os.close(file)


def _append_to(file: int, wanted: Mapping[str, bytes]) -> dict[str, bytes]:
    with open(file, "rb", closefd=False) as reader:
        content = reader.read()
    # Parsing takes long, and a single event is hardly ever there.
    may_be_there = len(wanted) > 1 or any(name.encode() in content for name in wanted)
    there = lines.by_id(lines.split(content)) if may_be_there else {}
    new = b"".join(line for name, line in wanted.items() if name not in there)
    if new and content and not content.endswith(b"\n"):
        new = b"\n" + new  # a process was killed, or the disk full, in the middle of a line
    _write(file, new)
    os.fsync(file)
    return {name: there[name] + b"\n" if name in there else line for name, line in wanted.items()}


def _write(file: int, content: bytes) -> None:
    while content:
        content = content[os.write(file, content) :]


def _is_at(path: Path, file: int) -> bool:
    """Whether the open file is the one that has this path."""
    try:
        return os.path.samestat(path.stat(), os.fstat(file))
    except FileNotFoundError:
        return False


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    """Make sure that the names in a folder are on disk."""
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ArtifactError(f"{path} cannot be written ({error.strerror}).") from error


def _stage(files: Sequence[Path]) -> None:
    """Stage files, also ones that some pattern ignores."""
    if not files:
        return
    names = [str(path) for path in files]
    for attempt in range(ATTEMPTS):
        time.sleep(PAUSE if attempt else 0)
        try:
            git("add", "--force", "--", *names)
        except GitError as error:
            reason = str(error)
        else:
            return
    raise ArtifactError(f"The labels are saved in {' '.join(names)}, but not staged: {reason}")
