"""Damage of all kinds: the check fails with counts, and recovery gives every event."""

import shutil
from pathlib import Path

import pytest

from stages.rounds.journal import Journal
from tests.labels.repository import Repository, event

LABELS = Path("rounds/labels/a1.jsonl")


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """Labels 1 to 3 at the tag `old`, 4 and 5 in another commit, 6 and 7 in none."""
    with pytest.MonkeyPatch.context() as patch:
        project = Repository(tmp_path_factory.mktemp("base") / "project", patch)
        project.give(1, 2, 3)
        project.commit("Three")
        project.git("tag", "old")
        project.give(4, 5)
        project.commit("Five")
        project.give(6, 7)
        return project.path


@pytest.fixture
def project(base, tmp_path, monkeypatch):
    shutil.copytree(base, tmp_path / "project")
    return Repository(tmp_path / "project", monkeypatch)


def clean(project):
    project.git("checkout", "--quiet", ".")
    project.git("clean", "-fdxq")


def stash_with_a_new_file(project):
    project.git("add", "--all")
    project.give(8, by="a2")
    project.git("rm", "--cached", "--quiet", "rounds/labels/a2.jsonl")
    project.git("stash", "--include-untracked", "--quiet")


def drop_and_collect(project):
    project.git("stash", "--quiet")
    project.git("stash", "clear")
    project.git("reflog", "expire", "--expire=now", "--all")
    project.git("gc", "--quiet", "--prune=now")


def commit_truncated(project):
    project.commit("Seven")
    LABELS.write_bytes(b"".join(LABELS.read_bytes().splitlines(keepends=True)[:2]))
    project.commit("Bad")


def evil_merge(project):
    """The merge keeps one side."""
    project.commit("Seven")
    project.git("checkout", "--quiet", "-b", "other", "old")
    project.give(8, 9)
    project.commit("Other")
    project.git("checkout", "--quiet", "main")
    project.git("merge", "--quiet", "--strategy=ours", "--no-edit", "other")


def evil_merge_of_the_second_parent(project):
    evil_merge(project)
    project.git("reset", "--quiet", "--hard", "other")
    project.git("merge", "--quiet", "--strategy=ours", "--no-edit", "main@{1}")


def squeeze_history(project):
    """Only the second copy is left."""
    shutil.rmtree(".git/al-labels")
    project.commit("Seven")
    project.git("reset", "--quiet", "--hard", "old")
    project.give(8)
    project.git("checkout", "--quiet", ".")


def truncate_in_a_guess(project):
    """What is left of the line ends with a brace."""
    content = LABELS.read_bytes()
    LABELS.write_bytes(content[: content.rindex(b'"p":0.5}') + len(b'"p":0.5}')])


def replace(old, new):
    LABELS.write_bytes(LABELS.read_bytes().replace(old, new))


DAMAGE = {
    "checkout": lambda project: project.git("checkout", "--quiet", "."),
    "checkout --force": lambda project: project.git("checkout", "--quiet", "--force", "old"),
    "reset --hard": lambda project: project.git("reset", "--quiet", "--hard"),
    "reset --hard to a tag": lambda project: project.git("reset", "--quiet", "--hard", "old"),
    "stash": lambda project: project.git("stash", "--quiet"),
    "stash --include-untracked": stash_with_a_new_file,
    "clean": clean,
    "gc": drop_and_collect,
    "deleted": lambda _: LABELS.unlink(),
    "folder deleted": lambda _: shutil.rmtree("rounds"),
    "deleted and committed": lambda project: (project.git("rm", "-qf", str(LABELS)),
                                              project.commit()),
    "truncated": lambda _: LABELS.write_bytes(LABELS.read_bytes()[:30]),
    "truncated at a brace": truncate_in_a_guess,
    "truncated and committed": commit_truncated,
    "garbled": lambda _: replace(b'{"v":1', b"\x00\xff\xfe"),
    "one byte": lambda _: replace(b'"row":"r4"', b'"row":"q4"'),
    "labels replaced": lambda _: replace(b'"ham"', b'"spam"'),
    "newlines gone": lambda _: replace(b"\n", b""),
    "zeros": lambda _: LABELS.write_bytes(bytes(4096)),
    "ours": evil_merge,
    "ours, the other way": evil_merge_of_the_second_parent,
    "second copies deleted": squeeze_history,
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_every_event_comes_back(project, labels, damage):
    damage(project)
    n = 9 if "evil" in getattr(damage, "__name__", "") else 7
    n = 8 if damage in {stash_with_a_new_file, squeeze_history} else n
    error = labels.fails("check")
    assert " of a1" in error
    assert "rounds/labels" in error
    labels("recover")
    assert project.numbers() == list(range(1, n + 1))
    assert "none is missing" in labels("check")
    assert labels("recover").startswith("Nothing brought back")


COMMITTED = ["deleted and committed", "truncated and committed", "ours", "ours, the other way"]


@pytest.mark.parametrize("name", COMMITTED)
def test_committed_events_come_back_in_any_clone(project, labels, name):
    DAMAGE[name](project)
    shutil.rmtree(".git/al-labels")
    assert " of a1 are missing" in labels.fails("check")
    labels("recover")
    assert {1, 2, 3, 4, 5} <= set(project.numbers())
    if "ours" in name:
        assert {6, 7, 8, 9} <= set(project.numbers())


def test_events_of_the_first_commit_come_back(tmp_path, monkeypatch, labels):
    project = Repository(tmp_path / "project", monkeypatch)
    project.give(1, 2)
    project.commit()
    LABELS.write_bytes(event(3).line())
    project.commit()
    shutil.rmtree(".git/al-labels")
    assert labels.fails("check").startswith("2 labels of a1 are missing")
    labels("recover")
    assert project.numbers() == [1, 2, 3]


def test_changed_and_committed(project, labels):
    replace(b'"ham"', b'"spam"')
    project.commit()
    shutil.rmtree(".git/al-labels")
    assert labels.fails("check").startswith("5 labels of a1 are changed")
    labels("recover")
    events = Journal.of_repository().read().events
    assert [one.label for one in events] == 5 * ["ham"] + 2 * ["spam"]  # never committed as given


def test_dropped_stash(project, labels):
    project.git("stash", "--quiet")
    project.git("stash", "drop", "--quiet")
    shutil.rmtree(".git/al-labels")
    assert "a1: 2 events from objects that git has not removed yet" in labels("recover")
    assert project.numbers() == [1, 2, 3, 4, 5, 6, 7]


def test_staged_file_that_a_reset_removed(project, labels):
    project.give(8, by="a2")
    project.git("reset", "--quiet", "--hard")
    shutil.rmtree(".git/al-labels")
    assert "a2: 1 event from objects that git has not removed yet" in labels("recover")


def test_line_that_runs_into_one_of_another_commit(project, labels):
    LABELS.write_bytes(LABELS.read_bytes().rstrip())
    project.commit()
    shutil.rmtree(".git/al-labels")
    with LABELS.open("ab") as file:
        file.write(event(8).line())
    assert labels.fails("check").startswith("1 label of a1 is missing")
    labels("recover")
    assert project.numbers() == [1, 2, 3, 4, 5, 6, 7, 8]
