"""Every command of docs/experiments.md, in the small run."""

import json
import re

import pytest

from stages.params import yaml
from tests.pipeline.clone import ROOT, Clone
from tests.recipes.pages import recipes

PAGE = "docs/experiments.md"
RANK, MORE = recipes(PAGE, "Which setting should I use?")
SWEEP, TIDY = recipes(PAGE, "Sweep budget × strategy")
(BRANCHES,) = recipes(PAGE, "Compare two branches")
APPLY, BRANCH = recipes(PAGE, "Apply and keep an experiment")
PUSH, PULL = recipes(PAGE, "Share it through a remote")
(VS_CODE,) = recipes(PAGE, "In VS Code")


@pytest.mark.slow
def test_which_setting(clone):
    ranked, more = clone.shell(RANK), clone.shell(MORE)
    assert ": strong-penalty, learner.logistic_regression.C=0.01\n" in ranked
    assert re.search(r"^\| 1 .*\| best +\|$", ranked, flags=re.MULTILINE)
    assert (clone.path / "report/rank.png").is_file()
    assert "score at the end" in more
    assert "strong-penalty" in more  # dvc exp show
    assert ranked.endswith((clone.path / "report/rank.md").read_text("utf-8"))
    assert clone.changed_in_git() == []


@pytest.mark.slow
def test_what_failed_or_waits_is_not_ranked(clone):
    # DVC lists all three with metrics: those of the last two are the commit's.
    for name, setting in (
        ("good", "learner.logistic_regression.C=0.01"),
        ("bad", "learner.name=svm_rbf"),  # the scorer log_loss needs probabilities
    ):
        clone.dvc("exp", "run", "--queue", "--name", name, "-S", setting)
    clone.dvc("exp", "run", "--run-all")
    clone.dvc("exp", "run", "--queue", "--name", "waiting", "-S", "query_loop.budget=7")
    output = clone.run("python", "-m", "commands.rank").stdout
    assert "\n- not ranked: bad (failed)\n" in output
    assert "\n- not ranked: waiting (queued)\n" in output
    numbers = dict(re.findall(r"^- (\d+): ([\w-]+)", output, flags=re.MULTILINE))
    rows = [
        (strategy, numbers[number], mean)
        for strategy, number, mean in re.findall(
            r"^\| \d+ +\| (\w+) +\| (\d+) +\| ([\d.]+) ", output, flags=re.MULTILINE
        )
    ]
    assert {experiment for _, experiment, _ in rows} == {"main", "good"}
    # The means are those of the metrics, and the rows in their order.
    evidence = clone.json("metrics/strategies.json")["strategies"]
    for strategy, experiment, mean in rows:
        if experiment == "main":
            scores = evidence[strategy]["scores"]["accuracy"]
            assert float(mean) == pytest.approx(scores["aulc"]["mean"], abs=6e-5)
    means = [float(mean) for *_, mean in rows]
    assert means == sorted(means, reverse=True)


@pytest.mark.slow
def test_sweep(clone):
    ranked, _ = clone.shell(SWEEP), clone.shell(TIDY)
    assert "(has the scores of least_confidence of main)" in ranked
    assert "margin" in ranked
    shown = clone.dvc("exp", "list", "--name-only")
    assert set(shown.split()) >= {"sweep-3", "sweep-4"}
    assert not {"sweep-1", "sweep-2"} & set(shown.split())
    assert clone.changed_in_git() == []


@pytest.mark.slow
def test_two_branches(clone):
    output = clone.shell(BRANCHES)
    assert "learner.logistic_regression.C" in output
    assert ": strong-penalty, learner.logistic_regression.C=0.01\n" in output
    assert "dvc_plots/index.html" in output


@pytest.mark.slow
def test_apply_and_keep(clone):
    clone.shell(APPLY)
    params = yaml.read(clone.path / "params.yaml")
    assert params["learner"]["logistic_regression"]["C"] == 0.01
    assert clone.changed_in_git() == []
    assert clone.repro() == set()
    output = clone.shell(BRANCH)
    assert "params.yaml" in output
    assert clone.changed_in_git() == []


@pytest.mark.slow
def test_share(clone, tmp_path):
    clone.run("git", "init", "--quiet", "--bare", "--initial-branch", "main", "../origin.git")
    clone.run("git", "remote", "add", "origin", str(tmp_path / "origin.git"))
    clone.dvc("remote", "add", "--default", "storage", str(tmp_path / "storage"))
    clone.run("git", "commit", "--all", "--quiet", "--message", "Add a remote")
    clone.shell(PUSH)
    other = Clone(tmp_path / "other", clone.env)
    clone.run("git", "clone", "--quiet", str(tmp_path / "origin.git"), str(other.path))
    output = other.shell(PULL)
    assert "learner.logistic_regression.C=0.01" in output
    assert other.summary() == clone.summary()
    assert other.dvc("status").strip() == "Data and pipelines are up to date."


@pytest.mark.slow
def test_vs_code(clone):
    output = clone.shell(VS_CODE)
    decoder, found = json.JSONDecoder(), []
    text = output.strip()
    while text:
        value, end = decoder.raw_decode(text)
        found.append(value)
        text = text[end:].strip()
    experiments, plots, data = found
    assert [row["rev"] for row in experiments][:1] == ["workspace"]
    assert all(row["error"] is None for row in experiments)
    assert set(plots) == {"data"}  # and no errors
    assert set(plots["data"]) == {"learning_curves", "difference_to_random"}
    assert data["unchanged"]


def test_vs_code_is_told_of_the_extensions():
    folder = json.loads((ROOT / ".vscode/extensions.json").read_text("utf-8"))
    assert {"iterative.dvc", "redhat.vscode-yaml"} <= set(folder["recommendations"])
    first = (ROOT / "params.yaml").read_text("utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=params.schema.json"
    assert (ROOT / "params.schema.json").is_file()
