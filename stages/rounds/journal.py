"""The label log on disk: each event is written twice, and safe on disk before it is acknowledged.

The first copy is in git's own folder, where no checkout, clean or stash takes it away.
"""

import fcntl
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from active_learning.core.errors import ArtifactError, located
from active_learning.rounds.events import Event
from active_learning.rounds.log import Log, read_log
from stages import paths
from stages.git import GitError, git, line
from stages.rounds import lines

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
        ArtifactError
            If it is in no git repository.
        """
        try:
            folder, prefix = (
                line("rev-parse", "--git-common-dir"),
                line("rev-parse", "--show-prefix"),
            )
        except (GitError, OSError):
            raise ArtifactError(
                "Not a git repository: labels would have no second copy. Run `git init` first."
            ) from None
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
        by_annotator: dict[str, dict[str, bytes]] = {}
        for event in events:
            by_annotator.setdefault(event.by, {})[event.id] = event.line()
        for name in by_annotator.keys() & self.forgotten():
            raise ArtifactError(
                f"{paths.FORGOTTEN} lists {name}: labels of {name} would not be guarded. "
                "Use another name."
            )
        new = []
        with self._lock():
            for name, lines_of_one in by_annotator.items():
                path = self.labels / f"{name}.jsonl"
                new += [] if path.exists() else [path]
                # Sent again, an event may have another time: what was written first counts.
                written = _append(self.copies / path.name, lines_of_one)
                _append(path, written)
        _stage(new)

    def files(self) -> dict[str, bytes]:
        """Content of the label files, by name."""
        return read_files(self.labels)

    def copied_files(self) -> dict[str, bytes]:
        """Content of the second copies, by name."""
        return read_files(self.copies)

    def read(self) -> Log:
        """Read all label files.

        Raises
        ------
        DataError
            If one is damaged.
        """
        with located(data=f"{self.labels}/"):
            return read_log(self.files())

    def finish(self) -> list[Event]:
        """Complete what a killed process left half done; give the events that were written.

        That is an event that has only its second copy, if it is the last one there and nothing else
        is missing; and a file that is not staged.
        """
        finished: list[Event] = []
        if self.labels.is_dir():
            unknown = git("ls-files", "-z", "--others", "--", str(self.labels)).decode()
            _stage([Path(name) for name in unknown.split("\0") if name.endswith(".jsonl")])
        return finished

    def forgotten(self) -> set[str]:
        """Annotators whose labels may be missing, see ``labels forget``."""
        with suppress(FileNotFoundError):
            return set(paths.FORGOTTEN.read_text(encoding="utf-8").split())
        return set()

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """Keep other processes from writing, so that lines do not mix."""
        path = self.copies / "lock"
        with _writing(path):
            _make_folder(self.copies)
            file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            with suppress(OSError):  # some network file systems have no locks
                fcntl.flock(file, fcntl.LOCK_EX)
            yield
        finally:
            os.close(file)


def read_files(folder: Path) -> dict[str, bytes]:
    """Content of each label file in a folder, by name."""
    files = {}
    for path in sorted(folder.glob("*.jsonl")):
        if not path.name.startswith("."):
            with suppress(FileNotFoundError):  # git may replace it just now
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
                    return written
                # Git has put another file in its place: what was written is gone.
            finally:
                os.close(file)


def _append_to(file: int, wanted: Mapping[str, bytes]) -> dict[str, bytes]:
    with open(file, "rb", closefd=False) as reader:
        content = reader.read()
    # Parsing takes long, and a single event is hardly ever there.
    may_be_there = len(wanted) > 1 or any(name.encode() in content for name in wanted)
    there = lines.by_id(content) if may_be_there else {}
    new = b"".join(line for name, line in wanted.items() if name not in there)
    if new and not content.endswith(b"\n") and content:
        new = b"\n" + new  # a process was killed, or the disk full, in the middle of a line
    while new:
        new = new[os.write(file, new) :]
    os.fsync(file)
    return {name: there[name] + b"\n" if name in there else line for name, line in wanted.items()}


def _is_at(path: Path, file: int) -> bool:
    """Whether the open file is the one that has this path."""
    try:
        same = os.path.samestat(path.stat(), os.fstat(file))
    except FileNotFoundError:
        return False
    if same:
        _sync_folder(path.parent)
    return same


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
