"""Files of the project at a git revision, and the revision to compare with."""

from dataclasses import dataclass
from pathlib import Path

from stages.git import GitError, git, head, line

DEFAULT_BRANCHES = ("origin/HEAD", "origin/main", "origin/master", "main", "master")


@dataclass(frozen=True)
class Revision:
    """A commit, and how it was chosen."""

    commit: str
    chosen: str

    def __str__(self) -> str:
        return f"{self.commit[:7]} ({self.chosen})"


def commit_from(*command: str) -> str | None:
    """Full hash of the commit that a git command prints, ``None`` if it finds none."""
    try:
        return line(*command)
    except GitError:
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
    GitError
        If the revision is unknown, or the clone too shallow.
    """
    current = head()
    is_shallow = line("rev-parse", "--is-shallow-repository") == "true"
    hint = "; this clone is shallow: `git fetch --unshallow` gets its history, in CI fetch depth 0"
    hint = hint if is_shallow else ""
    if given is not None:
        if commit := resolve(given):
            return Revision(commit, given)
        raise GitError(f"{given!r} is not a revision that git knows{hint}.")
    branch = next(filter(resolve, DEFAULT_BRANCHES), None)
    if branch is None:
        raise GitError(
            f"there is no default branch (looked for {', '.join(DEFAULT_BRANCHES)}); "
            f"name a revision with --base{hint}."
        )
    commit = commit_from("merge-base", "HEAD", branch)
    if commit is None:
        raise GitError(f"HEAD and {branch} have no commit in common{hint}.")
    if commit != current:
        return Revision(commit, f"merge base with {branch}")
    if is_modified():
        return Revision(current, "HEAD, since the working tree differs from it")
    if parent := resolve("HEAD^1"):
        return Revision(parent, "the commit before HEAD")
    if is_shallow:
        raise GitError(f"the commit before HEAD is not here{hint}.")
    return None


def read(path: str | Path, commit: str | None) -> bytes | None:
    """Content of a file at a commit, by default in the working tree; ``None`` if it is missing."""
    if commit is None:
        return Path(path).read_bytes() if Path(path).is_file() else None
    if not git("ls-tree", "--name-only", commit, "--", str(path)):
        return None
    return git("show", f"{commit}:./{path}")
