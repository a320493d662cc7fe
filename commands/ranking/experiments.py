"""The experiments that ``dvc exp show`` lists."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from active_learning.core.errors import UserError, unknown
from active_learning.core.plugins import USE
from commands.checks import revisions
from commands.checks.metrics import flat
from stages import git

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
    commit: str | None  # None: the working tree
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
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    git.head()
    try:
        with Repo() as repo:
            workspace, *commits = repo.experiments.show()
            listed = [_experiment(workspace), _experiment(commits[0])]
            for each in commits[0].experiments or []:
                state = each.executor.state if each.executor else None
                listed.append(_experiment(each.revs[0], state))
            if names:
                return [_named(name, listed, repo) for name in dict.fromkeys(names)]
    except DvcException as error:
        reason = " ".join(str(error).split())
        raise UserError(f"DVC cannot list the experiments: {reason}.") from error
    return listed[not revisions.is_modified("params.yaml", "dvc.lock", "metrics") :]


def _experiment(row: Any, state: str | None = None) -> Experiment:
    """Experiment of a row of DVC's, an ``ExpState``."""
    is_workspace = row.rev == WORKSPACE
    params = row.data.params.get("params.yaml", {}) if row.data else {}
    code = row.data.deps.items() if row.data else ()
    error = row.error.msg if row.error else ""
    return Experiment(
        name=row.name or (WORKSPACE if is_workspace else row.rev[:SHORTEST_HASH]),
        commit=None if is_workspace else row.rev,
        params=params.get("data") or {},
        code={path: str(dep.hash) for path, dep in code if path.startswith(CODE)},
        fault=state if state in UNFINISHED else " ".join(error.split()),
    )


def _named(name: str, listed: Sequence[Experiment], repo: Any) -> Experiment:
    from dvc.exceptions import DvcException

    known = {each.name: each for each in listed}
    if name in known:
        return known[name]
    try:
        return replace(_experiment(repo.experiments.show(name)[1]), name=name)
    except (DvcException, IndexError):
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
            section = {entry: section[entry] for entry in called_entries(strategy, section)}
        elif name in CHOICES:
            choice = section.get(CHOICES[name])
            section = {
                k: v for k, v in section.items() if k == choice or not isinstance(v, Mapping)
            }
        leaves |= flat(section, f"{name}.")
    return {name: value for name, value in leaves.items() if name not in LISTS}


def called_entries(strategy: str, entries: Mapping[str, Any]) -> list[str]:
    """Entries with the options of a strategy: its own, those that its options name, and so on."""
    called: list[str] = []
    waiting = [strategy]
    while waiting:
        name = waiting.pop()
        if name in entries and name not in called:
            called.append(name)
            options = entries[name] if isinstance(entries[name], Mapping) else {}
            waiting += [v for k, v in options.items() if k != USE and isinstance(v, str)]
    return called
