"""Repeats of the loop, kept outside DVC's outputs, to continue from: finished or interrupted.

DVC deletes the outputs of a stage before it runs it, so they are kept in a cache folder of their
own, under a key of everything that they depend on but the budget. Deleting it loses nothing but
time.
"""

import hashlib
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from active_learning.base import files
from active_learning.loop.simulate import Run
from active_learning.training import cluster

CACHE = Path(".al_cache/query_loop")
OPTIONAL = {"skactiveml": "scikit-activeml"}  # what some strategies import, and the package


def folder(strategy: str, inputs: list[Path], params: Any) -> Path:
    """Folder of the repeats that depend on these inputs and params, this code and these libraries.

    Parameters
    ----------
    strategy : str
    inputs : list of Path
        Files whose content the loop depends on.
    params : object that JSON can hold
        Everything that is set, except the budget.
    """
    imported = {name: version(name) for module, name in OPTIONAL.items() if module in sys.modules}
    state = {
        "params": params,
        "inputs": [hashlib.sha256(path.read_bytes()).hexdigest() for path in inputs],
        "code": [hashlib.sha256(path.read_bytes()).hexdigest() for path in _imported()],
        "software": cluster.software() | {"python": sys.version} | imported,
    }
    key = hashlib.sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()
    return CACHE / strategy / key[:32]


def of_repeat(folder: Path, repeat: int, parts: Mapping[str, NDArray[np.int64]]) -> Path:
    """File of one repeat: its number, and its split, so that more repeats keep the first ones."""
    rows = b"".join(role.encode() + rows.tobytes() for role, rows in parts.items())
    return folder / f"{repeat}-{hashlib.sha256(rows).hexdigest()[:32]}.npz"


def _imported() -> list[Path]:
    """Files of this project that are imported now, but for the libraries that it has installed."""
    root, installed = Path(__file__).parents[1], Path(sys.prefix)
    names = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    paths = {Path(name) for name in names if name}
    return sorted(path for path in paths if root in path.parents and installed not in path.parents)


def read(path: Path) -> Run | None:
    """Run that was kept, or ``None`` if there is none that can be read."""
    arrays = files.read_arrays(path) or {}
    whole = arrays.keys() == {field.name for field in fields(Run)}
    return Run(**arrays) if whole else None


def keep(path: Path, run: Run) -> None:
    """Keep a run, at its end or not, unless one as long is kept."""
    before = read(path)
    if before is None or len(run.rows) > len(before.rows):
        files.write_arrays(path, asdict(run))
