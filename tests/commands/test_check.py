"""The checks as a command, in a real git repository with two revisions."""

import json
import math
import os
import shutil

import pytest

from commands import check
from commands.checks import lock
from tests.commands.repository import AULC, DATA, MARGIN, OUTS, RULES

METRICS = OUTS[len(DATA) :]
REPEATS = MARGIN.replace("mean", "repeats")
NO_COMPARISON = "rules:\n- {metric: n_repeats, why: y, min: 0}\n"


def outcome(capsys, *arguments):
    """Exit status and what was printed."""
    status = check.main(arguments)
    printed = capsys.readouterr()
    return status, printed.out + printed.err


def passes(capsys, *notes, arguments=()):
    status, text = outcome(capsys, *arguments)
    assert status == 0, text
    for note in ("### Checks passed: ", *notes):
        assert note in text


def fails(capsys, *reasons, arguments=()):
    status, text = outcome(capsys, *arguments)
    assert status == 1, text
    for reason in ("### Checks failed: ", *reasons):
        assert reason in text


def edit(branch, name, old, new):
    text = (branch.path / name).read_text(encoding="utf-8")
    assert old in text
    branch.write(name, text.replace(old, new))


def commit_without(branch, *names):
    """Commit with these files left out; the working tree keeps them."""
    branch.git("rm", "--quiet", "-r", "--cached", *names)
    commit = branch.git("commit-tree", branch.git("write-tree"), "-m", "Test")
    branch.git("reset", "--quiet")
    return commit


def test_an_unchanged_run_passes(branch, capsys):
    branch.commit()
    passes(capsys, "passed: 3 checks", "(merge base with main)", "+0.0000 to +0.0000")


def test_a_loss_fails_and_a_gain_passes(branch, capsys):
    base = branch.git("rev-parse", "--short=7", "main")
    branch.run(aulc=0.85, seed=1)
    branch.commit()
    fails(
        capsys,
        f"Base: {base} (merge base with main)",
        f"FAIL `{MARGIN}`, no_regression 0.005: is 0.03 worse than the base",
        "Why this rule: A loss of a whole point",
    )
    branch.run(aulc=0.9, seed=1)
    branch.commit()
    passes(capsys)


def test_a_run_on_other_splits_is_not_paired(branch, capsys):
    branch.run(data="other")
    branch.commit()
    passes(capsys, "note: not paired", "data/raw is not the same in both", ", unpaired")


def test_another_scorer_is_noted_and_rules_that_name_the_old_one_fail(branch, capsys):
    branch.run(headline="f1_macro")
    branch.commit()
    fails(capsys, "the score was accuracy and is f1_macro", f"FAIL `{MARGIN}`", "is missing")
    branch.write("checks.yaml", RULES.replace("accuracy", "f1_macro"))
    passes(capsys, "new no_regression 0.005")


# What fails because it cannot be trusted: a change of the project, and the reasons.


def remove(*names):
    return lambda branch: [(branch.path / name).unlink() for name in names]


def replace(name, old, new, *, commit=False):
    return lambda branch: [edit(branch, name, old, new), commit and branch.commit()]


def write(name, content):
    return lambda branch: branch.write(name, content)


def damage(name, content):
    """Write a file that dvc.lock vouches for."""
    return lambda branch: [branch.write(name, content), branch.lock()]


def run(name, value):
    return lambda branch: branch.run(changed={name: value})


HERE = "in the working tree"
UNTRUSTED = {
    "edited": (
        replace("metrics/summary.json", "margin", "random"),
        f"metrics/summary.json {HERE} is not what dvc.lock says",
        "compare: metrics/summary.json modified",
    ),
    **{
        f"edited and committed {path}": (
            replace(path, "0.8", "0.9", commit=True),
            f"{path} {HERE} is not what dvc.lock says",
        )
        for path in ("metrics/strategies.json", "metrics/curves.csv")
    },
    "stale": (
        replace("source.txt", "1", "2", commit=True),
        "`dvc status` is not clean: compare: source.txt modified. Run `dvc repro`",
    ),
    "no data": (remove(*DATA), "data/raw deleted", "`dvc pull` or `dvc repro` brings them"),
    "frozen stage": (
        replace("dvc.yaml", "cmd: 'true'", "cmd: 'true'\n    frozen: true"),
        "stage compare is frozen in dvc.yaml",
    ),
    "damaged dvc.yaml": (
        replace("dvc.yaml", "stages:", "stages: ["),
        "`pipeline`, up to date: `dvc status` failed: ",
    ),
    **{
        f"no {path}": (remove(path), f"{path} {HERE} is missing. Run `dvc repro`")
        for path in METRICS
    },
    **{
        f"{path} {content!r}": (damage(path, content), f"{path} {HERE} is damaged")
        for path, contents in zip(
            METRICS,
            (["", "labels\n1\n"], ["[]", "{}"], ["{"]),
            strict=True,
        )
        for content in contents
    },
    **{
        f"{value!r} repeats": (
            run("n_repeats", value),
            f"metrics/strategies.json {HERE} is damaged (n_repeats",
        )
        for value in (20.5, True)
    },
    "19 values": (run(REPEATS, [0.9] * 19), f"{REPEATS} must be 20 finite numbers"),
    "NaN": (run(MARGIN, math.nan), f"`{MARGIN}`, no_regression 0.005: is not a finite number: NaN"),
    "no directions": (run("greater_is_better", True), "greater_is_better has no accuracy"),
    **{
        f"dvc.lock {content!r}": (
            write("dvc.lock", content) if content else remove("dvc.lock"),
            "FAIL `inputs`, can be read: ",
            "FAIL `pipeline`, up to date: ",
        )
        for content in (None, "stages: [", "a")
    },
}


