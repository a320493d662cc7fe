"""The gate as a command, in a real git repository with two revisions."""

import json
import os
import shutil

import pytest

from commands import check
from commands.gate import lock
from tests.commands.repository import AULC, DATA, MARGIN, RULES

NO_COMPARISON = "rules:\n- {metric: n_repeats, why: y, min: 0}\n"


def outcome(capsys, *arguments):
    """Exit status and what was printed."""
    status = check.main(arguments)
    printed = capsys.readouterr()
    return status, printed.out + printed.err


def passes(capsys, *notes, arguments=()):
    status, text = outcome(capsys, *arguments)
    assert status == 0, text
    assert "### Checks passed: " in text
    for note in notes:
        assert note in text
    return text


def fails(capsys, *reasons, arguments=()):
    status, text = outcome(capsys, *arguments)
    assert status == 1, text
    assert "### Checks failed: " in text
    for reason in reasons:
        assert reason in text
    return text


def edit(branch, name, old, new):
    path = branch.path / name
    assert old in path.read_text(encoding="utf-8")
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


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


# What fails because it cannot be trusted.


def test_a_metric_that_was_edited_by_hand(branch, capsys):
    edit(branch, "metrics/summary.json", "margin", "random")
    fails(
        capsys,
        "metrics/summary.json in the working tree is not what dvc.lock says",
        "compare: metrics/summary.json modified",
    )


@pytest.mark.parametrize("name", ["strategies.json", "curves.csv"])
def test_an_edit_by_hand_that_was_committed(branch, capsys, name):
    edit(branch, f"metrics/{name}", "0.8", "0.9")
    branch.commit()
    fails(capsys, f"metrics/{name} in the working tree is not what dvc.lock says")


def test_a_stale_run(branch, capsys):
    branch.write("source.txt", "2\n")
    branch.commit()
    fails(capsys, "`dvc status` is not clean: compare: source.txt modified", "Run `dvc repro`")


def test_outputs_that_are_not_here(branch, capsys):
    for name in DATA:
        (branch.path / name).unlink()
    fails(capsys, "data/raw deleted", "`dvc pull` or `dvc repro` brings them")


def test_changed_params_are_listed_and_many_changes_counted(branch):
    edit(branch, "dvc.yaml", "deps:", "params: [a.b, c]\n    deps:")
    edit(branch, "dvc.lock", "    outs:", "    params: {params.yaml: {a.b: 1, c: 2}}\n    outs:")
    branch.write("params.yaml", "{a: {b: 2}}")
    branch.write("source.txt", "2\n")
    changes = "compare: source.txt modified; compare: a.b modified; compare: c deleted. Run"
    assert changes in lock.stale()
    for name in DATA:
        (branch.path / name).unlink()
    assert "; and 2 more. Run `dvc repro`" in lock.stale()


def test_a_frozen_stage(branch, capsys):
    edit(branch, "dvc.yaml", "cmd: 'true'", "cmd: 'true'\n    frozen: true")
    branch.write("source.txt", "2\n")
    fails(capsys, "stage compare is frozen in dvc.yaml")


def test_a_pipeline_that_dvc_cannot_read(branch, capsys):
    branch.write("dvc.yaml", "stages: [")
    fails(capsys, "`pipeline`, up to date: `dvc status` failed: ")


@pytest.mark.parametrize("name", ["summary.json", "strategies.json", "curves.csv"])
def test_an_absent_metrics_file(branch, capsys, name):
    (branch.path / "metrics" / name).unlink()
    fails(capsys, f"metrics/{name} in the working tree is missing; `dvc repro` makes it")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        *((name, content) for name in ("summary", "strategies") for content in ("{", "[]", "0.9")),
        ("summary", ""),
        ("summary", "\x00"),
        ("strategies", "{}"),
        ("curves", ""),
        ("curves", "labels\n1\n"),
    ],
)
def test_a_damaged_metrics_file(branch, capsys, name, content):
    path = f"metrics/{name}.{'csv' if name == 'curves' else 'json'}"
    branch.write(path, content)
    branch.lock()
    fails(capsys, f"{path} in the working tree is damaged")


@pytest.mark.parametrize("value", ["x", 20.5, None, True])
def test_a_number_of_repeats_that_is_none(branch, capsys, value):
    branch.run(changed={"n_repeats": value})
    branch.commit()
    fails(capsys, "metrics/strategies.json in the working tree is damaged (n_repeats)")


def test_strategies_without_the_metric_of_a_rule(branch, capsys):
    branch.run(changed={"strategies.margin.scores": {}})
    branch.commit()
    fails(capsys, f"FAIL `{MARGIN}`, no_regression 0.005: is missing")
    branch.write("checks.yaml", "rules:\n- {metric: x, why: y, min: 0}\n")
    fails(capsys, "FAIL `x`, matches: metrics/strategies.json has no such value")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "high", None])
def test_a_metric_that_is_not_a_number(branch, capsys, value):
    branch.run(changed={MARGIN: value})
    branch.commit()
    fails(capsys, f"FAIL `{MARGIN}`, no_regression 0.005: is not a finite number: ")


def test_values_of_repeats_that_are_damaged(branch, capsys):
    evidence = json.loads((branch.path / "metrics/strategies.json").read_text(encoding="utf-8"))
    del evidence["strategies"]["margin"]["scores"]["accuracy"]["aulc"]["repeats"][0]
    branch.write("metrics/strategies.json", json.dumps(evidence))
    branch.lock()
    fails(capsys, MARGIN.replace("mean", "repeats") + " must be 20 finite numbers")


