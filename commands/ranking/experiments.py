"""The experiments that ``dvc exp show`` lists, and what it says of each."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from active_learning.base.errors import UserError, unknown
from commands.gate import lock
from commands.gate.metrics import flat
from commands.gate.revisions import git, last_line, run

WORKSPACE = "workspace"
SHORTEST_HASH = 7

# States in which the metrics that DVC lists are not those of the experiment: a queued or failed
# one has them from the commit that it started from.
UNFINISHED = ("queued", "running", "failed")

# Where the workspace has the same as HEAD, it is HEAD.
RESULTS = ("params.yaml", "dvc.lock", "metrics")

# What the curves of a loop depend on, but for the data.
SECTIONS = ("split", "preprocess", "learner", "oracle", "strategies", "query_loop", "stopping")
LISTS = ("query_loop.strategies", "query_loop.wrappers", "stopping.rules")
JUDGING = ("stages/compare.py", "stages/plot.py", "active_learning/evidence",
           "active_learning/figures.py")  # fmt: skip


class ExperimentError(UserError):
    """An experiment cannot be found, or DVC cannot say what there is."""


@dataclass(frozen=True)
class Experiment:
    """A row of ``dvc exp show``.

    Attributes
    ----------
    name : str
        As a person would call it: ``workspace``, a branch, an experiment, or a short hash.
    revision : str or None
        Commit; ``None``: the working tree.
    kind : str
        ``workspace``, ``head``, ``experiment`` or ``revision``.
    params : dict of str to Any
        Params that the curves depend on, by dotted name.
    code : dict of str to str
        Hash of each file or folder of code that the curves depend on.
    fault : str
        Why it has no results of its own; empty if it has.
    """

    name: str
    revision: str | None
    kind: str
    params: Mapping[str, Any]
    code: Mapping[str, str]
    fault: str


def show(*options: str) -> list[dict[str, Any]]:
    """What ``dvc exp show --json`` gives: the workspace first, then each commit.

    Raises
    ------
    ExperimentError
        If DVC fails, with its own reason.
    """
    done = run(sys.executable, "-m", "dvc", "exp", "show", "--json", *options)
    try:
        rows: list[dict[str, Any]] = json.loads(done.stdout)
    except ValueError:
        rows = []
    if done.returncode or not rows:
        raise ExperimentError(f"`dvc exp show {' '.join(options)}` failed: {last_line(done)}.")
    return rows


def read(names: Sequence[str]) -> list[Experiment]:
    """Experiments of these names, or the workspace, HEAD and all experiments on it.

    A name is ``workspace``, that of an experiment on any commit, or a git revision. Without any,
    the workspace is left out where it does not differ from HEAD.

    Raises
    ------
    ExperimentError
        If there is no such experiment or revision, or no commit at all.
    """
    rows = show()
    if len(rows) == 1:
        raise ExperimentError("there is no commit here, so DVC knows no experiments.")
    listed = [_experiment(rows[0], WORKSPACE), _experiment(rows[1], "head"), *_on(rows[1])]
    if not names:
        changed = git("status", "--porcelain", "--untracked-files=no", "--", *RESULTS)
        return [_current(each) for each in listed if each.kind != WORKSPACE or changed]
    return [_current(_named(name, listed)) for name in dict.fromkeys(names)]


def _on(row: Mapping[str, Any]) -> list[Experiment]:
    """Experiments that started from a commit."""
    found = []
    for entry in row["experiments"] or []:
        state = (entry["executor"] or {}).get("state") or ""
        found.append(_experiment(entry["revs"][0], "experiment", state))
    return found


def _experiment(row: Mapping[str, Any], kind: str, state: str = "") -> Experiment:
    """Pick what counts from a row of ``dvc exp show``."""
    data: dict[str, Any] = row["data"] or {}
    error: dict[str, Any] = row["error"] or {}
    fault = state if state in UNFINISHED else " ".join(str(error.get("msg", "")).split())
    workspace = kind == WORKSPACE
    params = data.get("params", {}).get("params.yaml", {}).get("data") or {}
    return Experiment(
        name=row["name"] or (WORKSPACE if workspace else row["rev"][:SHORTEST_HASH]),
        revision=None if workspace else row["rev"],
        kind=kind,
        params=settings(params),
        code={
            path: str(dep["hash"])
            for path, dep in data.get("deps", {}).items()
            if path.startswith(("active_learning/", "stages/")) and path not in JUDGING
        },
        fault=fault,
    )


def settings(params: Mapping[str, Any]) -> dict[str, Any]:
    """Params that the curves depend on, by dotted name.

    The options of a plug-in that is not used are left out, and so is the list of strategies:
    each strategy is a setting of its own. Stopping rules that end no run are left out as well.
    """
    kept: dict[str, Any] = {}
    for name in SECTIONS:
        found = params.get(name)
        section: Mapping[str, Any] = found if isinstance(found, Mapping) else {}
        if name == "stopping" and section.get("binding") is None:
            continue
        used = [section.get("name"), section.get("binding")]
        used += section if name == "strategies" else []
        for key, value in section.items():
            if isinstance(value, Mapping):
                if key in used:
                    kept |= flat(value, f"{name}.{key}.")
            elif f"{name}.{key}" not in LISTS:
                kept[f"{name}.{key}"] = value
    return kept


def concerns(param: str, strategies: Iterable[str]) -> bool:
    """Whether the curves of these strategies depend on a param: not on options of others."""
    return not param.startswith("strategies.") or any(
        param.startswith(f"strategies.{name}.") for name in strategies
    )


def _current(experiment: Experiment) -> Experiment:
    """The same, with a fault if it is the workspace and its results are not of its params."""
    if experiment.kind != WORKSPACE or experiment.fault:
        return experiment
    return Experiment(**vars(experiment) | {"fault": lock.stale() or ""})


def _named(name: str, listed: Sequence[Experiment]) -> Experiment:
    """Experiment of this name among those listed, or anywhere else."""
    for each in listed:
        long_enough = len(name) >= SHORTEST_HASH and each.revision is not None
        if each.name == name or (long_enough and str(each.revision).startswith(name)):
            return each
        if name == "HEAD" and each.kind == "head":
            return each
    try:
        row = show("--rev", name, "--num", "1")[1]
    except (ExperimentError, IndexError):
        known = [each.name for each in listed]
        raise ExperimentError(unknown("experiment or git revision", name, known)) from None
    kind = "revision" if _is_reachable(row["rev"]) else "experiment"
    return Experiment(**vars(_experiment(row, kind)) | {"name": name})


def _is_reachable(commit: str) -> bool:
    """Whether a branch or tag leads to a commit; an experiment hangs on a ref of DVC alone."""
    found = git("for-each-ref", "--contains", commit, "--count=1",
                "refs/heads", "refs/remotes", "refs/tags")  # fmt: skip
    return bool(found)
