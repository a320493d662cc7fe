"""Git as a command, in the repository of the working directory."""

import os
import subprocess
import sys
from pathlib import Path

from active_learning.core.errors import UserError

LOCATIONS = ("GIT_DIR", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_WORK_TREE")
_COMMIT = "git add --all && git commit -m Start"


class GitError(UserError):
    """A git command failed, for example because a revision cannot be read."""


class NoRepositoryError(GitError):
    """The working directory is in no git repository."""


def environment() -> dict[str, str]:
    """Environment in which stages find this Python, and git looks for the repository itself.

    A git hook names its repository in variables, which would also hold in a clone.
    """
    kept = {name: value for name, value in os.environ.items() if name not in LOCATIONS}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return kept | {"PATH": path, "DVC_NO_ANALYTICS": "1"}


def git(*arguments: str, stdin: bytes = b"") -> bytes:
    """Output of a git command.

    Raises
    ------
    GitError
        If git is missing, or fails; with its reason.
    """
    try:
        done = subprocess.run(
            ["git", *arguments], env=environment(), capture_output=True, input=stdin, check=False
        )
    except FileNotFoundError:
        raise GitError("git is not installed, or not on PATH.") from None
    if done.returncode:
        here = Path.cwd()
        if not any((folder / ".git").exists() for folder in (here, *here.parents)):
            raise NoRepositoryError(
                "this is not a git repository, which is needed: clone the project, or run "
                f"`git init && {_COMMIT}`."
            )
        reason = " ".join(done.stderr.decode(errors="replace").split())
        raise GitError(f"`git {' '.join(arguments)}` failed: {reason.removesuffix('.')}.")
    return done.stdout


def line(*arguments: str) -> str:
    """The one line that a git command prints."""
    return git(*arguments).decode().strip()


def head() -> str:
    """Full hash of the commit that is checked out.

    Raises
    ------
    GitError
        If there is no repository, or no commit in it.
    """
    line("rev-parse", "--git-dir")  # its error says what is wrong with the repository
    try:
        return line("rev-parse", "--verify", "HEAD")
    except GitError:
        raise GitError(f"the git repository has no commit yet; run `{_COMMIT}`.") from None
