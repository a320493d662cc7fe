"""The guard: no label that was given may be missing from rounds/labels.

These must be there: every event of every version of the label files in HEAD and behind it, and
every event of the second copies, unless a branch, a tag, a remote branch or another worktree has
it. So an old tag, a colleague's branch and a fresh clone pass.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path

from pydantic_core import from_json

from active_learning.core.errors import ArtifactError, DataError
from active_learning.core.sentences import count
from active_learning.rounds.log import read_log
from stages.rounds import history, lines
from stages.rounds.journal import RECOVER, Journal


@dataclass(frozen=True)
class Losses:
    """Lines of events that the label files lack, by the ids of the events.

    Attributes
    ----------
    missing : dict of str to bytes
        Events that should be there.
    changed : dict of str to bytes
        Events that are there with another content; the line as it was given.
    elsewhere : dict of str to bytes
        Events of the second copies that another branch or worktree has: no loss.
    """

    missing: Mapping[str, bytes] = field(default_factory=dict)
    changed: Mapping[str, bytes] = field(default_factory=dict)
    elsewhere: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Recovery:
    """What was brought back.

    Attributes
    ----------
    n_events : dict of (str, str) to int
        Number of events, by annotator and source.
    set_aside : dict of str to Path
        For each file that was damaged, the copy that was made of it.
    """

    n_events: Mapping[tuple[str, str], int]
    set_aside: Mapping[str, Path]


def find_losses(journal: Journal) -> Losses:
    """Compare the label files with what they must hold."""
    blobs = history.versions("HEAD") if history.has_commits() else []
    files, copies = journal.both()
    present = lines.versions_by_id(_split(files.values()))
    known = {line for versions in present.values() for line in versions}
    # Only lines that the label files do not have are parsed.
    committed = lines.by_id(_new_lines(history.read_blobs(blobs), known, files.values()))
    copied = lines.by_id(_new_lines(copies.values(), known, files.values()))
    forgotten = journal.forgotten()
    suspects = {
        name: line for name, line in (copied | committed).items() if _by(line) not in forgotten
    }
    absent = {name: line for name, line in suspects.items() if name not in present}
    elsewhere = _elsewhere({name: absent[name] for name in absent.keys() - committed.keys()})
    contested = [
        name for name, versions in present.items() if name in suspects or len(set(versions)) > 1
    ]
    return Losses(
        missing={name: line for name, line in absent.items() if name not in elsewhere},
        changed=_changed(contested, present, copies, blobs) if contested else {},
        elsewhere=elsewhere,
    )


def refuse_missing(journal: Journal) -> Losses:
    """Check that the label files hold every event that they must hold.

    Returns
    -------
    Losses
        What is elsewhere only; nothing else.

    Raises
    ------
    ArtifactError
        If events are missing or were changed; says whose and how many.
    """
    losses = find_losses(journal)
    events = [*losses.missing.values(), *losses.changed.values()]
    if not events:
        return losses
    verbs = ["missing from"] * bool(losses.missing) + ["changed in"] * bool(losses.changed)
    by_annotator = sorted(Counter(map(_by, events)).items())
    (first, n_first), *others = by_annotator
    counts = [count(n_first, "label") + f" of {first}", *(f"{n} of {by}" for by, n in others)]
    place = journal.labels if others else journal.labels / f"{first}.jsonl"
    newest = max(from_json(line)["time"] for line in events)
    raise ArtifactError(
        f"{join_items(counts)} {'is' if len(events) == 1 else 'are'} {' or '.join(verbs)} {place}; "
        f"the newest was given {newest[:10]} {newest[11:16]} UTC. {RECOVER} brings "
        f"{'it' if len(events) == 1 else 'them'} back."
    )


def recover(journal: Journal) -> Recovery:
    """Bring back every event that git or a second copy has.

    Lines that are events stay where they are. A file with others, such as the markers of a merge
    conflict, is copied beside the second copies before these lines are taken out.
    """
    journal.finish()
    originals = find_losses(journal).changed
    set_aside = {
        name: copy
        for name in journal.files()
        if (copy := journal.take_out(name, partial(_is_damaged, name, originals)))
    }
    files = journal.files().values()
    present = set(lines.by_id(_split(files)))
    known: set[bytes] = set()
    forgotten = journal.forgotten()
    n_events: Counter[tuple[str, str]] = Counter()
    for source, contents in _sources(journal, set_aside.values()):
        events = [
            event
            for event in lines.events(_new_lines(contents, known, files))
            if event.id not in present and event.by not in forgotten
        ]
        first = {event.id: event for event in reversed(events)}
        journal.append(list(first.values())[::-1])
        present |= first.keys()
        n_events.update((event.by, source) for event in first.values())
    return Recovery(n_events, set_aside)


def join_items(items: Collection[str]) -> str:
    """Items as a sentence names them."""
    *others, last = items
    return f"{', '.join(others)} and {last}" if others else last


def _split(contents: Iterable[bytes]) -> Iterator[bytes]:
    for content in contents:
        yield from lines.split(content)


def _new_lines(
    contents: Iterable[bytes], known: set[bytes], files: Collection[bytes] = ()
) -> Iterator[bytes]:
    """Lines that are not known, which are known from then on.

    Contents that one of the files begins with are skipped: those of most commits are.
    """
    for content in contents:
        if content.endswith(b"\n") and any(file.startswith(content) for file in files):
            continue
        new = [line for line in lines.split(content) if line not in known]
        known.update(new)
        yield from new


def _elsewhere(absent: Mapping[str, bytes]) -> dict[str, bytes]:
    """Those of the events that a branch, a tag, a remote branch or another worktree has."""
    if not absent:
        return {}
    names = sorted({f"{_by(line)}.jsonl" for line in absent.values()})
    contents = chain(history.read_blobs(history.at_refs(names)), history.in_worktrees(names))
    there = set(_split(contents))
    return {name: line for name, line in absent.items() if line in there}


def _changed(
    contested: Iterable[str],
    present: Mapping[str, list[bytes]],
    copies: Mapping[str, bytes],
    blobs: Sequence[str],
) -> dict[str, bytes]:
    """Those of the events that are there with another content, as they were given.

    The second copy is the original, else the oldest version in git, else the first in the files.
    """
    of_git = _new_lines(history.read_blobs(blobs), set())
    originals = lines.by_id(chain(_split(copies.values()), of_git))
    changed = {}
    for name in contested:
        original = originals.get(name, present[name][0])
        if any(lines.parse(line) != lines.parse(original) for line in present[name]):
            changed[name] = original
    return changed


def _sources(journal: Journal, damaged: Iterable[Path]) -> Iterator[tuple[str, Iterable[bytes]]]:
    """Where events can be, the safest first."""
    yield f"the second copy in {journal.copies}", journal.both()[1].values()
    read: set[str] = set()
    for source, find in {
        "earlier commits": lambda: history.versions("HEAD") if history.has_commits() else [],
        "the index": history.staged,
        "other branches and tags": lambda: history.versions("--branches", "--tags", "--remotes"),
        "stashes": history.stashed,
        "experiments": lambda: history.versions("--glob=refs/exps"),
        "the reflog": lambda: history.versions("--reflog"),
        "objects that git has not removed yet": history.unreachable,
    }.items():
        blobs = [blob for blob in find() if blob not in read]
        yield source, history.read_blobs(blobs, skip_damaged=True)
        read.update(blobs)
    # Two lines can have run into each other.
    yield "damaged files", (path.read_bytes().replace(b'{"v":', b'\n{"v":') for path in damaged)


def _is_damaged(file: str, originals: Mapping[str, bytes], line: bytes) -> bool:
    """Whether reading refuses the line, or its event was given with another content."""
    try:
        read_log({file: line})
    except DataError:
        return True
    fields = lines.parse(line)
    original = originals.get(fields["id"]) if fields else None
    return original is not None and fields != lines.parse(original)


def _by(line: bytes) -> str:
    return str(from_json(line)["by"])
