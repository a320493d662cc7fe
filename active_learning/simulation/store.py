"""Repeats of the loop, kept outside DVC's outputs, to continue from: finished or interrupted.

DVC deletes the outputs of a stage before it runs it, so they are kept in a cache folder of their
own, under a key of everything that they depend on but the budget. Deleting it loses nothing but
time.
"""

import fcntl
import hashlib
import json
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import asdict, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from active_learning.data import files
from active_learning.simulation.simulate import Run
from active_learning.simulation.software import software

CACHE = Path(".al_cache/query_loop")
OPTIONAL = {"skactiveml": "scikit-activeml"}  # what some strategies import, and the package
SECONDS_BETWEEN = 5.0


def folder(strategy: str, params: Any) -> Path:
    """Folder of the repeats that depend on these params, this code and these libraries.

    Parameters
    ----------
    strategy : str
    params : object that JSON can hold
        The digest of the data, and everything that is set, except the budget.
    """
    imported = {name: version(name) for module, name in OPTIONAL.items() if module in sys.modules}
    state = {
        "params": params,
        "code": [hashlib.sha256(path.read_bytes()).hexdigest() for path in _imported()],
        "software": software() | {"python": sys.version} | imported,
    }
    key = hashlib.sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()
    return CACHE / strategy / key[:32]


def of_repeat(folder: Path, repeat: int, parts: Mapping[str, NDArray[np.int64]]) -> Path:
    """File of one repeat: its number, and its split, so that more repeats keep the first ones."""
    rows = b"".join(role.encode() + rows.tobytes() for role, rows in parts.items())
    return folder / f"{repeat}-{hashlib.sha256(rows).hexdigest()[:32]}.npz"


def _imported() -> list[Path]:
    """Files of this project that are imported now, but for the libraries that it has installed."""
    root, installed = Path(__file__).parents[2], Path(sys.prefix)
    names = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    paths = {Path(name) for name in names if name}
    return sorted(path for path in paths if root in path.parents and installed not in path.parents)


def read(path: Path) -> Run | None:
    """Run that was saved; ``None`` if there is none, or it is damaged or another repeat's."""
    arrays = files.read_arrays(path) or {}
    digest = arrays.pop("digest", None)
    if arrays.keys() != {field.name for field in fields(Run)}:
        return None
    return Run(**arrays) if str(digest) == _digest(path, arrays) else None


def save(path: Path, run: Run) -> None:
    """Save a run, at its end or not, unless one as long is there."""
    with ExitStack() as stack:
        with suppress(OSError):  # a file system without locks; if it is read-only, writing says so
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = stack.enter_context((path.parent / ".lock").open("w"))
            fcntl.flock(lock, fcntl.LOCK_EX)
        saved = read(path)
        if saved is None or len(run.rows) > len(saved.rows):
            arrays = asdict(run)
            files.write_arrays(path, {**arrays, "digest": np.array(_digest(path, arrays))})


def _digest(path: Path, arrays: Mapping[str, NDArray[Any]]) -> str:
    """SHA-256 of arrays and of what they are of: the names of the folder and the file."""
    digest = hashlib.sha256(f"{path.parent.name}/{path.name}".encode())
    for name, array in sorted(arrays.items()):
        digest.update(f"{name} {array.dtype} {array.shape}".encode() + array.tobytes())
    return digest.hexdigest()


def periodic_saver(path: Path) -> Callable[[Callable[[], Run]], None]:
    """Give ``simulate`` an ``on_step`` that saves the run every few seconds."""
    saved = time.monotonic()

    def save_if_due(run_so_far: Callable[[], Run]) -> None:
        nonlocal saved
        if time.monotonic() - saved >= SECONDS_BETWEEN:
            save(path, run_so_far())
            saved = time.monotonic()

    return save_if_due
