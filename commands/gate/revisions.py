"""Files of the project at a git revision, and the revision to compare with."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from active_learning.core.errors import UserError

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
    """Environment in which stages find this Python, and git looks for the repository itself.

    A git hook names its repository in variables, which would also hold in a clone.
    """
    kept = {name: value for name, value in os.environ.items() if name not in LOCATIONS}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return kept | {"PATH": path, "DVC_NO_ANALYTICS": "1"}


def run(*command: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command and capture its output."""
    return subprocess.run(
        command, env=environment(), capture_output=True, stdin=subprocess.DEVNULL, check=False
    )


def last_line(done: subprocess.CompletedProcess[bytes]) -> str:
    """Last line on the standard error, where commands say why they failed."""
    lines = done.stderr.decode(errors="replace").strip().splitlines()
    return lines[-1].strip() if lines else f"exit status {done.returncode}"


def git(*arguments: str) -> bytes:
    """Output of a git command; a ``RevisionError`` with git's reason if it fails."""
    done = run("git", *arguments)
    if done.returncode:
        raise RevisionError(f"`git {' '.join(arguments)}` failed: {last_line(done)}.")
    return done.stdout


def line(*arguments: str) -> str:
    """The one line that a git command prints."""
    return git(*arguments).decode().strip()


def commit_of(revision: str) -> str | None:
    """Full hash of the commit that a revision names, ``None`` if there is none."""
    name = f"{revision}^{{commit}}"
    done = run("git", "rev-parse", "--quiet", "--verify", "--end-of-options", name)
    return done.stdout.decode().strip() if done.returncode == 0 else None


def is_modified() -> bool:
    """Whether tracked files of this folder have changes that are not committed."""
    return bool(git("status", "--porcelain", "--untracked-files=no", "--", "."))


def find_base(given: str | None) -> Revision | None:
    """Revision to compare the working tree with; ``None`` at the very first commit.

    The given one, else where this branch left the default branch. On the default branch itself
    that is HEAD: then the commit before it, or HEAD if the working tree has changes.

    Raises
    ------
    RevisionError
        If the revision is unknown, or the clone too shallow.
    """
    head = line("rev-parse", "--verify", "HEAD")
    if given is not None:
        if commit := commit_of(given):
            return Revision(commit, given)
        raise RevisionError(f"{given!r} is not a revision that git knows{_shallow_hint()}.")
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
    if commit != head:
        return Revision(commit, f"merge base with {branch}")
    if is_modified():
        return Revision(head, "HEAD, since the working tree differs from it")
    if parent := commit_of("HEAD^1"):
        return Revision(parent, "the commit before HEAD")
    if hint := _shallow_hint():
        raise RevisionError(f"the commit before HEAD is not here{hint}.")
    return None


def _shallow_hint() -> str:
    if line("rev-parse", "--is-shallow-repository") != "true":
        return ""
    return "; this clone is shallow: `git fetch --unshallow` gets its history, in CI fetch depth 0"


def read_at(commit: str, path: str) -> bytes | None:
    """Content of a file at a commit, ``None`` if it does not exist; paths from this folder."""
    if not git("ls-tree", "--name-only", commit, "--", path):
        return None
    return git("show", f"{commit}:./{path}")


def read_here(path: str) -> bytes | None:
    """Content of a file in the working tree, ``None`` if it does not exist."""
    file = Path(path)
    return file.read_bytes() if file.is_file() else None
