"""Whether a rerun gave what is committed: the same, equal but for last bits, or different."""

import json
import math
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

import numpy as np
import pandas as pd

from active_learning.core.errors import ArtifactError
from active_learning.data import files
from commands.checks import lock
from commands.checks.metrics import flat
from stages import paths
from stages.params import yaml

# Metrics are written to six decimals; if sums differ in last bits, the sixth may differ. Relative
# to values above 1, absolute below.
TOLERANCE = 1e-6

PICTURES = (".png", ".svg")

# Differs if any bit of a table does; the table is compared itself.
DERIVED = "content_sha256"


@dataclass(frozen=True)
class Difference:
    """A file, or an entry of dvc.lock, that is not as committed."""

    path: str
    detail: str
    fails: bool = True


def differences(committed: Path, fresh: Path) -> list[Difference]:
    """Whatever a rerun gives another value of: outputs, and what dvc.lock says they come from.

    Parameters
    ----------
    committed, fresh : Path
        Folders of the project: as committed, with the data that is available; and run afresh.

    Raises
    ------
    ArtifactError
        If a dvc.lock cannot be read.
    """
    hashes, sources = _read_lock(committed)
    new_hashes, new_sources = _read_lock(fresh)
    results = [
        Difference(lock.LOCK, f"{name} is not what the committed results came from")
        for name in sorted(sources | new_sources)
        if sources.get(name) != new_sources.get(name)
    ]
    for path in sorted(hashes | new_hashes):
        same_hash = hashes.get(path) == new_hashes.get(path)
        results += _compare_output(committed, fresh, path, same_hash=same_hash)
    return results


def _read_lock(project: Path) -> tuple[dict[str, str], dict[str, Any]]:
    """Hashes of outputs by path; and by name the commands, params and inputs they come from."""
    try:
        content = (project / lock.LOCK).read_bytes()
        outs = lock.outs(content)
    except (OSError, ValueError) as error:
        raise ArtifactError(f"{lock.LOCK} cannot be read: {error}.") from None
    sources: dict[str, Any] = {}
    for name, stage in yaml.parse(content, lock.LOCK)["stages"].items():
        values = {"the command": stage.get("cmd")} | flat(stage.get("params", {}))
        for dep in stage.get("deps", []):
            if not any(PurePath(out).is_relative_to(dep["path"]) for out in outs):
                values[dep["path"]] = dep.get("md5")
        sources |= {f"stage {name}: {key}": value for key, value in values.items()}
    return outs, sources


def _compare_output(
    committed: Path, fresh: Path, path: str, *, same_hash: bool
) -> list[Difference]:
    """Compare an output, a file or a folder, file by file."""
    if not (committed / path).exists():
        if Path(path).parts[0] in (paths.METRICS.name, paths.PLOTS.name):
            return [Difference(path, "is missing from the commit")]
        # Data that only DVC keeps may be missing here: its hash is enough if it is the same.
        reason = "its hash differs, and the committed content is not here; `dvc pull` brings it"
        return [] if same_hash else [Difference(path, reason)]
    results = []
    for name in sorted(_files(committed, path) | _files(fresh, path)):
        ours, theirs = committed / name, fresh / name
        if not ours.is_file() or not theirs.is_file():
            side = "commit" if ours.is_file() else "rerun"
            results.append(Difference(name, f"is only in the {side}"))
        elif ours.read_bytes() != theirs.read_bytes():
            results.append(compare_values(name, ours, theirs))
    if not same_hash and not results:
        results.append(Difference(path, "dvc.lock has another hash for the same content"))
    return results


def _files(project: Path, path: str) -> set[str]:
    top = project / path
    return {
        file.relative_to(project).as_posix() for file in [top, *top.rglob("*")] if file.is_file()
    }


def compare_values(name: str, ours: Path, theirs: Path) -> Difference:
    """Compare two files whose bytes differ; pictures may, since they are drawn from tables."""
    if ours.suffix in PICTURES:
        return Difference(name, "a picture; its tables are compared instead", fails=False)
    try:
        old, new = _values(ours), _values(theirs)
    except (ArtifactError, ValueError) as error:
        return Difference(name, f"its values cannot be compared: {error}")
    if list(old) != list(new):
        return Difference(name, f"other names: {', '.join(old.keys() ^ new.keys()) or 'order'}")
    size, place = max((_distance(old[place], new[place]), place) for place in old)
    if math.isinf(size):
        return Difference(name, f"{place} is not the same")
    fails = round(size, 12) > TOLERANCE
    return Difference(name, f"largest difference {size:.2g}, at {place}", fails)


def _values(path: Path) -> dict[str, Any]:
    """Columns of a table, or leaves of a JSON file by dotted name."""
    if path.suffix == ".json":
        return _leaves(json.loads(path.read_text(encoding="utf-8")))
    if path.suffix in (".csv", ".parquet"):
        return {str(name): column.to_numpy() for name, column in files.read_table(path).items()}
    raise ValueError(f"{path.suffix or 'such'} files are compared by their bytes only")


def _leaves(value: Any, place: str = "") -> dict[str, Any]:
    items = enumerate(value) if isinstance(value, list) else ()
    leaves: dict[str, Any] = {}
    for key, item in value.items() if isinstance(value, dict) else items:
        leaves |= _leaves(None if key == DERIVED else item, f"{place}.{key}".lstrip("."))
    return leaves or {place: value}


def _distance(ours: Any, theirs: Any) -> float:
    """Largest difference of two numbers or columns; infinite if anything else differs."""
    old, new = np.atleast_1d(ours), np.atleast_1d(theirs)
    numeric = all(np.issubdtype(column.dtype, np.number) for column in (old, new))
    if not numeric or old.shape != new.shape:
        return 0.0 if pd.Series(old).equals(pd.Series(new)) else math.inf
    finite = np.isfinite(old) & np.isfinite(new)
    if not np.array_equal(old[~finite], new[~finite], equal_nan=True):
        return math.inf
    old, new = old[finite], new[finite]
    return float((np.abs(new - old) / np.maximum(1.0, np.abs(old))).max(initial=0.0))
