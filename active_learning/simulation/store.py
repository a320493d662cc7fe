"""The store of runs: a cache of finished and unfinished runs, to be reused or resumed.

The key of a result is everything that it depends on. Deleting the store costs only time.
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

MAX_BYTES = 2 * 1024**3
SECONDS_BETWEEN = 5.0
_SECONDS_OF_A_DAY = 86_400
_OF, _DIGEST = "of", "digest"
# The standard tag that tells backup programs to skip a cache.
_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# The store of runs; see docs/running.md.\n"
_logger = logging.getLogger(__name__)
_warned: set[Path] = set()


@dataclass(frozen=True)
class Store:
    """A folder of results, stored by key.

    Attributes
    ----------
    folder : Path
    """

    folder: Path

    def path(self, key: Mapping[str, Any]) -> Path:
        """File of the result with this key, which must consist of JSON values."""
        digest = hashlib.sha256(_text(key).encode()).hexdigest()[:40]
        return self.folder / digest[:2] / f"{digest[2:]}.npz"

    def read(self, key: Mapping[str, Any]) -> dict[str, NDArray[Any]] | None:
        """Stored arrays; ``None`` if there are none, or they are damaged or of another key."""
        path = self.path(key)
        arrays = _read(path, _text(key))
        if arrays is not None:
            with suppress(OSError):
                os.utime(path)  # the least recently used are deleted first
        return arrays

    def save(
        self, key: Mapping[str, Any], arrays: Arrays, improves: Callable[[Arrays], bool]
    ) -> None:
        """Store arrays, unless others are stored that they do not improve on.

        If nothing can be written, the first call logs a warning and the run goes on.
        """
        path, text = self.path(key), _text(key)
        with _lock(path.parent):
            stored = _read(path, text)
            if stored is None or improves(stored):
                content = {**arrays, _OF: np.array(text)}
                try:
                    files.write_arrays(path, {**content, _DIGEST: np.array(_digest(content))})
                except ArtifactError as error:
                    self._warn(error)

    def is_writable(self) -> bool:
        """Whether the store can be written to; if not, a warning is logged."""
        try:
            with files.replacing(self.folder / "CACHEDIR.TAG") as temporary:
                temporary.write_text(_TAG, encoding="utf-8")
        except ArtifactError as error:
            self._warn(error)
            return False
        return True

    def _warn(self, error: ArtifactError) -> None:
        """Log once per process that nothing can be stored."""
        if self.folder not in _warned:
            _warned.add(self.folder)
            _logger.warning("warning: runs are not stored: %s", error)

    def prune(self, max_bytes: int = MAX_BYTES) -> None:
        """Delete the least recently used files until the total size is within the limit."""
        entries = []
        for path in self.folder.glob("[0-9a-f][0-9a-f]/*.npz"):
            with suppress(OSError):  # another process may have deleted it
                entries.append((path.stat().st_mtime, path.stat().st_size, path))
        excess = sum(size for _, size, _ in entries) - max_bytes
        yesterday = time.time() - _SECONDS_OF_A_DAY
        for modified, size, path in sorted(entries):
            unfinished = path.name.startswith(".") and modified < yesterday  # by a killed process
            if excess <= 0 and not unfinished:
                continue
            with suppress(OSError):
                path.unlink()
            excess -= size


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    """Lock a folder against writes by other processes, if its file system supports locks."""
    with ExitStack() as stack:
        with suppress(OSError):  # for a read-only folder, writing raises the error
            folder.mkdir(parents=True, exist_ok=True)
            # Opened for reading too, so that a named pipe does not block.
            lock = stack.enter_context((folder / ".lock").open("a+b", buffering=0))
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _text(key: Mapping[str, Any]) -> str:
    return json.dumps(_with_text_keys(key), sort_keys=True)


def _with_text_keys(value: Any) -> Any:
    """Copy that tells the dict keys 0 and "0" apart, unlike JSON."""
    if isinstance(value, Mapping):
        return {
            key if isinstance(key, str) else f"{key!r} (not a string)": _with_text_keys(item)
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
    """SHA-256 of named arrays."""
    digest = hashlib.sha256()
    for name, array in sorted(arrays.items()):
        digest.update(f"{name} {array.dtype} {array.shape}".encode() + array.tobytes())
    return digest.hexdigest()


def every_few_seconds(save: Callable[[Any], None]) -> Callable[[Callable[[], Any]], None]:
    """``on_step`` callback for ``simulate`` that saves the run so far every few seconds."""
    saved = time.monotonic()

    def save_if_due(run_so_far: Callable[[], Any]) -> None:
        nonlocal saved
        if time.monotonic() - saved >= SECONDS_BETWEEN:
            save(run_so_far())
            saved = time.monotonic()

    return save_if_due
