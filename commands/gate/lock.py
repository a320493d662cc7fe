"""What ``dvc.lock`` says, and whether the working tree agrees with it."""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

import yaml

from active_learning.base.errors import ArtifactError

LOCK = "dvc.lock"
MISSING = (" deleted", " not in cache")


def outs(lock: bytes) -> dict[str, str]:
    """Hash of every output in a ``dvc.lock``, by path; a ``ValueError`` if it is not one."""
    try:
        stages = yaml.safe_load(lock)["stages"].values()
        entries = [out for stage in stages for out in stage.get("outs", [])]
        return {str(PurePosixPath(out["path"])): str(out["md5"]) for out in entries}
    except (yaml.YAMLError, UnicodeDecodeError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"not a lock file of DVC: {' '.join(str(error).split())}") from None


def changes() -> list[str]:
    """Everything in which this folder's pipeline differs from ``dvc.lock``.

    Raises
    ------
    ArtifactError
        If DVC cannot tell.
    """
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    try:
        with Repo() as repo:
            for stage in repo.stage.collect("dvc.yaml"):
                if stage.frozen:  # then DVC does not look at its dependencies
                    return [f"{stage.addressing}: is frozen in dvc.yaml, so it may be stale"]
            status = repo.status("dvc.yaml")
    except DvcException as error:
        raise ArtifactError(f"`dvc status` failed: {' '.join(str(error).split())}.") from None
    return [f"{stage}: {change}" for stage, parts in status.items() for change in _flatten(parts)]


def _flatten(parts: list[Any]) -> Iterator[str]:
    """Each path or parameter with its state; parameters are nested in their file."""
    for part in parts:
        if isinstance(part, str):
            yield part
            continue
        for path, state in (item for entry in part.values() for item in entry.items()):
            nested = state if isinstance(state, dict) else {path: state}
            yield from (f"{name} {state}" for name, state in nested.items())


def stale(n_shown: int = 3) -> str | None:
    """How the working tree differs from ``dvc.lock``, in one line; ``None`` if it does not."""
    try:
        found = changes()
    except ArtifactError as error:
        return str(error)
    if not found:
        return None
    remedy = "Run `dvc repro`, then commit dvc.lock and metrics/"
    if all(change.endswith(MISSING) for change in found):
        remedy = "Outputs are missing; `dvc pull` or `dvc repro` brings them"
    more = f"; and {len(found) - n_shown} more" if len(found) > n_shown else ""
    return f"`dvc status` is not clean: {'; '.join(found[:n_shown])}{more}. {remedy}"
