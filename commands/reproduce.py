"""Rerun the committed pipeline in a clean clone and compare the results with those committed.

Exit status: 0 if they are the same, or the same within the tolerance; 1 if they are not.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from commands.checks import revisions
from commands.checks.rerun import TOLERANCE, Difference, differences
from stages import command, git
from stages.git import GitError


def clone(folder: Path, targets: Sequence[str]) -> Path:
    """Clone HEAD with the data of these DVC files, as far as the cache has it; give the project."""
    from dvc.repo import Repo

    top = git.line("rev-parse", "--show-toplevel")
    git.git("clone", "--quiet", "--no-hardlinks", top, str(folder))
    project = folder / git.line("rev-parse", "--show-prefix")
    if targets:
        # Not in the configuration of the clone: a run must not find its own results in the cache.
        with Repo() as here:
            cache = {"cache": {"dir": here.cache.local_cache_dir}}
        with Repo(str(project), config=cache) as repo:
            repo.checkout([str(project / target) for target in targets], allow_missing=True)
    return project


def rerun(project: Path) -> None:
    """Run every stage; their output goes to the standard error."""
    done = subprocess.run(
        [sys.executable, "-m", "dvc", "repro", "--force", "--no-run-cache", "dvc.yaml"],
        cwd=project,
        env=git.environment() | {"AL_STORE": ""},  # the clone's own, which is empty
        stdin=subprocess.DEVNULL,
        stdout=2,
        check=False,
    )
    if done.returncode:
        raise GitError(f"`dvc repro` in a clean clone failed with exit status {done.returncode}.")


def report(commit: str, results: list[Difference]) -> str:
    """Outcome in words."""
    failures = [f"  {one.path}: {one.detail}" for one in results if one.fails]
    bits = [f"  {one.path}: {one.detail}" for one in results if not one.fails]
    outcome = "leaves dvc.lock and metrics/ as committed."
    if failures:
        outcome = "does not give what is committed:"
    elif bits:
        outcome = f"gives the committed values within {TOLERANCE:g}."
    bits = ["Only in bits differ:", *bits] if bits else []
    return "\n".join([f"{commit}: a clean `dvc repro` {outcome}", *failures, *bits])


def main(arguments: Sequence[str] | None = None) -> None:
    """Clone, run, compare and report; exit status 1 if something differs."""
    argparse.ArgumentParser(
        prog="python -m commands.reproduce",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="HEAD is cloned into a temporary folder, without DVC's cache of results; values "
        f"may differ by {TOLERANCE:g}, relative to values above 1. See docs/checks.md.",
    ).parse_args(arguments)
    commit = git.head()[:7]
    inputs = git.line("ls-files", "--", "*.dvc").splitlines()
    if revisions.is_modified():
        print("note: changes that are not committed are left out", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="reproduce-") as folder:
        committed = clone(Path(folder) / "committed", ["dvc.yaml"])
        fresh = clone(Path(folder) / "fresh", inputs)
        rerun(fresh)
        results = differences(committed, fresh)
    print(report(commit, results))
    if any(difference.fails for difference in results):
        sys.exit(1)


if __name__ == "__main__":
    command.run(main)
