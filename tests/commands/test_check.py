"""The gate as a command, in a real git repository with two revisions."""

import json
import os
from xml.etree import ElementTree as ET

import pytest

from commands import check
from tests.commands.repository import DATA, RULES


def outcome(capsys, *arguments):
    """Exit status and what was printed."""
    status = check.main(arguments)
    printed = capsys.readouterr()
    return status, printed.out + printed.err


def fails(capsys, *reasons, arguments=()):
    status, text = outcome(capsys, *arguments)
    assert status == 1, text
    assert "failed: " in text
    for reason in reasons:
        assert reason in text
    return text


def test_an_unchanged_run_passes(branch, capsys):
    branch.commit()
    status, text = outcome(capsys)
    assert status == 0
    assert "merge base with main" in text
    assert "passed: 5 checks" in text


def test_a_loss_fails_and_a_gain_passes(branch, capsys):
    base = branch.git("rev-parse", "--short=7", "main")
    branch.run(aulc=0.85, seed=1)
    branch.commit()
    text = fails(capsys, f"base: {base} (merge base with main)", "0.03 worse than the base")
    assert "why this rule: A loss of a whole point" in text
    branch.run(aulc=0.9, seed=1)
    branch.commit()
    assert outcome(capsys)[0] == 0


def test_a_run_on_other_splits_is_said_to_be_unpaired(branch, capsys):
    branch.run(data="other")
    branch.commit()
    status, text = outcome(capsys)
    assert status == 0
    assert "note: not paired" in text
    assert "data/raw is not the same in both" in text
    assert ", unpaired" in text


def test_another_budget_and_another_scorer_are_noted(branch, capsys):
    branch.run(changed={"n_labels": 130}, headline="f1_macro")
    branch.commit()
    status, text = outcome(capsys)
    assert status == 0
    assert "the score was accuracy and is f1_macro: every score is new" in text
    assert "end at 110 labels and at 130" in text


# What fails because it cannot be trusted.


def test_a_metric_that_was_edited_by_hand(branch, capsys):
    path = branch.path / "metrics/summary.json"
    path.write_text(path.read_text().replace("0.88", "0.98"), encoding="utf-8")
    fails(
        capsys,
        "metrics/summary.json in the working tree is not what dvc.lock says",
        "compare: metrics/summary.json modified",
    )


def test_an_edit_by_hand_that_was_committed(branch, capsys):
    path = branch.path / "metrics/strategies.json"
    path.write_text(path.read_text().replace("0.8", "0.9"), encoding="utf-8")
    branch.commit()
    fails(capsys, "metrics/strategies.json in the working tree is not what dvc.lock says")


def test_a_stale_run(branch, capsys):
    branch.write("source.txt", "2\n")
    branch.commit()
    fails(capsys, "`dvc status` is not clean: compare: source.txt modified", "Run `dvc repro`")


def test_outputs_that_are_not_here(branch, capsys):
    for name in DATA:
        (branch.path / name).unlink()
    fails(capsys, "data/raw deleted", "`dvc pull` or `dvc repro` brings them")


def test_a_frozen_stage(branch, capsys):
    path = branch.path / "dvc.yaml"
    path.write_text(path.read_text().replace("cmd: 'true'", "cmd: 'true'\n    frozen: true"))
    branch.write("source.txt", "2\n")
    fails(capsys, "stage compare is frozen")


@pytest.mark.parametrize("name", ["summary.json", "strategies.json", "curves.csv"])
def test_an_absent_metrics_file(branch, capsys, name):
    (branch.path / "metrics" / name).unlink()
    fails(capsys, f"metrics/{name} in the working tree is missing; `dvc repro` makes it")


@pytest.mark.parametrize("content", ["{", "[]", "0.9", "", "\x00"])
@pytest.mark.parametrize("name", ["summary.json", "strategies.json"])
def test_a_corrupt_metrics_file(branch, capsys, name, content):
    branch.write(f"metrics/{name}", content)
    branch.lock()
    branch.commit()
    fails(capsys, f"metrics/{name} in the working tree is damaged")


def test_a_corrupt_table_of_curves(branch, capsys):
    branch.write("metrics/curves.csv", "labels\n1\n")
    branch.lock()
    fails(capsys, "metrics/curves.csv in the working tree is damaged (its columns must be")


def test_a_summary_without_metrics(branch, capsys):
    branch.write("metrics/summary.json", "{}")
    branch.lock()
    branch.commit()
    fails(capsys, "margin.aulc, no_regression 0.005: is missing")
    branch.write("checks.yaml", "rules:\n- {metric: x, why: y, min: 0}\n")
    fails(capsys, "the rule matches nothing")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "high", None])
