"""Honest states of a repository pass the guard; what it says and what recovery keeps."""

import shutil
from pathlib import Path
from threading import Event, Thread

import pytest

from active_learning.core.errors import ArtifactError
from stages.rounds import guard
from stages.rounds import journal as module
from stages.rounds.journal import Journal
from tests.labels.repository import Repository, event

LABELS = Path("rounds/labels/a1.jsonl")


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """Labels 1 to 3 at the tag `old`, 4 and 5 in another commit."""
    with pytest.MonkeyPatch.context() as patch:
        project = Repository(tmp_path_factory.mktemp("base") / "project", patch)
        project.give(1, 2, 3)
        project.commit("Three")
        project.git("tag", "old")
        project.give(4, 5)
        project.commit("Five")
        return project.path


@pytest.fixture
def project(base, tmp_path, monkeypatch):
    shutil.copytree(base, tmp_path / "project")
    return Repository(tmp_path / "project", monkeypatch)


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


def only_a_tag_has_it(project):
    project.give(6)
    project.commit("Six")
    project.git("tag", "new")
    project.git("reset", "--quiet", "--hard", "old")


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
    only_a_remote_branch_has_it, only_a_tag_has_it, worktree, beside_a_worktree, subfolder,
    beside_a_subfolder,
    windows_line_ends, torn_tail, settings_of_the_user,
]  # fmt: skip


@pytest.mark.parametrize("state", HONEST)
def test_honest_state_passes(project, labels, state):
    state(project)
    before = project.git("status", "--porcelain")
    assert "none is missing" in labels("check")
    assert project.git("status", "--porcelain") == before


def test_message_names_annotator_count_file_and_time(project, labels):
    project.give(70, 71)
    project.git("checkout", "--quiet", ".")
    assert labels.fails("check") == (
        "2 labels of a1 are missing from rounds/labels/a1.jsonl; the newest was given "
        "2026-01-01 01:11 UTC. `python -m commands.labels recover` brings them back."
    )


def test_message_names_all_annotators(project, labels):
    project.give(70, 71)
    project.give(72, by="a2")
    project.give(73, by="a3")
    shutil.rmtree("rounds")
    project.git("checkout", "--quiet", "HEAD", "--", "rounds")
    assert labels.fails("check").startswith(
        "2 labels of a1, 1 of a2 and 1 of a3 are missing from rounds/labels; the newest was given "
        "2026-01-01 01:13 UTC."
    )


def test_message_tells_changed_from_missing(project, labels):
    LABELS.write_bytes(LABELS.read_bytes().replace(b'"row":"r4"', b'"row":"q4"'))
    assert labels.fails("check").startswith(
        "1 label of a1 is changed in rounds/labels/a1.jsonl; the newest was given "
        "2026-01-01 00:04 UTC. `python -m commands.labels recover` brings it back."
    )
    LABELS.write_bytes(LABELS.read_bytes().partition(b"\n")[2])
    assert labels.fails("check").startswith("2 labels of a1 are missing from or changed in rounds/")


def test_what_only_another_branch_has_is_a_note(project, labels):
    back_from_another_branch(project)
    assert "3 events given in this clone" in labels("check")


def test_refusal_writes_nothing(project):
    project.give(6)
    project.git("checkout", "--quiet", ".")
    before = LABELS.read_bytes(), project.git("status", "--porcelain")
    with pytest.raises(ArtifactError, match="1 label of a1 is missing"):
        guard.refuse_missing(Journal.of_repository())
    assert (LABELS.read_bytes(), project.git("status", "--porcelain")) == before


def test_label_that_is_given_meanwhile_is_no_loss(project, monkeypatch):
    """The guard reads between the two writes, if it can."""
    journal = Journal.of_repository()
    append, read = module._append, module._read
    giving = Thread(target=project.give, args=(6,))
    checked = Event()

    def append_late(path, wanted):
        if path == LABELS:
            checked.wait(0.3)
        return append(path, wanted)

    def give_meanwhile(folder):
        if folder == journal.copies:
            giving.start()
            giving.join(0.1)
        return read(folder)

    monkeypatch.setattr(module, "_append", append_late)
    monkeypatch.setattr(module, "_read", give_meanwhile)
    losses = guard.find_losses(journal)
    checked.set()
    giving.join()
    assert not losses.missing
    assert 6 in project.numbers()


