"""The project at a git revision: which one to compare with, and what its files hold."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from active_learning.base.errors import UserError

DEFAULT_BRANCHES = ("origin/HEAD", "origin/main", "origin/master", "main", "master")
LOCATIONS = ("GIT_DIR", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_WORK_TREE")


class RevisionError(UserError):
    """A git revision cannot be read."""


@dataclass(frozen=True)
class Revision:
    """A commit, and how it was chosen."""

    commit: str
    chosen: str

    def __str__(self) -> str:
        return f"{self.commit[:7]} ({self.chosen})"


def environment() -> dict[str, str]:
    """Environment in which git and DVC work on the current folder, and stages find this Python.

    A git hook names its repository in the environment; that would hold in a clone, too.
    """
    kept = {name: value for name, value in os.environ.items() if name not in LOCATIONS}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return kept | {"PATH": path, "DVC_NO_ANALYTICS": "1"}


def run(*command: str, folder: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    """Run a command and keep what it prints."""
    return subprocess.run(
        command,
        cwd=folder,
        env=environment(),
        capture_output=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def last_line(done: subprocess.CompletedProcess[bytes]) -> str:
    """Last line that a command wrote to its standard error: the reason why it failed."""
    lines = done.stderr.decode(errors="replace").strip().splitlines()
    return lines[-1].strip() if lines else f"exit status {done.returncode}"


def git(*arguments: str) -> bytes:
    """Give what a git command prints.

    Raises
    ------
    RevisionError
        If it fails, with git's own reason.
    """
    done = run("git", *arguments)
    if done.returncode:
        raise RevisionError(f"`git {' '.join(arguments)}` failed: {last_line(done)}.")
    return done.stdout


def line(*arguments: str) -> str:
    """Give the one line that a git command prints."""
    return git(*arguments).decode().strip()


def commit_of(revision: str) -> str | None:
    """Full hash of the commit that a revision names, ``None`` if there is none."""
    name = f"{revision}^{{commit}}"
    done = run("git", "rev-parse", "--quiet", "--verify", "--end-of-options", name)
    return done.stdout.decode().strip() if done.returncode == 0 else None


def find_base(given: str | None) -> Revision | None:
    """Revision to compare the working tree with; ``None`` at the very first commit.

    That which is given; else where this branch left the default branch. On the default branch
    itself that is HEAD: then the commit before it, or HEAD where the working tree has changes.

    Raises
    ------
    RevisionError
        If the revision is not known, or the clone is too shallow to tell.
    """
    head = commit_of("HEAD")
    if head is None:
        raise RevisionError(f"there is no commit here to compare with; {_reason('HEAD')}.")
    if given is not None:
        commit = commit_of(given)
        if commit is None:
            raise RevisionError(f"{given!r} is not a revision that git knows{_shallow_hint()}.")
        return Revision(commit, given)
    branch = next((name for name in DEFAULT_BRANCHES if commit_of(name)), None)
    if branch is None:
        raise RevisionError(
            f"there is no default branch (looked for {', '.join(DEFAULT_BRANCHES)}); "
            f"name a revision with --base{_shallow_hint()}."
        )
    done = run("git", "merge-base", "HEAD", branch)
    if done.returncode:
        raise RevisionError(f"HEAD and {branch} have no commit in common{_shallow_hint()}.")
    commit = done.stdout.decode().strip()
    return Revision(commit, f"merge base with {branch}") if commit != head else _before(head)


def _before(head: str) -> Revision | None:
    """Base on the default branch."""
    if git("status", "--porcelain", "--untracked-files=no", "--", "."):
        return Revision(head, "HEAD, since the working tree differs from it")
    parent = commit_of("HEAD^1")
    if parent is None and is_shallow():
        raise RevisionError(f"the commit before HEAD is not here{_shallow_hint()}.")
    return Revision(parent, "the commit before HEAD") if parent else None


def is_shallow() -> bool:
    """Whether this clone lacks a part of the history."""
    return line("rev-parse", "--is-shallow-repository") == "true"


def _shallow_hint() -> str:
    if not is_shallow():
        return ""
    return "; this clone is shallow: `git fetch --unshallow` gets its history, in CI fetch depth 0"


def _reason(revision: str) -> str:
    return last_line(run("git", "rev-parse", "--verify", revision))


def read_at(commit: str, path: str) -> bytes | None:
    """Content of a file at a commit, ``None`` if it is not there; paths from this folder."""
    if not git("ls-tree", "--name-only", commit, "--", path):
        return None
    return git("show", f"{commit}:./{path}")


def read_here(path: str) -> bytes | None:
    """Content of a file in the working tree, ``None`` if it is not there."""
    file = Path(path)
    return file.read_bytes() if file.is_file() else None