@pytest.mark.parametrize(
    ("change", "reasons"), [(change, says) for change, *says in UNTRUSTED.values()], ids=UNTRUSTED
)
def test_what_cannot_be_trusted_fails(branch, capsys, change, reasons):
    change(branch)
    fails(capsys, *reasons)


def test_changed_params_are_listed_and_many_changes_counted(branch):
    edit(branch, "dvc.yaml", "deps:", "params: [a.b, c]\n    deps:")
    edit(branch, "dvc.lock", "    outs:", "    params: {params.yaml: {a.b: 1, c: 2}}\n    outs:")
    branch.write("params.yaml", "{a: {b: 2}}")
    branch.write("source.txt", "2\n")
    changes = "compare: source.txt modified; compare: a.b modified; compare: c deleted. Run"
    assert changes in lock.stale()
    remove(*DATA)(branch)
    assert "; and 2 more. Run `dvc repro`" in lock.stale()


# A base that cannot be read.


@pytest.mark.parametrize("revision", ["nowhere", "HEAD~9", "--help", "a b"])
def test_an_unknown_revision(branch, capsys, revision):
    branch.write("checks.yaml", NO_COMPARISON)
    reason = f"{revision!r} is not a revision that git knows"
    fails(capsys, reason, arguments=[f"--base={revision}"])


def test_a_base_that_was_edited_by_hand(branch, capsys):
    branch.git("switch", "--quiet", "main")
    edit(branch, "metrics/summary.json", "margin", "random")
    branch.commit()
    branch.run()
    branch.commit()
    fails(capsys, "metrics/summary.json at ", "is not what dvc.lock says")


@pytest.mark.parametrize("names", [["metrics/summary.json"], ["metrics"], ["dvc.lock"]])
def test_a_base_that_lacks_a_file(branch, capsys, names):
    # What is left still says that there were metrics, so they are not new.
    base = commit_without(branch, *names)
    fails(capsys, f" at {base[:7]} is missing", arguments=["--base", base])


def test_a_base_with_a_damaged_lock_file(branch, capsys):
    branch.write("dvc.lock", "stages: [")
    branch.git("add", "dvc.lock")
    base = commit_without(branch, "metrics")
    branch.lock()
    fails(capsys, f"dvc.lock at {base[:7]} is damaged", arguments=["--base", base])


def test_without_git_or_a_commit(branch, capsys, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(branch.path.parent))
    shutil.rmtree(branch.path / ".git")
    fails(capsys, "not a git repository")
    branch.git("init", "--quiet")
    fails(capsys, "the git repository has no commit yet")


def test_a_branch_without_a_common_commit(branch, capsys):
    branch.git("switch", "--quiet", "--orphan", "other")
    branch.git("restore", "--source", "main", ".")
    branch.commit()
    fails(capsys, "HEAD and main have no commit in common")


def test_a_shallow_clone_says_so(branch, capsys, tmp_path, monkeypatch):
    branch.git("switch", "--quiet", "main")
    branch.commit()
    branch.git("clone", "--quiet", "--depth=1", branch.path.as_uri(), str(tmp_path / "shallow"))
    monkeypatch.chdir(tmp_path / "shallow")
    fails(capsys, "this clone is shallow: `git fetch --unshallow`")
    fails(capsys, "this clone is shallow", arguments=["--base", "HEAD~1"])


# Which revision is the base.


def test_the_very_first_commit_has_only_new_metrics(repository, capsys):
    note = "this is the first commit, so every metric is new"
    passes(capsys, note, "2 of them new, without a base")


def test_the_first_metrics_are_new(branch, capsys):
    base = commit_without(branch, "metrics", "dvc.lock")
    passes(capsys, "has no metrics, so every metric is new", arguments=["--base", base])


