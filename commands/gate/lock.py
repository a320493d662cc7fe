"""What ``dvc.lock`` says, and whether the working tree is as it says."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from commands.gate.revisions import last_line, run

LOCK = "dvc.lock"

# So many changes say enough; the others are counted.
SHOWN = 3


def outs(lock: bytes) -> dict[str, str]:
    """Hash of every output that a ``dvc.lock`` names, by path.

    Raises
    ------
    ValueError
        If it is not a ``dvc.lock``.
    """
    try:
        stages = yaml.safe_load(lock)["stages"].values()
        entries = [out for stage in stages for out in stage.get("outs", [])]
        return {str(PurePosixPath(out["path"])): str(out["md5"]) for out in entries}
    except (yaml.YAMLError, UnicodeDecodeError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"it is not a lock file of DVC: {' '.join(str(error).split())}") from None


def stale() -> str | None:
    """Say in which way the working tree is not as ``dvc.lock`` says, ``None`` if it is.

    Only the pipeline of this folder counts, not those below it.
    """
    done = run(sys.executable, "-m", "dvc", "status", "--json", "dvc.yaml")
    try:
        changes: dict[str, list[Any]] = json.loads(done.stdout)
        stages = yaml.safe_load(Path("dvc.yaml").read_text(encoding="utf-8"))["stages"]
    except (ValueError, OSError, TypeError, KeyError, yaml.YAMLError):
        return f"`dvc status` failed: {last_line(done)}"
    if done.returncode:
        return f"`dvc status` failed: {last_line(done)}"
    # DVC does not look at what a frozen stage depends on.
    frozen = [name for name, stage in stages.items() if stage.get("frozen")]
    if frozen:
        return f"stage {frozen[0]} is frozen in dvc.yaml, so nobody knows whether it is stale"
    return _in_words(changes) if changes else None


def _in_words(changes: dict[str, list[Any]]) -> str:
    """One line for what ``dvc status`` found: the first of it, and what to do."""
    found = [
        f"{stage}: {what}"
        for stage, parts in changes.items()
        for part in parts
        for what in _each(part)
    ]
    gone = all(what.endswith((" deleted", " not in cache")) for what in found)
    cure = "Run `dvc repro`, then commit dvc.lock and metrics/"
    if gone:
        cure = "Outputs are not here; `dvc pull` or `dvc repro` brings them"
    more = f"; and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return f"`dvc status` is not clean: {'; '.join(found[:SHOWN])}{more}. {cure}"


def _each(part: str | dict[str, Any]) -> Iterator[str]:
    """Every path or parameter with what became of it; parameters are nested in their file."""
    if isinstance(part, str):
        yield part
        return
    for entries in part.values():
        for path, state in entries.items():
            inner = state if isinstance(state, dict) else {path: state}
            yield from (f"{name} {what}" for name, what in inner.items())
