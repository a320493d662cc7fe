"""The store of runs: what was computed once is kept, to be taken over or continued.

A result is kept under a key of everything that it depends on and nothing else. Deleting the store
loses nothing but time.
"""

import fcntl
import hashlib
import json
import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from active_learning.core.errors import ArtifactError
from active_learning.data import files

Arrays = Mapping[str, NDArray[Any]]

LARGEST = 2 * 1024**3  # bytes
SECONDS_BETWEEN = 5.0
_SECONDS_OF_A_DAY = 86_400
_OF, _DIGEST = "of", "digest"
# What backups know a cache by.
_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# The store of runs; see docs/running.md.\n"
_logger = logging.getLogger(__name__)
_warned: set[Path] = set()


@dataclass(frozen=True)
class Store:
    """A folder of kept results.

    Attributes
    ----------
    folder : Path
    """

    folder: Path

    def path(self, of: Mapping[str, Any]) -> Path:
        """File of the result that depends on this, which JSON must be able to hold."""
        key = hashlib.sha256(_text(of).encode()).hexdigest()[:40]
        return self.folder / key[:2] / f"{key[2:]}.npz"

    def read(self, of: Mapping[str, Any]) -> dict[str, NDArray[Any]] | None:
        """Arrays that were kept; ``None`` if there are none, or they are damaged or of another."""
        path = self.path(of)
        arrays = _read(path, _text(of))
        if arrays is not None:
            with suppress(OSError):
                os.utime(path)  # the oldest are deleted first
        return arrays

    def save(
        self, of: Mapping[str, Any], arrays: Arrays, improves: Callable[[Arrays], bool]
    ) -> None:
        """Keep arrays, unless others are there that they do not improve on.

        Where nothing can be written, the first call logs a warning: a run is worth more than
        what is kept of it.
        """
        path, text = self.path(of), _text(of)
        with _lock(path.parent):
            kept = _read(path, text)
            if kept is None or improves(kept):
                whole = {**arrays, _OF: np.array(text)}
                try:
                    files.write_arrays(path, {**whole, _DIGEST: np.array(_digest(whole))})
                except ArtifactError as error:
                    self._warn(error)

    def is_writable(self) -> bool:
        """Whether something can be kept; if not, a warning is logged."""
        try:
            with files.replacing(self.folder / "CACHEDIR.TAG") as temporary:
                temporary.write_text(_TAG, encoding="utf-8")
        except ArtifactError as error:
            self._warn(error)
            return False
        return True

    def _warn(self, error: ArtifactError) -> None:
        """Log, once in a process, that nothing can be kept."""
        if self.folder not in _warned:
            _warned.add(self.folder)
            _logger.warning("warning: runs are not kept: %s", error)

    def prune(self, largest: int = LARGEST) -> None:
        """Delete the oldest files until all together are no larger than this, in bytes."""
        entries = []
        for path in self.folder.glob("[0-9a-f][0-9a-f]/*.npz"):
            with suppress(OSError):  # another process may have deleted it
                entries.append((path.stat().st_mtime, path.stat().st_size, path))
        excess = sum(size for _, size, _ in entries) - largest
        yesterday = time.time() - _SECONDS_OF_A_DAY
        for modified, size, path in sorted(entries):
            unfinished = path.name.startswith(".") and modified < yesterday  # of a killed process
            if excess <= 0 and not unfinished:
                continue
            with suppress(OSError):
                path.unlink()
            excess -= size


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    """Let no other process write into a folder, where its file system has locks."""
    with ExitStack() as stack:
        with suppress(OSError):  # if the folder is read-only, writing says so
            folder.mkdir(parents=True, exist_ok=True)
            # Opened for reading too, which does not wait even if it is a pipe.
            lock = stack.enter_context((folder / ".lock").open("a+b", buffering=0))
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _text(of: Mapping[str, Any]) -> str:
    return json.dumps(_with_text_keys(of), sort_keys=True)


def _with_text_keys(value: Any) -> Any:
    """Copy in which the key 0 is not that of "0", as it would be in JSON."""
    if isinstance(value, Mapping):
        return {
            key if isinstance(key, str) else f"{key!r} (no text)": _with_text_keys(item)
            for key, item in value.items()
        }
    return [_with_text_keys(item) for item in value] if isinstance(value, list) else value


def _read(path: Path, text: str) -> dict[str, NDArray[Any]] | None:
    arrays = files.read_arrays(path) or {}
    digest = str(arrays.pop(_DIGEST, ""))
    if digest != _digest(arrays) or str(arrays.pop(_OF, "")) != text:
        return None
    return arrays


def _digest(arrays: Arrays) -> str:
    """SHA-256 of arrays, by name."""
    digest = hashlib.sha256()
    for name, array in sorted(arrays.items()):
        digest.update(f"{name} {array.dtype} {array.shape}".encode() + array.tobytes())
    return digest.hexdigest()


def every_few_seconds(save: Callable[[Any], None]) -> Callable[[Callable[[], Any]], None]:
    """``on_step`` for ``simulate`` that saves the run so far every few seconds."""
    saved = time.monotonic()

    def save_if_due(run_so_far: Callable[[], Any]) -> None:
        nonlocal saved
        if time.monotonic() - saved >= SECONDS_BETWEEN:
            save(run_so_far())
            saved = time.monotonic()

    return save_if_due
