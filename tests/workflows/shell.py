"""What the workflows run, step by step, and which commands a step consists of."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from stages.params import yaml

ROOT = Path(__file__).parents[2]
GITHUB = sorted((ROOT / ".github" / "workflows").glob("*.yaml"))
GITLAB = ROOT / ".gitlab-ci.yml"
NOT_JOBS = {"workflow", "variables", "default", "stages", "include"}


def github_jobs() -> Iterator[tuple[str, dict]]:
    """Every job of GitHub's workflows, with a name for messages."""
    for path in GITHUB:
        for name, job in yaml.read(path)["jobs"].items():
            yield f"{path.name}:{name}", job


def gitlab_jobs() -> Iterator[tuple[str, dict]]:
    """Every job of GitLab's pipeline."""
    for name, job in yaml.read(GITLAB).items():
        if name not in NOT_JOBS:
            yield f"{GITLAB.name}:{name}", job


def scripts() -> list[tuple[str, str]]:
    """Every piece of shell that a job runs, with the job."""
    found = [
        (name, step["run"]) for name, job in github_jobs() for step in job["steps"] if "run" in step
    ]
    for name, job in gitlab_jobs():
        for key in ("before_script", "script", "after_script"):
            found += [(name, line) for line in job.get(key, [])]
    return found


def commands(script: str) -> list[list[str]]:
    """Split shell into simple commands, each into words; operators and redirections go."""
    found = []
    for line in script.splitlines():
        words = shlex.shlex(line, posix=True, punctuation_chars=True)
        words.whitespace_split = True
        current: list[str] = []
        for word in words:
            if re.fullmatch(r"[;&|()]+", word):
                found.append(current)
                current = []
            else:
                current.append(word)
        found.append(current)
    return [words for words in found if words]


def make_targets() -> set[str]:
    """Targets that the Makefile has."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z][a-z-]*):(?!=)", makefile, flags=re.MULTILINE))
