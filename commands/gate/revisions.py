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


def git(*arguments: str) -> bytes:
    """Output of a git command; a ``RevisionError`` with git's reason if it fails."""
    done = subprocess.run(
        ["git", *arguments], env=environment(), capture_output=True, stdin=subprocess.DEVNULL,
        check=False,
    )  # fmt: skip
    if done.returncode:
        *_, reason = ["", *done.stderr.decode(errors="replace").strip().splitlines()]
        raise RevisionError(f"`git {' '.join(arguments)}` failed: {reason}.")
    return done.stdout


def line(*arguments: str) -> str:
    """The one line that a git command prints."""
    return git(*arguments).decode().strip()


def commit_from(*command: str) -> str | None:
    """Full hash of the commit that a git command prints, ``None`` if it finds none."""
    try:
        return line(*command)
    except RevisionError:
        return None


def resolve(revision: str) -> str | None:
    """Full hash of the commit that a revision names, ``None`` if there is none."""
    name = f"{revision}^{{commit}}"
    return commit_from("rev-parse", "--quiet", "--verify", "--end-of-options", name)


def is_modified(*names: str) -> bool:
    """Whether tracked files of this folder, or these, have changes that are not committed."""
    return bool(git("status", "--porcelain", "--untracked-files=no", "--", *(names or ".")))


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
    is_shallow = line("rev-parse", "--is-shallow-repository") == "true"
    hint = "; this clone is shallow: `git fetch --unshallow` gets its history, in CI fetch depth 0"
    hint = hint if is_shallow else ""
    if given is not None:
        if commit := resolve(given):
            return Revision(commit, given)
        raise RevisionError(f"{given!r} is not a revision that git knows{hint}.")
    branch = next(filter(resolve, DEFAULT_BRANCHES), None)
    if branch is None:
        raise RevisionError(
            f"there is no default branch (looked for {', '.join(DEFAULT_BRANCHES)}); "
            f"name a revision with --base{hint}."
        )
    commit = commit_from("merge-base", "HEAD", branch)
    if commit is None:
        raise RevisionError(f"HEAD and {branch} have no commit in common{hint}.")
    if commit != head:
        return Revision(commit, f"merge base with {branch}")
    if is_modified():
        return Revision(head, "HEAD, since the working tree differs from it")
    if parent := resolve("HEAD^1"):
        return Revision(parent, "the commit before HEAD")
    if is_shallow:
        raise RevisionError(f"the commit before HEAD is not here{hint}.")
    return None


def read(path: str | Path, commit: str | None) -> bytes | None:
    """Content of a file at a commit, by default in the working tree; ``None`` if it is missing."""
    if commit is None:
        return Path(path).read_bytes() if Path(path).is_file() else None
    if not git("ls-tree", "--name-only", commit, "--", str(path)):
        return None
    return git("show", f"{commit}:./{path}")