def test_a_metric_that_is_no_number(branch, capsys, value):
    margin = {"final": 0.88, "aulc": value}
    branch.run(changed={"margin": margin})
    branch.commit()
    fails(capsys, "FAIL margin.aulc, no_regression 0.005: ")


@pytest.mark.parametrize("content", [None, "stages: [", "stages: {}", "a"])
def test_a_lock_file_that_is_absent_or_damaged(branch, capsys, content):
    if content is None:
        (branch.path / "dvc.lock").unlink()
    else:
        branch.write("dvc.lock", content)
    fails(capsys, "FAIL metrics, as dvc.lock says: ")


@pytest.mark.parametrize("revision", ["nowhere", "HEAD~9", "--help", "a b"])
def test_an_unknown_revision(branch, capsys, revision):
    fails(
        capsys,
        f"{revision!r} is not a revision that git knows",
        "margin.aulc, no_regression 0.005: there is no base to compare with",
        arguments=[f"--base={revision}"],
    )


def test_an_unknown_revision_fails_even_if_no_rule_compares(branch, capsys):
    branch.write("checks.yaml", "rules:\n- {metric: ceiling, why: y, min: 0}\n")
    fails(capsys, "'nowhere' is not a revision", arguments=["--base", "nowhere"])


def test_a_base_that_was_edited_by_hand(branch, capsys):
    branch.git("switch", "--quiet", "main")
    path = branch.path / "metrics/summary.json"
    path.write_text(path.read_text().replace("0.88", "0.5"), encoding="utf-8")
    branch.commit()
    branch.run()
    branch.commit()
    fails(capsys, "metrics/summary.json at ", "is not what dvc.lock says")


def test_a_folder_without_git(branch, capsys, tmp_path_factory, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(branch.path.parent))
    (branch.path / ".git").rename(tmp_path_factory.mktemp("away") / "git")
    fails(capsys, "not a git repository")


# Which revision is the base.


def test_the_very_first_commit_has_only_new_metrics(repository, capsys):
    status, text = outcome(capsys)
    assert status == 0
    assert "this is the first commit, so every metric is new" in text
    assert "2 of them new, without a base" in text


def test_the_first_metrics_are_new(branch, capsys):
    branch.git("rm", "--quiet", "-r", "--cached", "metrics", "dvc.lock")
    base = branch.git("commit-tree", branch.git("write-tree"), "-m", "Test")
    branch.git("reset", "--quiet")
    status, text = outcome(capsys, "--base", base)
    assert status == 0
    assert "has no metrics, so every metric is new" in text


@pytest.mark.parametrize("names", [["metrics/summary.json"], ["metrics"]])
def test_a_base_whose_metrics_are_gone_does_not_make_them_new(branch, capsys, names):
    # Its dvc.lock still says that they were there.
    branch.git("rm", "--quiet", "-r", "--cached", *names)
    base = branch.git("commit-tree", branch.git("write-tree"), "-m", "Test")
    branch.git("reset", "--quiet")
    fails(
        capsys,
        f"metrics/summary.json at {base[:7]}",
        "is missing",
        "no_regression 0.005: there is no base to compare with",
        arguments=["--base", base],
    )


def test_on_the_default_branch_the_base_is_the_commit_before(repository, capsys):
    first = repository.git("rev-parse", "--short=7", "HEAD")
    repository.run(aulc=0.85)
    assert f"base: {first} (HEAD, since the working tree" in fails(capsys, "worse than the base")
    repository.commit()
    assert f"base: {first} (the commit before HEAD)" in fails(capsys, "worse than the base")


def test_after_a_merge_the_base_is_what_was_merged_into(branch, capsys):
    branch.run(aulc=0.85)
    branch.commit()
    branch.git("switch", "--quiet", "main")
    branch.write("other.txt", "")
    before = branch.commit()
    branch.git("merge", "--quiet", "--no-ff", "--no-edit", "feature")
    fails(capsys, f"base: {before[:7]} (the commit before HEAD)")


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
    assert outcome(capsys, "--base", "trunk")[0] == 0
    branch.write("checks.yaml", f"base: trunk\n{RULES}")
    assert "(trunk)" in outcome(capsys)[1]
    branch.write("checks.yaml", "rules:\n- {metric: ceiling, why: y, min: 0}\n")
    status, text = outcome(capsys)
    assert status == 0
    assert "note: no base: there is no default branch" in text


def test_a_shallow_clone_says_so(branch, capsys, tmp_path, monkeypatch):
    branch.git("switch", "--quiet", "main")
    branch.commit()
    source = branch.path.as_uri()
    branch.git("clone", "--quiet", "--depth=1", source, str(tmp_path / "shallow"))
    monkeypatch.chdir(tmp_path / "shallow")
    fails(capsys, "this clone is shallow: `git fetch --unshallow`")
    fails(capsys, "this clone is shallow", arguments=["--base", "HEAD~1"])