def test_change_that_was_committed_and_put_right_passes(project, labels):
    content = LABELS.read_bytes()
    LABELS.write_bytes(content.replace(b'"ham"', b'"spam"'))
    project.commit("Bad")
    assert labels.fails("check").startswith("5 labels of a1 are changed")
    labels("recover")
    project.commit("Good")
    assert "none is missing" in labels("check")
    assert {one.label for one in Journal.of_repository().read().events} == {"ham"}
    shutil.rmtree(".git/al-labels")  # then the oldest version in git is the right one
    assert "none is missing" in labels("check")


def test_losses_are_seen_whatever_the_settings_of_the_user(project, labels):
    settings_of_the_user(project)
    shutil.rmtree(".git/al-labels")
    project.commit("Six")
    LABELS.write_bytes(b"")
    project.commit("Bad")
    assert labels.fails("check").startswith("6 labels of a1 are missing")


@pytest.mark.parametrize(
    "state", [subfolder, beside_a_subfolder, worktree, detached, shallow_clone]
)
def test_losses_are_seen_everywhere(project, labels, state):
    state(project)
    before = project.numbers()
    project.give(30, 31)
    project.git("checkout", "--quiet", "HEAD", "--", "rounds")
    assert "of a1 are missing" in labels.fails("check")
    labels("recover")
    assert set(project.numbers()) >= {*before, 30, 31}


def test_worktree_that_is_removed_with_its_labels(project, labels):
    beside_a_worktree(project)
    assert "none is missing" in labels("check")
    project.git("worktree", "remove", "--force", "../worktree")
    assert labels.fails("check").startswith("1 label of a1 is missing")
    labels("recover")
    assert project.numbers() == [1, 2, 3, 4, 5, 6, 8]


def test_branch_that_is_deleted_with_its_labels(project, labels):
    back_from_another_branch(project)
    project.git("branch", "--quiet", "-D", "other")
    assert labels.fails("check").startswith("3 labels of a1 are missing")
    shutil.rmtree(".git/al-labels")
    assert "3 events from the reflog" in labels("recover")


def test_recovery_says_where_labels_came_from(project, labels):
    other_branch(project)
    project.commit("Ten")
    project.git("checkout", "--quiet", "main")
    project.give(6)
    project.git("stash", "--quiet")
    shutil.rmtree(".git/al-labels")
    project.give(7)
    project.git("checkout", "--quiet", ".")
    LABELS.write_bytes(LABELS.read_bytes().partition(b"\n")[2])
    assert labels("recover").splitlines() == [
        "a1: 1 event from earlier commits",
        "a1: 3 events from other branches and tags",
        "a1: 1 event from stashes",
        "a1: 1 event from the second copy in .git/al-labels",
        "6 brought back; rounds/labels has 10 events.",
    ]


def test_recovery_keeps_what_is_there(project, labels):
    with LABELS.open("ab") as file:
        file.write(event(6).line() + event(7).line()[:100])
    project.give(8)
    before = LABELS.read_bytes()
    LABELS.write_bytes(before.partition(b"\n")[2])
    labels("recover")
    assert LABELS.read_bytes() == before.partition(b"\n")[2] + event(1).line()


def conflict(project, attributes):
    Path(".gitattributes").write_text(attributes, encoding="utf-8")
    project.commit("Attributes")
    project.git("checkout", "--quiet", "-b", "other")
    project.give(6, 7)
    project.commit("Other")
    project.git("checkout", "--quiet", "main")
    project.give(8)
    project.commit("Eight")
    project.git("merge", "--quiet", "--no-edit", "other", ok=False)


def test_union_merge_of_two_machines(project, labels):
    conflict(project, Path(".gitattributes").read_text(encoding="utf-8"))
    assert "none is missing" in labels("check")
    assert project.numbers() == [1, 2, 3, 4, 5, 6, 7, 8]


def test_conflict_markers(project, labels):
    conflict(project, "")
    content = LABELS.read_bytes()
    assert b"<<<<<<<" in content
    assert "rounds/labels/a1.jsonl, line 6: must be JSON" in (error := labels.fails("check"))
    assert error.endswith("`python -m commands.labels recover` sets such lines aside.")
    output = labels("recover")
    (copy,) = Path(".git/al-labels/damaged").iterdir()
    assert str(copy) in output
    assert copy.read_bytes() == content
    assert project.numbers() == [1, 2, 3, 4, 5, 6, 7, 8]
    project.commit("Merged")
    assert "none is missing" in labels("check")


