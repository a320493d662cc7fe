"""Label files as git has them: in commits, stashes, experiments, and objects that nothing names."""

import subprocess
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from stages import paths
from stages.git import GitError, environment, git, line

LARGEST = 50_000_000  # bytes of a blob without a name that may be a label file


def has_commits() -> bool:
    """Whether HEAD is a commit."""
    with suppress(GitError):
        return bool(line("rev-parse", "--verify", "--quiet", "HEAD"))
    return False


def versions(*revisions: str, stdin: bytes = b"") -> list[str]:
    """Blobs of all versions of all label files in these commits and behind them, oldest first.

    Every parent of a merge counts: a merge, too, can lose lines.
    """
    if "--stdin" in revisions and not stdin:
        return []  # git would take HEAD
    listed = git(
        "-c", "log.showRoot=true", "-c", "log.diffMerges=separate", "-c", "log.showSignature=false",
        "log", "--raw", "-m", "--full-history", "--topo-order", "--reverse", "--no-abbrev",
        "--no-renames", "--format=", *revisions, "--", str(paths.LABELS), stdin=stdin,
    )  # fmt: skip
    # :mode mode blob blob status<TAB>path
    return _unique(entry.split()[3] for entry in listed.decode().splitlines() if entry)


def staged() -> list[str]:
    """Blobs of label files in the index."""
    entries = git("ls-files", "--stage", "--", str(paths.LABELS)).decode().splitlines()
    return _unique(entry.split()[1] for entry in entries)


def at_refs(names: Iterable[str]) -> list[str]:
    """Blobs of the files with these names at the tips of branches, tags and remote branches."""
    refs = line("for-each-ref", "--format=%(refname)", "refs/heads", "refs/tags", "refs/remotes")
    folder = line("rev-parse", "--show-prefix") + paths.LABELS.as_posix()
    wanted = [f"{ref}:{folder}/{name}" for ref in refs.splitlines() for name in names]
    answers = git("cat-file", "--batch-check", stdin="\n".join(wanted).encode()).decode()
    # blob type size, or: request missing
    entries = [answer.split() for answer in answers.splitlines()]
    return _unique(entry[0] for entry in entries if entry[1] == "blob" and entry[2].isdecimal())


def in_worktrees(names: Iterable[str]) -> Iterator[bytes]:
    """Content of the files with these names in all worktrees of this repository."""
    names = list(names)
    folder = line("rev-parse", "--show-prefix") + paths.LABELS.as_posix()
    for entry in git("worktree", "list", "--porcelain").decode().splitlines():
        if entry.startswith("worktree "):
            for name in names:
                with suppress(OSError):
                    yield (Path(entry.removeprefix("worktree ")) / folder / name).read_bytes()


def stashed() -> list[str]:
    """Blobs in stashes; files that were new are behind the third parent."""
    with suppress(GitError):  # no stash
        commits = git("reflog", "show", "--format=%H", "refs/stash", "--")
        return versions("--stdin", stdin=commits)
    return []


def unreachable() -> list[str]:
    """Blobs that nothing leads to any more, such as those of a dropped stash."""
    listed = b""
    with suppress(GitError):  # the repository is damaged
        listed = git(
            "fsck", "--unreachable", "--no-reflogs", "--connectivity-only", "--no-progress"
        )
    by_kind: dict[str, list[str]] = {"commit": [], "blob": []}
    for entry in listed.decode().splitlines():
        _, kind, name = entry.split()
        by_kind.setdefault(kind, []).append(name)
    of_commits = versions("--stdin", stdin="\n".join(by_kind["commit"]).encode())
    sizes = git("cat-file", "--batch-check", stdin="\n".join(by_kind["blob"]).encode()).decode()
    loose = [name for name, _, size in map(str.split, sizes.splitlines()) if int(size) < LARGEST]
    return _unique([*of_commits, *loose])


def read_blobs(blobs: Iterable[str], *, skip_damaged: bool = False) -> Iterator[bytes]:
    """Content of blobs, one after the other."""
    with subprocess.Popen(
        ["git", "cat-file", "--batch"], env=environment(),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        asks, answers = process.stdin, process.stdout
        if asks is None or answers is None:
            return
        for blob in blobs:
            asks.write(blob.encode() + b"\n")
            asks.flush()
            answer = answers.readline().split()
            if len(answer) != 3:  # blob, type and size
                if skip_damaged:
                    continue
                raise GitError(f"git object {blob} cannot be read; `git fsck` says more.")
            yield answers.read(int(answer[2]))
            answers.read(1)
        asks.close()


def _unique(blobs: Iterable[str]) -> list[str]:
    return [blob for blob in dict.fromkeys(blobs) if blob.strip("0")]
