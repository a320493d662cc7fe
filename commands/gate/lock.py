"""What ``dvc.lock`` says, and whether the working tree agrees with it."""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from active_learning.core.errors import ParamsError
from stages.params import yaml

LOCK = "dvc.lock"


def outs(lock: bytes) -> dict[str, str]:
    """Hash of every output in a ``dvc.lock``, by path; a ``ValueError`` if it is not one."""
    try:
        stages = yaml.parse(lock, LOCK)["stages"].values()
        entries = [out for stage in stages for out in stage.get("outs", [])]
        return {str(PurePosixPath(out["path"])): str(out["md5"]) for out in entries}
    except (ParamsError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"not a lock file of DVC: {' '.join(str(error).split())}") from None


def stale(n_shown: int = 3) -> str | None:
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
    changes = [f"{stage}: {what}" for stage, parts in status.items() for what in _changes(parts)]
    if not changes:
        return None
    remedy = "Run `dvc repro`, then commit dvc.lock and metrics/"
    if all(change.endswith((" deleted", " not in cache")) for change in changes):
        remedy = "Outputs are missing; `dvc pull` or `dvc repro` brings them"
    more = f"; and {len(changes) - n_shown} more" if len(changes) > n_shown else ""
    return f"`dvc status` is not clean: {'; '.join(changes[:n_shown])}{more}. {remedy}"


def _changes(parts: list[Any]) -> Iterator[str]:
    """Each path or parameter with its state; parameters are nested in their file."""
    for part in parts:
        if isinstance(part, str):
            yield part
            continue
        for path, state in (item for entry in part.values() for item in entry.items()):
            nested = state if isinstance(state, dict) else {path: state}
            yield from (f"{name} {state}" for name, state in nested.items())
