"""CPU seconds of the whole program, in a clone: what DVC, make and the stages take."""

import os
import resource
import shutil
import subprocess
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from commands.reproduce import clone
from speed.report import Record
from stages import git
from stages.params import yaml

FRESH = "`dvc repro --force`, default params, nothing kept"
KEPT = "`dvc repro --force`, default params, with all runs kept"
GOALS = {KEPT: 12.0, "`make repro` with nothing to do": 1.5}
LONG_AGO = 1e9


def measure(rounds: int) -> list[Record]:
    """CPU seconds of each command, the median of the rounds."""
    with TemporaryDirectory() as folder:
        project = clone(Path(folder) / "clone", [])
        _furnish(project)
        stages = yaml.read(project / "dvc.yaml")["stages"]
        commands = {
            FRESH: "dvc repro --force",
            KEPT: "dvc repro --force",
            "`dvc repro` with nothing to do": "dvc repro",
            "`make repro` with nothing to do": "make repro",
            **{f"`{stage['cmd']}`, with all runs kept": stage["cmd"] for stage in stages.values()},
        }
        _run("make repro", project)  # makes what set-up makes
        seconds = {
            name: median(_run(command, project, fresh=name == FRESH) for _ in range(rounds))
            for name, command in commands.items()
        }
    return [
        {"": name, "CPU seconds": taken, "goal": GOALS.get(name)} for name, taken in seconds.items()
    ]


def _furnish(project: Path) -> None:
    """Give the clone this environment, and files that are older than it."""
    (project / ".venv").symlink_to(Path(".venv").resolve())
    for path in git.line("ls-files").splitlines():
        if (project / path).is_file():
            os.utime(project / path, (LONG_AGO, LONG_AGO))


def _run(command: str, project: Path, *, fresh: bool = False) -> float:
    """CPU seconds of a command and its children; fresh: without kept runs."""
    if fresh:
        shutil.rmtree(project / ".al_cache", ignore_errors=True)
    before = _children()
    subprocess.run(
        command, shell=True, cwd=project, env=git.environment() | {"AL_STORE": ""},
        check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return _children() - before


def _children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
