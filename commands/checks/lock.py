"""What ``dvc.lock`` says, and whether the working tree agrees with it."""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from active_learning.core.errors import ParamsError
from stages.params import yaml

LOCK = "dvc.lock"
MOST_CHANGES = 3  # that a message lists


def outs(lock: bytes) -> dict[str, str]:
    """Hash of every output in a ``dvc.lock``, by path; a ``ValueError`` if it is not one."""
    try:
        stages = yaml.parse(lock, LOCK)["stages"].values()
        entries = [out for stage in stages for out in stage.get("outs", [])]
        return {str(PurePosixPath(out["path"])): str(out["md5"]) for out in entries}
    except (ParamsError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"not a lock file of DVC: {' '.join(str(error).split())}") from None


def stale() -> str | None:
    """How this folder's pipeline differs from ``dvc.lock``, ``None`` if it does not."""
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    try:
        with Repo() as repo:
            for stage in repo.stage.collect("dvc.yaml"):
                if stage.frozen:  # then DVC does not look at its dependencies
                    return f"stage {stage.addressing} is frozen in dvc.yaml, so it may be stale"
            status = repo.status("dvc.yaml")
    except DvcException as error:
        return f"`dvc status` failed: {' '.join(str(error).split())}"
    changes = [f"{stage}: {each}" for stage, parts in status.items() for each in _changes(parts)]
    if not changes:
        return None
    remedy = "Run `dvc repro`, then commit dvc.lock and metrics/"
    if all(change.endswith((" deleted", " not in cache")) for change in changes):
        remedy = "Outputs are missing; `dvc pull` or `dvc repro` brings them"
    more = len(changes) - MOST_CHANGES
    listed = changes[:MOST_CHANGES] + ([f"and {more} more"] if more > 0 else [])
    return f"`dvc status` is not clean: {'; '.join(listed)}. {remedy}"


def _changes(part: Any, name: str = "") -> Iterator[str]:
    """Each path or parameter with its state, however deep in DVC's status."""
    if isinstance(part, str):
        yield f"{name} {part}".strip()
        return
    for key, value in part.items() if isinstance(part, dict) else ((name, each) for each in part):
        yield from _changes(value, key)
