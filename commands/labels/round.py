"""Train on all labels and choose the next rows.

This is `dvc repro rounds/dvc.yaml`, repeated if labels were given meanwhile. What a merge of two
machines' results left in conflict is computed again, since all of it follows from the labels.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from active_learning.core.errors import ExecutionError, ParamsError
from active_learning.core.sentences import count
from stages import git
from stages.params import yaml
from stages.params.rounds import RoundsParams
from stages.paths import QUERIES, ROUNDS_DVC, ROUNDS_METRICS, ROUNDS_PARAMS
from stages.rounds.guard import refuse_missing
from stages.rounds.inputs import late_events, read_queries
from stages.rounds.journal import Journal

LOCK = ROUNDS_DVC.with_suffix(".lock")
MARKER = b"<<<<<<< "
KEEP = "To keep this round: git add rounds && git commit"
REPRO = [sys.executable, "-m", "dvc", "repro", "--quiet"]  # the stages say what counts


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare no argument."""


def main(options: argparse.Namespace) -> None:  # noqa: ARG001 - as every command
    """Run the pipeline until it has all labels."""
    if _has_marker(ROUNDS_PARAMS):
        raise ParamsError(f"{ROUNDS_PARAMS} has conflict markers; resolve them and run it again.")
    params = RoundsParams.read()
    journal = Journal.of_repository()
    # DVC starts no stage where the labels are those of the last run, also if later ones are lost.
    refuse_missing(journal)
    removed = remove_conflicts()
    run(str(ROUNDS_DVC))
    while (queries := read_queries()) and (
        late := late_events(journal.read().events, queries.round)
    ):
        print(f"Given meanwhile: {count(late, 'label')}. Running again.")
        run("--force", "--single-item", f"{ROUNDS_DVC}:merge-labels")
        run(str(ROUNDS_DVC))
    if removed:
        print(f"Resolved by computing them again: {', '.join(map(str, removed))}.")
    if not (queries and queries.rows):
        print(f"No row is left to label. {KEEP}")
        return
    print(f"Next: make label NAME=... {KEEP}")
    if not params.annotators:
        print(f"To give each person rows of their own, list names in {ROUNDS_PARAMS}: annotators.")


def remove_conflicts() -> list[Path]:
    """Delete results in which a merge left conflict markers, or that were cut short."""
    results = [QUERIES, *ROUNDS_METRICS.glob("*.csv"), *ROUNDS_METRICS.glob("*.json")]
    damaged = [path for path in results if _has_marker(path)]
    if LOCK.is_file() and not _is_lock(LOCK):
        damaged.append(LOCK)
    for path in damaged:
        path.unlink()
    return damaged


def _has_marker(path: Path) -> bool:
    return path.is_file() and any(
        line.startswith(MARKER) for line in path.read_bytes().splitlines()
    )


def _is_lock(path: Path) -> bool:
    """Whether DVC would read a lock file."""
    try:
        lock = yaml.read(path)
    except ParamsError:
        return False
    stages = lock.get("stages", {}) if isinstance(lock, dict) else None
    return (
        isinstance(stages, dict)
        and lock.get("schema") == "2.0"
        and all(isinstance(stage, dict) for stage in stages.values())
    )


def run(*arguments: str) -> None:
    """Run ``dvc repro``; its output goes to the terminal.

    Raises
    ------
    ExecutionError
        If it fails.
    """
    done = subprocess.run([*REPRO, *arguments], env=git.environment(), check=False)
    if done.returncode:
        raise ExecutionError(
            f"`dvc repro {' '.join(arguments)}` failed with exit status {done.returncode}; "
            "its message is above. No label is lost."
        )
