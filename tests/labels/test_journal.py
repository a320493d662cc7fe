"""The label log on disk: written twice before it is acknowledged, whatever comes between."""

import errno
import json
import os
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from active_learning.core.errors import ArtifactError
from stages.git import NoRepositoryError
from stages.rounds import journal as module
from stages.rounds.journal import Journal
from stages.rounds.lines import by_id, split
from tests.labels.repository import Repository, event

LABELS = Path("rounds/labels/a1.jsonl")
COPY = Path(".git/al-labels/a1.jsonl")


@pytest.fixture
def project(tmp_path, monkeypatch):
    return Repository(tmp_path / "project", monkeypatch)


def test_no_repository(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(NoRepositoryError):
        Journal.of_repository()


def test_both_copies_have_the_lines(project):
    project.give(1, 2)
    project.give(3, by="a2")
    project.give(4)
    expected = event(1).line() + event(2).line() + event(4).line()
    assert LABELS.read_bytes() == COPY.read_bytes() == expected
    assert project.numbers() == [1, 2, 3, 4]


def test_new_file_is_staged_and_nothing_else(project):
    Path("other").touch()
    project.give(1)
    project.give(2)
    assert project.git("diff", "--cached", "--name-only") == str(LABELS)
    assert project.git("log", "--all", "--oneline") == ""


def test_new_file_is_staged_although_a_pattern_ignores_it(project):
    Path(".gitignore").write_text("*.jsonl\n", encoding="utf-8")
    project.give(1)
    assert project.git("diff", "--cached", "--name-only") == str(LABELS)


def test_event_that_is_there_is_not_written_again(project):
    project.give(1, 2)
    before = LABELS.read_bytes()
    later = event(1, time="2027-01-01T00:00:00.000Z")
    Journal.of_repository().append([later, event(2), later])
    assert LABELS.read_bytes() == COPY.read_bytes() == before


def test_event_sent_again_after_half_a_write_is_what_it_was(project):
    project.give(1)
    LABELS.write_bytes(b"")
    Journal.of_repository().append([event(1, time="2027-01-01T00:00:00.000Z")])
    assert LABELS.read_bytes() == event(1).line()


def test_id_in_a_line_that_was_cut_short_does_not_count(project):
    project.give(1)
    torn = event(2).line()[: event(2).line().index(b'"p":0.5}') + 8]
    for path in (LABELS, COPY):
        path.write_bytes(path.read_bytes() + torn)
    project.give(2)
    expected = event(1).line() + torn + b"\n" + event(2).line()
    assert LABELS.read_bytes() == COPY.read_bytes() == expected
    assert project.numbers() == [1, 2]


def test_file_that_git_replaces_meanwhile_is_written_again(project, monkeypatch):
    project.give(1)
    write, replaced = os.write, []

    def replace_before(file, content):
        if not replaced and os.path.samestat(os.fstat(file), LABELS.stat()):
            replaced.append(LABELS.read_bytes())
            LABELS.unlink()
            LABELS.write_bytes(replaced[0])
        return write(file, content)

    monkeypatch.setattr(os, "write", replace_before)
    project.give(2)
    assert replaced
    assert project.numbers() == [1, 2]


@pytest.mark.parametrize("removed", [LABELS, LABELS.parent.parent])
def test_file_that_is_removed_meanwhile_is_written_again(project, monkeypatch, removed):
    project.give(1)
    fsync, done = os.fsync, []

    def remove_before(file):
        if not done and LABELS.exists() and os.path.samestat(os.fstat(file), LABELS.stat()):
            done.append(True)
            project.run("rm", "-r", str(removed))
        fsync(file)

    monkeypatch.setattr(os, "fsync", remove_before)
    project.give(2)
    assert done
    assert LABELS.read_bytes() == event(2).line()


def test_each_file_is_on_disk_before_the_next_is_written(project, monkeypatch):
    steps = []

    def name(file):
        path = Path(f"/proc/self/fd/{file}").readlink()
        return str(path).removeprefix(f"{project.path.resolve()}/")

    def record(step, call):
        def recorded(file, *arguments):
            steps.append((step, name(file)))
            return call(file, *arguments)

        return recorded

    monkeypatch.setattr(os, "write", record("write", os.write))
    monkeypatch.setattr(os, "fsync", record("sync", os.fsync))
    project.give(1)
    copy, labels = str(COPY), str(LABELS)
    order = [step for step in steps if step[1] in {copy, labels}]
    assert order == [("write", copy), ("sync", copy), ("write", labels), ("sync", labels)]
    assert ("sync", str(LABELS.parent)) in steps
    assert ("sync", str(COPY.parent)) in steps


def test_short_writes_are_completed(project, monkeypatch):
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, content: write(file, content[:7]))
    project.give(1, 2)
    assert LABELS.read_bytes() == COPY.read_bytes() == event(1).line() + event(2).line()


