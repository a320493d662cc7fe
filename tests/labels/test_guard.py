"""Honest states of a repository pass the guard; what it says and what recovery keeps."""

import shutil
import subprocess
from pathlib import Path

import pytest

from active_learning.core.errors import ArtifactError
from stages.rounds import guard
from stages.rounds.journal import Journal
from tests.labels.repository import Command, Repository, event

LABELS = Path("rounds/labels/a1.jsonl")


@pytest.fixture
def labels(capsys):
    return Command(capsys)


@pytest.fixture
def empty(tmp_path, monkeypatch):
    return Repository(tmp_path / "project", monkeypatch)


@pytest.fixture
def project(empty):
    """Labels 1 to 3 at the tag `old`, 4 and 5 in another commit."""
    empty.give(1, 2, 3)
    empty.commit("Three")
    empty.git("tag", "old")
    empty.give(4, 5)
    empty.commit("Five")
    return empty


def no_commits(project):
    shutil.rmtree(".git")
    Repository(project.path, project.monkeypatch)
    LABELS.unlink()
    project.give(1)


def old_tag(project):
    project.git("checkout", "--quiet", "old")


def other_branch(project):
    project.git("checkout", "--quiet", "-b", "other", "old")
    project.give(8, 9)
    project.commit("Other")
    project.give(10)


def back_from_another_branch(project):
    other_branch(project)
    project.commit("Ten")
    project.git("checkout", "--quiet", "main")


def merged(project):
    back_from_another_branch(project)
    project.give(11)
    project.commit("Eleven")
    project.git("merge", "--quiet", "--no-edit", "other")
    assert project.numbers() == [1, 2, 3, 4, 5, 8, 9, 10, 11]
    project.git("branch", "--quiet", "-D", "other")


def squashed(project):
    back_from_another_branch(project)
    project.git("merge", "--quiet", "--squash", "other")
    project.commit("Squashed")
    project.git("branch", "--quiet", "-D", "other")


def rebased(project):
    back_from_another_branch(project)
    project.git("checkout", "--quiet", "other")
    project.git("rebase", "--quiet", "main")
    assert project.numbers() == [1, 2, 3, 4, 5, 8, 9, 10]


def stopped_in_a_rebase(project):
    back_from_another_branch(project)
    project.git("checkout", "--quiet", "other")
    project.run("sh", "-c", "GIT_SEQUENCE_EDITOR='sed -i 1s/pick/edit/' git rebase -i main")
    assert project.numbers() == [1, 2, 3, 4, 5, 8, 9]


def cherry_picked(project):
    back_from_another_branch(project)
    project.git("cherry-pick", "other~1")
    assert project.numbers() == [1, 2, 3, 4, 5, 8, 9]


def amended(project):
    project.give(6)
    project.git("commit", "--quiet", "--all", "--amend", "--no-edit")


def detached(project):
    project.git("checkout", "--quiet", "--detach")
    project.give(6)
    project.commit("Six")


def fresh_clone(project):
    back_from_another_branch(project)
    project.git("clone", "--quiet", ".", "../clone")
    project.enter(project.path.parent / "clone")
    project.give(12)


def shallow_clone(project):
    project.git("clone", "--quiet", "--depth", "1", f"file://{project.path}", "../clone")
    project.enter(project.path.parent / "clone")
    assert project.git("rev-list", "--count", "HEAD") == "1"


def pulled(project):
    project.git("clone", "--quiet", ".", "../clone")
    first = project.path
    project.enter(project.path.parent / "clone")
    project.give(12)
    project.commit("Twelve")
    project.give(13)
    project.enter(first)
    project.give(6)
    project.commit("Six")
    project.git("pull", "--quiet", "--no-rebase", "--no-edit", "../clone", "HEAD")
    assert project.numbers() == [1, 2, 3, 4, 5, 6, 12]


def only_a_remote_branch_has_it(project):
    project.git("init", "--quiet", "--bare", "../remote")
    project.git("remote", "add", "origin", "../remote")
    other_branch(project)
    project.commit("Ten")
    project.git("push", "--quiet", "origin", "other")
    project.git("checkout", "--quiet", "main")
    project.git("branch", "--quiet", "-D", "other")


def worktree(project):
    project.git("worktree", "add", "--quiet", "-b", "other", "../worktree", "old")
    project.give(6)
    project.enter(project.path.parent / "worktree")
    project.give(8)
    assert project.numbers() == [1, 2, 3, 8]


def beside_a_worktree(project):
    main = project.path
    worktree(project)
    project.enter(main)


def subfolder(project):
    folder = project.path / "sub" / "project"
    folder.mkdir(parents=True)
    project.enter(folder)
    project.give(20, 21)
    project.commit("Sub")
    project.give(22)
    assert project.numbers() == [20, 21, 22]


def beside_a_subfolder(project):
    top = project.path
    subfolder(project)
    project.enter(top)


def windows_line_ends(project):
    LABELS.write_bytes(LABELS.read_bytes().replace(b"\n", b"\r\n"))


def torn_tail(project):
    with LABELS.open("ab") as file:
        file.write(event(6).line()[:100])
    project.commit("Torn")
    project.give(7)


def settings_of_the_user(project):
    for setting in ("log.showRoot=false", "log.follow=true", "log.showSignature=true",
                    "diff.noprefix=true", "core.quotePath=true", "diff.renames=copies",
                    "log.diffMerges=off", "color.ui=always", "core.abbrev=5"):  # fmt: skip
        project.git("config", *setting.split("="))
    project.give(6)


HONEST = [
    no_commits, old_tag, other_branch, back_from_another_branch, merged, squashed, rebased,
    stopped_in_a_rebase, cherry_picked, amended, detached, fresh_clone, shallow_clone, pulled,
    only_a_remote_branch_has_it, worktree, beside_a_worktree, subfolder, beside_a_subfolder,
    windows_line_ends, torn_tail, settings_of_the_user,
]  # fmt: skip


@pytest.mark.parametrize("state", HONEST)
def test_honest_state_passes(project, labels, state):
    state(project)
    before = project.git("status", "--porcelain")
    assert "none is missing" in labels("check")
    assert project.git("status", "--porcelain") == before