def test_on_the_default_branch_the_base_is_the_commit_before(repository, capsys):
    first = repository.git("rev-parse", "--short=7", "HEAD")
    repository.run(aulc=0.85)
    fails(capsys, f"Base: {first} (HEAD, since the working tree", "worse than the base")
    repository.commit()
    fails(capsys, f"Base: {first} (the commit before HEAD)", "worse than the base")


def test_after_a_merge_the_base_is_what_was_merged_into(branch, capsys):
    branch.run(aulc=0.85)
    branch.commit()
    branch.git("switch", "--quiet", "main")
    branch.write("other.txt", "")
    before = branch.commit()
    branch.git("merge", "--quiet", "--no-ff", "--no-edit", "feature")
    fails(capsys, f"Base: {before[:7]} (the commit before HEAD)")


def test_the_remote_s_default_branch_comes_first(branch, capsys, tmp_path, monkeypatch):
    branch.git("branch", "--quiet", "--move", "main", "trunk")
    branch.git("switch", "--quiet", "trunk")
    branch.git("clone", "--quiet", str(branch.path), str(tmp_path / "clone"))
    monkeypatch.chdir(tmp_path / "clone")
    branch.path = tmp_path / "clone"
    branch.git("switch", "--quiet", "--create", "topic")
    branch.commit()
    assert "(merge base with origin/HEAD)" in outcome(capsys)[1]


def test_without_a_default_branch_one_has_to_be_named(branch, capsys):
    branch.git("branch", "--quiet", "--move", "main", "trunk")
    fails(capsys, "there is no default branch", "name a revision with --base")
    branch.write("checks.yaml", f"base: trunk\n{RULES}")
    passes(capsys, "(trunk)")
    branch.write("checks.yaml", NO_COMPARISON)
    passes(capsys, "note: no base: there is no default branch")


def test_a_hook_s_repository_is_not_mistaken_for_this_one(branch, capsys, monkeypatch):
    monkeypatch.setenv("GIT_DIR", os.devnull)
    passes(capsys)


# Exit status 2: the rules themselves, or the command, are wrong.


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "error: checks.yaml is missing"),
        ("rules: []", "error: checks.yaml: rules must be a list of at least 1"),
        ("rules: [", "error: checks.yaml: line 2: invalid YAML: "),
        ("rules:\n- {metric: first_repeat.final, why: y, no_regression: 0}", "over repeats"),
    ],
)
def test_wrong_rules(branch, capsys, text, message):
    (branch.path / "checks.yaml").unlink()
    if text:
        branch.write("checks.yaml", text)
    status, printed = outcome(capsys)
    assert status == 2
    assert message in printed
    assert len(printed.splitlines()) == 1


def test_a_wrong_command():
    with pytest.raises(SystemExit) as error:
        check.main(["--nonsense"])
    assert error.value.code == 2


# Reports.


def test_reports(branch, capsys, tmp_path):
    branch.run(aulc=0.85, seed=1, names=("margin", "entropy", "random"))
    branch.commit()
    page, data, picture = (tmp_path / "out" / f"check.{kind}" for kind in ("md", "json", "png"))
    entropy = AULC.format("entropy")
    fails(capsys, entropy, arguments=[f"--markdown={page}", f"--json={data}"])
    assert picture.read_bytes().startswith(b"\x89PNG")
    text = " ".join(page.read_text(encoding="utf-8").split())
    for part in (
        "### Checks failed: 1 of 4 checks",
        f"| `{MARGIN}` | 0.8800 | 0.8500 | -0.0300 |",
        "FAIL no_regression 0.005 |",
        f"| `{entropy}` | – | 0.8700 | | | new no_regression 0.005 |",
        "](check.png)",
    ):
        assert part in text
    values = json.loads(data.read_text(encoding="utf-8"))
    assert not values["passed"]
    assert values["base"]["chosen"] == "merge base with main"
    assert values["metrics"][MARGIN]["difference"] == -0.03
    assert values["metrics"][MARGIN]["paired"]
    assert values["metrics"][entropy]["base"] is None
    assert {one["status"] for one in values["checks"]} == {"pass", "fail", "new"}


def test_reports_are_written_even_if_the_metrics_cannot_be_read(branch, capsys, tmp_path):
    (branch.path / "metrics/summary.json").unlink()
    page, data = tmp_path / "check.md", tmp_path / "check.json"
    fails(capsys, "is missing", arguments=[f"--markdown={page}", f"--json={data}"])
    text = page.read_text(encoding="utf-8")
    assert "is missing" in text
    assert "![" not in text
    assert not json.loads(data.read_text(encoding="utf-8"))["passed"]