# Exit status 2: the rules themselves, or the command, are wrong.


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rules: []", "error: checks.yaml: rules must be"),
        ("rules:\n- {metric: '*.final', why: y, no_regressions: 0}", "unknown key"),
        ("rules:\n- {metric: first_repeat.final, why: y, no_regression: 0}", "for each repeat"),
    ],
)
def test_wrong_rules(branch, capsys, text, message):
    branch.write("checks.yaml", text)
    status, printed = outcome(capsys)
    assert status == 2
    assert message in printed
    assert len(printed.splitlines()) == 1


def test_no_rules(branch, capsys):
    (branch.path / "checks.yaml").unlink()
    status, text = outcome(capsys)
    assert (status, "checks.yaml is missing" in text) == (2, True)


@pytest.mark.parametrize(
    "arguments",
    [["--figure", "a.pdf"], ["--json", "-", "--junit", "-"], ["--nonsense"]],
)
def test_a_wrong_command(repository, arguments):
    with pytest.raises(SystemExit) as error:
        check.main(arguments)
    assert error.value.code == 2


# Reports.


@pytest.fixture
def worse(branch):
    branch.run(aulc=0.85, seed=1, strategies=("margin", "entropy", "random"))
    branch.commit()
    return branch


def test_all_reports_at_once(worse, capsys, tmp_path):
    folder = tmp_path / "out"
    names = {"markdown": "report.md", "json": "report.json", "junit": "report.xml"}
    arguments = [f"--{kind}={folder / name}" for kind, name in names.items()]
    fails(capsys, "entropy.aulc", arguments=arguments)
    assert {path.name for path in folder.iterdir()} == {*names.values(), "report.png"}
    assert (folder / "report.png").read_bytes().startswith(b"\x89PNG")
    text = (folder / "report.md").read_text(encoding="utf-8")
    assert "### Checks failed: 1 of 6 checks" in text
    assert "| `margin.aulc` | 0.8800 | 0.8500 | -0.0300 |" in text
    assert "❌ no_regression 0.005 |" in text
    assert "| `entropy.aulc` | – | 0.8700 |  |  | 🆕 no_regression 0.005 |" in text
    assert "](report.png)" in text
    root = ET.parse(folder / "report.xml").getroot()
    suite = root.find("testsuite")
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("6", "1", "1")
    assert "worse than the base" in suite.find("testcase/failure").get("message")
    found = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    assert not found["passed"]
    assert found["metrics"]["margin.aulc"]["difference"] == -0.03
    assert found["metrics"]["margin.aulc"]["paired"]
    assert found["metrics"]["entropy.aulc"]["base"] is None
    assert {one["status"] for one in found["checks"]} == {"pass", "fail", "new"}


def test_one_report_on_the_standard_output(worse, capsys):
    status, text = outcome(capsys, "--json", "-")
    assert status == 1
    assert json.loads(text)["base"]["chosen"] == "merge base with main"


def test_a_figure_is_the_same_every_time(worse, capsys, tmp_path):
    for name in ("one.svg", "two.svg"):
        outcome(capsys, "--figure", str(tmp_path / name))
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()
    text = (tmp_path / "one.svg").read_text(encoding="utf-8")
    assert "stroke-dasharray" in text


def test_reports_are_written_even_if_the_metrics_cannot_be_read(branch, capsys, tmp_path):
    (branch.path / "metrics/summary.json").unlink()
    outs = [f"--{kind}={tmp_path / kind}" for kind in ("markdown", "json", "junit")]
    fails(capsys, "is missing", arguments=outs)
    assert "is missing" in (tmp_path / "markdown").read_text(encoding="utf-8")
    assert "![" not in (tmp_path / "markdown").read_text(encoding="utf-8")
    assert not json.loads((tmp_path / "json").read_text(encoding="utf-8"))["passed"]
    assert ET.parse(tmp_path / "junit").getroot().find("testsuite").get("failures") == "2"


def test_help_and_schema(repository, capsys):
    with pytest.raises(SystemExit) as error:
        check.main(["--help"])
    assert error.value.code == 0
    assert "Exit status: 0 if every check passes" in capsys.readouterr().out
    assert check.main(["--write-schema"]) == 0
    assert (repository.path / "checks.schema.json").is_file()


def test_a_hook_s_repository_is_not_mistaken_for_this_one(branch, capsys, monkeypatch):
    monkeypatch.setenv("GIT_DIR", os.devnull)
    assert outcome(capsys)[0] == 0
