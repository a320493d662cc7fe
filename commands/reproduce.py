"""Run the committed pipeline afresh and compare what comes out with what is committed.

Exit status: 0 if it is the same, or the same within the tolerance; 1 if it is not.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from active_learning.base import command
from commands.gate import revisions
from commands.gate.rerun import TOLERANCE, Difference, differences
from commands.gate.revisions import RevisionError


def parser() -> argparse.ArgumentParser:
    """What the command takes: nothing yet but --help."""
    return argparse.ArgumentParser(
        prog="python -m commands.reproduce",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="HEAD is cloned into a temporary folder, without DVC's cache of results; values "
        f"may differ by {TOLERANCE:g}, relative to values above 1. See docs/checks.md.",
    )


def clone(folder: Path) -> Path:
    """Clone HEAD, bring the inputs that DVC tracks, and give the project's folder in it."""
    prefix = revisions.line("rev-parse", "--show-prefix")
    top = revisions.line("rev-parse", "--show-toplevel")
    revisions.git("clone", "--quiet", "--no-hardlinks", top, str(folder))
    project = folder / prefix
    inputs = [name for name in revisions.line("ls-files", "--", "*.dvc").splitlines() if name]
    if inputs:
        check_out(project, *inputs)
    return project


def dvc(project: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run a quick DVC command in a clone."""
    return revisions.run(sys.executable, "-m", "dvc", *arguments, folder=project)


def check_out(project: Path, *targets: str) -> None:
    """Take committed data from the DVC cache of this folder, as far as it is there."""
    cache = dvc(Path(), "cache", "dir").stdout.decode().strip()
    dvc(project, "config", "--local", "cache.dir", cache)
    dvc(project, "checkout", "--allow-missing", *targets)
    # A run must not find its own results there.
    dvc(project, "config", "--local", "--unset", "cache.dir")


def rerun(project: Path) -> None:
    """Run every stage; what they print goes to the standard error."""
    options = ["--force", "--no-run-cache"]
    done = subprocess.run(
        [sys.executable, "-m", "dvc", "repro", *options, "dvc.yaml"],
        cwd=project,
        env=revisions.environment(),
        stdin=subprocess.DEVNULL,
        stdout=2,
        check=False,
    )
    if done.returncode:
        raise RevisionError(
            f"`dvc repro` in a clean clone failed with exit status {done.returncode}."
        )


def report(commit: str, found: list[Difference]) -> str:
    """Outcome in words."""
    worse = [difference for difference in found if difference.fails]
    lines = [f"{commit}: a clean `dvc repro` leaves dvc.lock and metrics/ as committed."]
    if worse:
        lines = [f"{commit}: a clean `dvc repro` does not give what is committed:"]
        lines += [f"  {difference.path}: {difference.detail}" for difference in worse]
    elif found:
        lines = [f"{commit}: a clean `dvc repro` gives the committed values within {TOLERANCE:g}."]
    if len(worse) < len(found):
        lines += ["Only in bits differ:"]
        lines += [f"  {one.path}: {one.detail}" for one in found if not one.fails]
    return "\n".join(lines)


def main(given: Sequence[str] | None = None) -> None:
    """Clone, run, compare and report; exit status 1 where something differs."""
    parser().parse_args(given)
    commit = revisions.line("rev-parse", "--short", "HEAD")
    if revisions.git("status", "--porcelain", "--untracked-files=no", "--", "."):
        print("note: changes that are not committed take no part", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="reproduce-") as folder:
        committed, fresh = clone(Path(folder) / "committed"), clone(Path(folder) / "fresh")
        rerun(fresh)
        found = differences(committed, fresh)
        if found:
            # Now it takes the committed data, to compare values.
            check_out(committed)
            found = differences(committed, fresh)
    print(report(commit, found))
    if any(difference.fails for difference in found):
        sys.exit(1)


if __name__ == "__main__":
    command.run(main)
