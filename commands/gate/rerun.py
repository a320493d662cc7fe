"""Whether a rerun gave what is committed: identical, equal but for last bits, or different."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from active_learning.base import files
from active_learning.base.errors import ArtifactError
from commands.gate import lock

# Metrics are written to six decimals; where sums differ in last bits, the sixth may be another.
# Relative to values above 1, absolute below.
TOLERANCE = 1e-6

# What git keeps of the outputs; DVC keeps the others.
COMMITTED = ("metrics/", "plots")

PICTURES = (".png", ".svg")

# Says that some bit of a table differs; the table is compared itself.
DERIVED = "content_sha256"


@dataclass(frozen=True)
class Difference:
    """A file, or a part of dvc.lock, that is not as committed."""

    path: str
    detail: str
    fails: bool = True


def differences(committed: Path, fresh: Path) -> list[Difference]:
    """Everything in which a rerun differs from the commit, up to what the pipeline reads.

    Parameters
    ----------
    committed, fresh : Path
        Folders of the project: as committed, with the data that could be had; and run afresh.

    Raises
    ------
    ArtifactError
        If the committed dvc.lock cannot be read.
    """
    before, after = _lock(committed), _lock(fresh)
    found = [*_causes(before, after)]
    hashes, new_hashes = _outs(before), _outs(after)
    for path in sorted({*hashes, *new_hashes}):
        same = hashes.get(path) == new_hashes.get(path)
        here = (committed / path).exists()
        if not here and path.startswith(COMMITTED):
            found.append(Difference(path, "is not there in the commit"))
            continue
        # What only DVC keeps need not be here: its hash says enough.
        if same and not here:
            continue
        changed = list(_compare(committed, fresh, path))
        if not same and not changed:
            changed = [Difference(path, "dvc.lock has another hash for the very file")]
        found += changed
    return found


def _lock(project: Path) -> dict[str, Any]:
    try:
        content = (project / lock.LOCK).read_bytes()
        lock.outs(content)
    except (OSError, ValueError) as error:
        raise ArtifactError(f"the committed {lock.LOCK} cannot be read: {error}.") from None
    stages: dict[str, Any] = yaml.safe_load(content)["stages"]
    return stages


def _outs(stages: dict[str, Any]) -> dict[str, str]:
    return lock.outs(yaml.safe_dump({"stages": stages}).encode())


def _causes(before: dict[str, Any], after: dict[str, Any]) -> Iterator[Difference]:
    """What the committed dvc.lock says of commands, params and inputs that is no longer so."""
    outs = {*_outs(before), *_outs(after)}
    for stage in sorted({*before, *after}):
        if stage not in before or stage not in after:
            where = "lacks" if stage not in before else "still has"
            yield Difference(lock.LOCK, f"the commit {where} stage {stage}")
            continue
        old, new = _reads(before[stage], outs), _reads(after[stage], outs)
        for name in sorted({*old, *new}):
            if old.get(name) != new.get(name):
                detail = f"stage {stage}: {name} is not what the committed results came from"
                yield Difference(lock.LOCK, detail)


def _reads(stage: dict[str, Any], outs: set[str]) -> dict[str, Any]:
    """Command, params and inputs of a stage; not what other stages made."""
    deps = {dep["path"]: dep.get("md5") for dep in stage.get("deps", [])}
    made = {dep for dep in deps for out in outs if f"{out}/".startswith(f"{dep}/")}
    params = {
        f"{file}: {name}": value
        for file, values in stage.get("params", {}).items()
        for name, value in values.items()
    }
    inputs = {path: value for path, value in deps.items() if path not in made}
    return inputs | params | {"the command": stage.get("cmd")}


def _compare(committed: Path, fresh: Path, path: str) -> Iterator[Difference]:
    """Compare an output, a file or a folder, file by file."""
    if not (committed / path).exists():
        detail = "its hash differs, and the committed content is not here to compare its values"
        yield Difference(path, f"{detail}; `dvc pull` brings it")
        return
    for name in sorted({*_files(committed, path), *_files(fresh, path)}):
        ours, theirs = committed / name, fresh / name
        if not ours.is_file() or not theirs.is_file():
            yield Difference(name, "is not there in " + ("the commit", "the rerun")[ours.is_file()])
        elif ours.read_bytes() != theirs.read_bytes():
            yield compare_values(name, ours, theirs)


def _files(project: Path, path: str) -> Iterator[str]:
    top = project / path
    for file in [top] if top.is_file() else top.rglob("*"):
        if file.is_file():
            yield file.relative_to(project).as_posix()


def compare_values(name: str, ours: Path, theirs: Path) -> Difference:
    """Compare two files whose bytes differ.

    A picture is no failure: it is drawn from tables that are compared themselves.
    """
    if ours.suffix in PICTURES:
        return Difference(name, "a picture; its tables are compared instead", fails=False)
    try:
        size, place = gap(_values(ours), _values(theirs))
    except (ArtifactError, ValueError) as error:
        return Difference(name, f"its values cannot be compared: {error}")
    if math.isinf(size):
        return Difference(name, place)
    fails = round(size, 12) > TOLERANCE
    return Difference(name, f"largest difference {size:.2g}, at {place}", fails)


def _values(path: Path) -> Any:
    """Content of a file as nested dicts, lists and columns."""
    if path.suffix == ".json":
        return json.loads(path.read_text(encoding="utf-8"))
    if path.suffix in (".csv", ".parquet"):
        table = files.read_table(path)
        return {str(name): table[name].to_numpy() for name in table}
    raise ValueError(f"{path.suffix or 'such'} files are compared by their bytes only")


def gap(ours: Any, theirs: Any, place: str = "") -> tuple[float, str]:
    """Largest difference of two nested values and where it is; infinite where they differ in kind.

    Differences are relative to values above 1, and absolute below.

    Returns
    -------
    size : float
    place : str
        Dotted name, or what differs where ``size`` is infinite.
    """
    if isinstance(ours, dict) and isinstance(theirs, dict) and list(ours) == list(theirs):
        keys = [key for key in ours if key != DERIVED]
        gaps = [gap(ours[key], theirs[key], f"{place}.{key}") for key in keys]
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        gaps = [gap(*pair, f"{place}.{i}") for i, pair in enumerate(zip(ours, theirs, strict=True))]
    elif _is_measured(ours) and _is_measured(theirs):
        gaps = [(_distance(ours, theirs), place)]
    else:
        gaps = [(0.0 if ours == theirs else math.inf, place)]
    size, where = max(gaps, key=lambda one: one[0], default=(0.0, place))
    if math.isinf(size) and where == place:
        where = f"{place.lstrip('.') or 'the whole'} is not the same"
    return size, where if math.isinf(size) else where.lstrip(".")


def _is_measured(value: Any) -> bool:
    return isinstance(value, int | float | np.ndarray) and not isinstance(value, bool)


def _distance(ours: Any, theirs: Any) -> float:
    """Largest difference of two numbers or columns."""
    old, new = np.atleast_1d(ours), np.atleast_1d(theirs)
    if old.shape != new.shape:
        return math.inf
    if not all(np.issubdtype(column.dtype, np.number) for column in (old, new)):
        return 0.0 if pd.Series(old).equals(pd.Series(new)) else math.inf
    if (np.isnan(old) != np.isnan(new)).any():
        return math.inf
    distances = np.abs(new - old) / np.maximum(1.0, np.abs(old))
    return float(np.nan_to_num(distances).max(initial=0.0))
