"""Git as a command, in the repository of the working directory."""

import os
import subprocess
import sys
from pathlib import Path

from active_learning.core.errors import UserError

LOCATIONS = ("GIT_DIR", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_WORK_TREE")


class GitError(UserError):
    """A git command failed, for example because a revision cannot be read."""


def environment() -> dict[str, str]:
    """Environment in which stages find this Python, and git looks for the repository itself.

    A git hook names its repository in variables, which would also hold in a clone.
    """
    kept = {name: value for name, value in os.environ.items() if name not in LOCATIONS}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return kept | {"PATH": path, "DVC_NO_ANALYTICS": "1"}


def git(*arguments: str, stdin: bytes = b"") -> bytes:
    """Output of a git command; a ``GitError`` with git's reason if it fails."""
    done = subprocess.run(
        ["git", *arguments], env=environment(), capture_output=True, input=stdin, check=False
    )
    if done.returncode:
        *_, reason = ["", *done.stderr.decode(errors="replace").strip().splitlines()]
        raise GitError(f"`git {' '.join(arguments)}` failed: {reason}.")
    return done.stdout


def line(*arguments: str) -> str:
    """The one line that a git command prints."""
    return git(*arguments).decode().strip()
