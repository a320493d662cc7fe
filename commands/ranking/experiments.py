"""The experiments that ``dvc exp show`` lists."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from active_learning.core.errors import UserError, unknown
from active_learning.core.plugins import USE
from commands.gate.metrics import flat
from commands.gate.revisions import git, last_line, run

# For these DVC lists the metrics of the commit that they started from.
UNFINISHED = ("queued", "running", "failed")
SHORTEST_HASH = 7
WORKSPACE = "workspace"  # as DVC calls the working tree

# What the curves depend on, apart from data and splits, which are the same in all that are ranked.
SECTIONS = ("preprocess", "learner", "oracle", "strategies", "query_loop", "stopping")
CHOICES = {"learner": "name", "oracle": "name", "stopping": "binding"}
# Each strategy is ranked by itself.
LISTS = ("query_loop.strategies", "stopping.rules")
CODE = ("active_learning", "stages")


@dataclass(frozen=True)
class Experiment:
    """A row of ``dvc exp show``."""

    name: str
    revision: str | None  # None: the working tree
    params: Mapping[str, Any]  # sections of params.yaml
    code: Mapping[str, str]  # hashes of the code that the stages depend on, by path
    fault: str = ""  # why it has no results of its own


def find(names: Sequence[str]) -> list[Experiment]:
    """Experiments of these names; by default HEAD, its experiments, and the workspace if changed.

    A name is ``workspace``, that of an experiment on any commit, or a git revision.

    Raises
    ------
    UserError
        If there is no such experiment or revision, no commit at all, or DVC fails.
    """
    rows = _show()
    if len(rows) == 1:
        raise UserError("there is no commit here, so DVC knows no experiments.")
    listed = [
        *(_experiment(row) for row in rows[:2]),
        *(
            _experiment(entry["revs"][0], (entry["executor"] or {}).get("state"))
            for entry in rows[1]["experiments"] or []
        ),
    ]
    if names:
        return [_named(name, listed) for name in dict.fromkeys(names)]
    outputs = ("params.yaml", "dvc.lock", "metrics")
    changed = git("status", "--porcelain", "--untracked-files=no", "--", *outputs)
    return listed if changed else listed[1:]


def _show(*options: str) -> list[dict[str, Any]]:
    """Rows of ``dvc exp show --json``: the workspace first, then each commit."""
    done = run(sys.executable, "-m", "dvc", "exp", "show", "--json", *options)
    try:
        rows: list[dict[str, Any]] = json.loads(done.stdout)
    except ValueError:
        rows = []
    if done.returncode or not rows:
        raise UserError(f"`dvc exp show {' '.join(options)}` failed: {last_line(done)}.")
    return rows


def _experiment(row: Mapping[str, Any], state: str | None = None) -> Experiment:
    data, error = row["data"] or {}, row["error"] or {}
    deps = data.get("deps", {}).items()
    return Experiment(
        name=row["name"] or (row["rev"] if row["rev"] == WORKSPACE else row["rev"][:SHORTEST_HASH]),
        revision=None if row["rev"] == WORKSPACE else row["rev"],
        params=data.get("params", {}).get("params.yaml", {}).get("data") or {},
        code={path: str(dep["hash"]) for path, dep in deps if path.startswith(CODE)},
        fault=state if state in UNFINISHED else " ".join(str(error.get("msg", "")).split()),
    )


def _named(name: str, listed: Sequence[Experiment]) -> Experiment:
    known = {each.name: each for each in listed}
    if name in known:
        return known[name]
    try:
        return replace(_experiment(_show("--rev", name)[1]), name=name)
    except (UserError, IndexError):
        raise UserError(unknown("experiment or revision", name, known)) from None


def curve_params(params: Mapping[str, Any], strategy: str) -> dict[str, Any]:
    """Params that the curve of a strategy depends on, by dotted name; no options out of use."""
    leaves: dict[str, Any] = {}
    for name in SECTIONS:
        section = params.get(name)
        if not isinstance(section, Mapping):
            continue
        if name == "stopping" and section.get("binding") is None:
            section = {"binding": None}
        if name == "strategies":
            section = {entry: section[entry] for entry in _called(strategy, section)}
        elif name in CHOICES:
            choice = section.get(CHOICES[name])
            section = {
                k: v for k, v in section.items() if k == choice or not isinstance(v, Mapping)
            }
        leaves |= flat(section, f"{name}.")
    return {name: value for name, value in leaves.items() if name not in LISTS}


def _called(strategy: str, entries: Mapping[str, Any]) -> list[str]:
    """Entries with the options of a strategy: its own, those that its options name, and so on."""
    found: list[str] = []
    waiting = [strategy]
    while waiting:
        name = waiting.pop()
        if name in entries and name not in found:
            found.append(name)
            options = entries[name] if isinstance(entries[name], Mapping) else {}
            waiting += [v for k, v in options.items() if k != USE and isinstance(v, str)]
    return found
