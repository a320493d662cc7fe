"""What README and docs say that commands do and print, with the default params."""

import json
import re

import pytest

from tests.pipeline.clone import ROOT
from tests.recipes.pages import quotes, read, recipes

(COMPARE,) = recipes("README.md", "Compare experiments")
(LIST,) = quotes("README.md", "Compare experiments")
(RANKING,) = quotes("docs/experiments.md", "Which setting should I use?")
(WATCH,) = recipes("README.md", "Let CI watch the metrics")
(CHECK,) = recipes("docs/checks.md", "Checks on the metrics")
(SUMMARY,) = recipes("docs/checks.md", "Reports")
(REPORT,) = recipes("docs/ci.md", "Continuous integration")


@pytest.fixture(scope="session")
def default(made, project):
    """The project with its default params after a run, on a branch; not to be changed."""

    def run(clone):
        clone.repro()
        if clone.changed_in_git():  # dvc.lock was older than the code
            clone.commit()
        clone.run("git", "switch", "--create", "feature")
        clone.run("git", "commit", "--allow-empty", "--message", "Begin")
        clone.link_environment()

    return made("default", project, run)


@pytest.mark.slow
def test_experiments_are_compared(default, tmp_path, run):
    clone = default.copy(tmp_path / "clone")
    clone.run("git", "switch", "main")
    printed = run(COMPARE, clone)
    assert f"{RANKING}\n" in f"{printed}\n"
    assert max(map(len, RANKING.splitlines())) <= 80
    assert clone.params()["learner"]["logistic_regression"]["C"] == 0.01
    (command,) = re.findall(r"^dvc exp show .*", COMPARE, re.MULTILINE)
    assert cells(run(f"{command} --drop Created", clone, COLUMNS="80")) == cells(LIST)


def cells(text):
    """Words of each row of a table, without lines and the hashes of commits."""
    rows = [re.sub(r"─+|\b[0-9a-f]{7}\b", "", line).split() for line in text.splitlines()]
    return [row for row in rows if row]


@pytest.mark.slow
def test_the_metrics_are_watched(default, tmp_path, run):
    clone = default.copy(tmp_path / "clone")
    checked = run(WATCH, clone)
    assert "| strategies.least_confidence.scores.accuracy.aulc.mean |" in checked
    clone.run("git", "tag", "v1.0", "main")
    clone.run("git", "update-ref", "refs/remotes/origin/main", "main")
    assert "--base REV" in run(CHECK, clone)
    assert clone.json("report/check.json")
    (clone.path / "report/check.md").unlink()
    run(REPORT, clone)
    summary = tmp_path / "summary.md"
    assert run(SUMMARY, clone, GITHUB_STEP_SUMMARY=str(summary)) == ""
    report = (clone.path / "report/check.md").read_text("utf-8")
    assert summary.read_text("utf-8").splitlines()[0] == report.splitlines()[0]


def test_the_figures_of_the_default_run():
    metrics = json.loads((ROOT / "metrics/strategies.json").read_text("utf-8"))
    chosen, random = (metrics["strategies"][name] for name in ("least_confidence", "random"))
    scores, control = chosen["scores"]["accuracy"], random["scores"]["accuracy"]
    ceiling = metrics["ceilings"]["accuracy"]
    first = [scores["initial"], scores["final"], control["final"], ceiling]
    readme, tutorial = plain(read("README.md")), plain(read("docs/tutorial.md"))
    for row, values in (
        ("first split, that of the tutorial", [score["repeats"][0] for score in first]),
        ("mean of 20 splits", [score["mean"] for score in first]),
    ):
        assert f"| {row} | {' | '.join(f'{value:.3f}' for value in values)} |" in readme
    rise = f"rises from {scores['initial']['mean']:.3f} to {scores['final']['mean']:.3f}"
    assert f"{rise} with {chosen['labels_bought']} labels" in readme
    gain = chosen["vs_random"]["aulc"]
    interval = f"95% interval {gain['low']:.3f} to {gain['high']:.3f}"
    assert f"is {gain['difference']:.3f} more accurate than random ({interval})" in readme
    assert f"is {gain['difference']:+.3f}, {interval}:" in tutorial
    other = f"{gain['new_table_low']:.3f} to {gain['new_table_high']:.3f}"
    assert f"the interval of the default run is {other}." in tutorial


def plain(text):
    return " ".join(text.split())