@pytest.mark.parametrize("content", [None, "stages: [", "stages: {}", "a", "\x00"])
def test_a_lock_file_that_is_absent_or_damaged(branch, capsys, content):
    if content is None:
        (branch.path / "dvc.lock").unlink()
    else:
        branch.write("dvc.lock", content)
    fails(capsys, "FAIL `inputs`, can be read: ", "FAIL `pipeline`, up to date: ")


# A base that cannot be read.


@pytest.mark.parametrize("revision", ["nowhere", "HEAD~9", "--help", "a b"])
def test_an_unknown_revision(branch, capsys, revision):
    reason = f"{revision!r} is not a revision that git knows"
    fails(capsys, reason, arguments=[f"--base={revision}"])
    branch.write("checks.yaml", NO_COMPARISON)
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
    fails(capsys, f" at {base[:7]}", "is missing", arguments=["--base", base])


def test_a_base_with_a_damaged_lock_file(branch, capsys):
    branch.write("dvc.lock", "stages: [")
    branch.git("add", "dvc.lock")
    base = commit_without(branch, "metrics")
    branch.lock()
    fails(capsys, f"dvc.lock at {base[:7]}", "is damaged", arguments=["--base", base])


def test_a_folder_without_git(branch, capsys, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(branch.path.parent))
    shutil.rmtree(branch.path / ".git")
    fails(capsys, "not a git repository")


def test_a_repository_without_a_commit(branch, capsys):
    shutil.rmtree(branch.path / ".git")
    branch.git("init", "--quiet")
    fails(capsys, "`git rev-parse --verify HEAD` failed")


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


# A base of an earlier version: strategies.json says which way is better of one scorer only, and
# summary.json has the first repeat.


def test_a_loss_to_a_base_of_an_earlier_version_fails(branch, capsys):
    branch.git("switch", "--quiet", "main")
    branch.run(old=True)
    branch.commit()
    branch.run()
    passes(capsys, "+0.0000 to +0.0000")
    branch.run(aulc=0.85, seed=1)
    fails(capsys, f"FAIL `{MARGIN}`, no_regression 0.005: is 0.03 worse than the base")


def test_the_first_repeat_of_an_earlier_version_is_compared(branch, capsys):
    rule = "- {metric: first_repeat.final, why: y, max_drop: 0.01}\n"
    branch.write("checks.yaml", f"{RULES}{rule}")
    branch.git("switch", "--quiet", "main")
    branch.run(old=True)
    branch.commit()
    branch.run(changed={"first_repeat.final": 0.89})
    fails(capsys, "FAIL `first_repeat.final`, max_drop 0.01: is 0.02 worse than the base")


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
    passes(capsys, arguments=["--base", "trunk"])
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
        ("rules: []", "error: checks.yaml: rules must be"),
        ("rules:\n- {metric: first_repeat.final, why: y, no_regression: 0}", "over repeats"),
    ],
)
def test_wrong_rules(branch, capsys, text, message):
    branch.write("checks.yaml", text)
    status, printed = outcome(capsys)
    assert status == 2
    assert message in printed
    assert len(printed.splitlines()) == 1


@pytest.mark.parametrize("arguments", [["--markdown", "-", "--json", "-"], ["--nonsense"]])
def test_a_wrong_command(arguments):
    with pytest.raises(SystemExit) as error:
        check.main(arguments)
    assert error.value.code == 2


# Reports.


def test_all_reports_at_once(branch, capsys, tmp_path):
    branch.run(aulc=0.85, seed=1, strategies=("margin", "entropy", "random"))
    branch.commit()
    folder = tmp_path / "out"
    arguments = [f"--markdown={folder / 'gate.md'}", f"--json={folder / 'gate.json'}"]
    fails(capsys, AULC.format("entropy"), arguments=arguments)
    assert {path.name for path in folder.iterdir()} == {"gate.md", "gate.json", "gate.png"}
    picture = (folder / "gate.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    text = " ".join((folder / "gate.md").read_text(encoding="utf-8").split())
    assert "### Checks failed: 1 of 4 checks" in text
    assert f"| `{MARGIN}` | 0.8800 | 0.8500 | -0.0300 |" in text
    assert "FAIL no_regression 0.005 |" in text
    assert f"| `{AULC.format('entropy')}` | – | 0.8700 | | | new no_regression 0.005 |" in text
    assert "](gate.png)" in text
    found = json.loads((folder / "gate.json").read_text(encoding="utf-8"))
    assert not found["passed"]
    assert found["base"]["chosen"] == "merge base with main"
    assert found["metrics"][MARGIN]["difference"] == -0.03
    assert found["metrics"][MARGIN]["paired"]
    assert found["metrics"][AULC.format("entropy")]["base"] is None
    assert {one["status"] for one in found["checks"]} == {"pass", "fail", "new"}
    status, printed = outcome(capsys, "--json=-", arguments[0])
    assert status == 1
    assert json.loads(printed) == found
    assert (folder / "gate.png").read_bytes() == picture


def test_reports_are_written_even_if_the_metrics_cannot_be_read(branch, capsys, tmp_path):
    (branch.path / "metrics/summary.json").unlink()
    outs = [f"--{kind}={tmp_path / kind}" for kind in ("markdown", "json")]
    fails(capsys, "is missing", arguments=outs)
    text = (tmp_path / "markdown").read_text(encoding="utf-8")
    assert "is missing" in text
    assert "![" not in text
    assert not json.loads((tmp_path / "json").read_text(encoding="utf-8"))["passed"]


def test_help_and_schema(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as error:
        check.main(["--help"])
    assert error.value.code == 0
    assert "Exit status: 0 if every check passes" in capsys.readouterr().out
    assert check.main(["--write-schema"]) == 0
    assert (tmp_path / "checks.schema.json").is_file()