def test_one_side_of_a_conflict(project, labels):
    conflict(project, "")
    project.git("checkout", "--quiet", "--ours", str(LABELS))
    project.commit("Merged")
    assert labels.fails("check").startswith("2 labels of a1 are missing")
    labels("recover")
    assert project.numbers() == [1, 2, 3, 4, 5, 6, 7, 8]


def test_lines_that_ran_into_each_other_are_parted(project, labels):
    shutil.rmtree(".git/al-labels")
    LABELS.write_bytes(LABELS.read_bytes() + event(6).line().strip() + event(7).line())
    assert "line 6: must be JSON" in labels.fails("check")
    labels("recover")
    assert project.numbers() == [1, 2, 3, 4, 5, 6, 7]


def test_two_events_with_one_id(project, labels):
    shutil.rmtree(".git/al-labels")
    with LABELS.open("ab") as file:
        file.write(event(5, label="spam").line() + event(6).line() + event(6, label="spam").line())
    assert labels.fails("check").startswith("2 labels of a1 are changed in")
    labels("recover")
    events = Journal.of_repository().read().events
    assert [one.label for one in events] == ["ham"] * 6


def test_label_file_of_another_name(project, labels):
    shutil.rmtree(".git/al-labels")
    (LABELS.parent / "Anna.jsonl").write_bytes(event(6).line())
    assert "by must be 'Anna'" in labels.fails("check")
    labels("recover")
    assert project.numbers() == [1, 2, 3, 4, 5, 6]


def test_damaged_second_copy_does_no_harm(project, labels):
    copy = Path(".git/al-labels/a1.jsonl")
    copy.write_bytes(b"\x00\xff\n" + copy.read_bytes()[200:])
    assert "none is missing" in labels("check")
    project.give(6)
    assert "none is missing" in labels("check")


def test_forgotten_annotator_may_be_missing(project, labels):
    project.give(20, 21, by="a2")
    project.commit("Two")
    project.give(22, by="a2")
    project.give(6)
    assert "unknown annotator 'a22'; available: a1, a2; did you mean 'a2'?" in labels.fails(
        "forget", "a22"
    )
    output = labels("forget", "a2")
    assert "rounds/forgotten.txt lists a2; commit it." in output
    assert project.git("diff", "--cached", "--name-only") == "rounds/forgotten.txt"
    assert [path.name for path in Path(".git/al-labels").glob("*.jsonl")] == ["a1.jsonl"]
    assert "none is missing" in labels("check")
    project.git("rm", "--quiet", "--force", "rounds/labels/a2.jsonl")
    project.commit("Forget")
    assert "none is missing" in labels("check")
    assert labels("recover").startswith("Nothing")
    assert project.numbers() == [1, 2, 3, 4, 5, 6]
    with pytest.raises(ArtifactError, match=r"rounds/forgotten.txt lists a2, so labels of a2"):
        project.give(23, by="a2")
    labels("forget", "a2")
    LABELS.unlink()
    assert labels.fails("check").startswith("6 labels of a1 are missing")


def standing_rows(project):
    from active_learning.rounds.votes import standing

    return sorted(row for row, _ in standing(Journal.of_repository().read().events))


def test_retract_takes_back_a_session(project, labels):
    project.give(20, 21, by="a2")
    times = ["--since", "2026-01-01T00:02:00Z", "--until", "2026-01-01T00:04:00Z"]
    assert labels("retract", "--by", "a1", *times, "--dry-run").startswith(
        "2 decisions of a1 would be taken back."
    )
    assert standing_rows(project) == ["r1", "r2", "r20", "r21", "r3", "r4", "r5"]
    assert labels("retract", "--by", "a1", *times).startswith("2 decisions of a1 taken back.")
    assert standing_rows(project) == ["r1", "r20", "r21", "r4", "r5"]
    assert labels("retract", "--by", "a1", *times).startswith("0 decisions")
    assert labels("retract", "--by", "a2", "--row", "r21").startswith("1 decision of a2")
    assert labels("retract", "--by", "a1").startswith("3 decisions")
    assert standing_rows(project) == ["r20"]
    assert "none is missing" in labels("check")


def test_retract_of_the_unknown(project, labels):
    assert "unknown annotator 'a9'; available: a1" in labels.fails("retract", "--by", "a9")