@pytest.mark.parametrize("full", [LABELS, COPY])
def test_full_disk(project, monkeypatch, full):
    project.give(1)
    write = os.write

    def write_until_full(file, content):
        if os.path.samestat(os.fstat(file), full.stat()):
            if len(content) < 20:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return write(file, content[: len(content) // 2])
        return write(file, content)

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", write_until_full)
        with pytest.raises(ArtifactError) as error:
            project.give(2)
    assert str(error.value) == f"{full} cannot be written (No space left on device)."
    assert project.numbers() == [1]
    project.give(2)
    assert project.numbers() == [1, 2]
    assert Journal.of_repository().finish() == []


def test_locked_index(project, monkeypatch):
    monkeypatch.setattr(module, "PAUSE", 0.001)
    Path(".git/index.lock").touch()
    with pytest.raises(ArtifactError, match=r"The labels are saved in rounds/labels/a1.jsonl, but"):
        project.give(1)
    assert project.numbers() == [1]
    project.give(1)
    Path(".git/index.lock").unlink()
    assert Journal.of_repository().finish() == []
    assert project.git("diff", "--cached", "--name-only") == str(LABELS)


def test_index_that_is_locked_for_a_moment(project, monkeypatch):
    Path(".git/index.lock").touch()
    monkeypatch.setattr(
        module.time, "sleep", lambda seconds: seconds and Path(".git/index.lock").unlink()
    )
    project.give(1)
    assert project.git("diff", "--cached", "--name-only") == str(LABELS)


def test_label_is_saved_after_a_kill_although_the_index_is_locked(project, monkeypatch):
    monkeypatch.setattr(module, "PAUSE", 0.001)
    with killed_after(len(event(1).line()) + 9), suppress(KilledError):
        project.give(1)
    Path(".git/index.lock").touch()
    with pytest.raises(ArtifactError, match=r"saved in rounds/labels/a1.jsonl, but"):
        project.give(2)
    assert project.numbers() == [1, 2]
    project.give(3)
    assert project.numbers() == [1, 2, 3]


class KilledError(BaseException):
    """Stands for SIGKILL: from then on, nothing is written or truncated."""


@contextmanager
def killed_after(n_bytes):
    """Kill the writer once it has written this many bytes; what is open is closed."""
    write, truncate = os.write, os.ftruncate
    left = n_bytes

    def write_or_die(file, content):
        nonlocal left
        n = write(file, content[:left])
        left -= n
        if n < len(content):
            raise KilledError
        return n

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "write", write_or_die)
        patch.setattr(os, "ftruncate", lambda file, size: left and truncate(file, size))
        patch.setattr(module, "_stage", lambda _: None)
        yield


@pytest.fixture(scope="module")
def anywhere(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        yield Repository(tmp_path_factory.mktemp("anywhere") / "project", patch)


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.lists(st.integers(1, 9), min_size=1, max_size=3), st.integers(0, 4000)),
        max_size=6,
    )
)
def test_killed_at_any_point(anywhere, batches):
    with TemporaryDirectory(dir=anywhere.path) as folder:
        journal = Journal(Path(folder) / "labels", Path(folder) / "copies")
        saved = set()
        for batch, n_bytes in batches:
            events = [event(number) for number in batch]
            with killed_after(n_bytes), suppress(KilledError):
                journal.append(events)
                saved |= {one.id for one in events}
        journal.finish()
        log = journal.read()
        there = {one.id for one in log.events}
        _, copies = journal.both()
        assert saved <= there
        assert there == {name for copy in copies.values() for name in by_id(split(copy))}
        assert log.n_duplicates == 0
        assert journal.finish() == []


@pytest.mark.parametrize("n_kills", [30, pytest.param(300, marks=pytest.mark.slow)])
def test_no_saved_label_is_lost_by_kills(project, n_kills):
    result = json.loads(project.run(sys.executable, "-m", "tests.labels.kills", str(n_kills)))
    assert result["saved"] > n_kills
    counts = [result[name] for name in ("lost", "missing", "alarms", "twice")]
    assert (counts, result["errors"]) == ([0, 0, 0, 0], [])
