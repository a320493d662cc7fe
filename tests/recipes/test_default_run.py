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
(REAL_DATA,) = recipes("docs/real_data.md", "On real data")
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
def test_experiments_are_compared(default, tmp_path):
    clone = default.copy(tmp_path / "clone")
    clone.run("git", "switch", "main")
    printed = clone.shell(COMPARE)
    assert RANKING in printed
    assert max(map(len, RANKING.splitlines())) <= 80
    assert clone.params()["learner"]["logistic_regression"]["C"] == 0.01
    (command,) = re.findall(r"^dvc exp show .*", COMPARE, re.MULTILINE)
    assert cells(clone.shell(f"{command} --drop Created", COLUMNS="80")) == cells(LIST)


def cells(text):
    """Words of each row of a table, without lines and the hashes of commits."""
    rows = [re.sub(r"─+|\b[0-9a-f]{7}\b", "", line).split() for line in text.splitlines()]
    return [row for row in rows if row]


@pytest.mark.slow
def test_the_metrics_are_watched(default, tmp_path):
    clone = default.copy(tmp_path / "clone")
    checked = clone.shell(WATCH)
    assert "### Checks passed" in checked
    assert "leaves dvc.lock and metrics/ as committed." in checked
    clone.run("git", "tag", "v1.0", "main")
    clone.run("git", "update-ref", "refs/remotes/origin/main", "main")
    assert "--base REV" in clone.shell(CHECK)
    assert clone.json("report/check.json")
    (clone.path / "report/check.md").unlink()
    clone.shell(REPORT)
    summary = tmp_path / "summary.md"
    assert clone.shell(SUMMARY, GITHUB_STEP_SUMMARY=str(summary)) == ""
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


@pytest.mark.slow
def test_the_figures_of_real_data(default, tmp_path):
    clone = default.copy(tmp_path / "clone")
    clone.shell(REAL_DATA)
    digits = results(clone)
    picture = (ROOT / "docs/images/digits_label_savings.svg").read_bytes()
    assert (clone.path / "plots/label_savings.svg").read_bytes() == picture
    clone.dvc("exp", "apply", "breast-cancer")
    breast_cancer = results(clone)
    rows = re.findall(r"^\| (.*) \|$", read("docs/real_data.md"), re.MULTILINE)[2:]
    shown = [row.rsplit(" | ", 2)[-2:] for row in rows]
    assert shown == [list(row) for row in zip(breast_cancer, digits, strict=True)]
    readme = plain(read("README.md"))
    assert f"needs {breast_cancer[7]} fewer labels on `breast_cancer`" in readme
    assert f"[margin](docs/strategies.md) {digits[8]} fewer on `digits`" in readme


def results(clone):
    """A column of the table: what the experiment in the workspace gives."""
    metrics, params = clone.json("metrics/strategies.json"), clone.params()
    strategies = metrics["strategies"]
    scores = {name: each["scores"]["accuracy"] for name, each in strategies.items()}
    chosen, control = scores["least_confidence"], scores["random"]
    gain = strategies["least_confidence"]["vs_random"]["aulc"]
    labels = metrics["initial_labels"], params["query_loop"]["budget"]
    saved = {
        name: f"{100 * strategies[name]['label_savings']['low']:.0f} to "
        f"{100 * strategies[name]['label_savings']['high']:.0f}%"
        for name in strategies
        if name != "random"
    }
    return [
        ", ".join(map(str, [*labels, params["query_loop"]["batch_size"]])),
        f"{chosen['initial']['mean']:.3f}",
        f"{metrics['ceilings']['accuracy']['mean']:.3f}",
        f"{control['final']['mean']:.3f}",
        f"{chosen['final']['mean']:.3f}",
        f"{gain['difference']:+.3f} ({gain['low']:.3f} to {gain['high']:.3f})",
        f"{gain['new_table_low']:.3f} to {gain['new_table_high']:.3f}",
        *(saved.get(name, "same queries") for name in ("least_confidence", "margin", "entropy")),
    ]


def test_the_readme_has_the_figure_of_the_survey():
    (saved,) = re.findall(r"another one (saves .*? of the labels)", plain(read("README.md")))
    assert f"{saved}." in read("docs/survey.md")


def plain(text):
    return " ".join(text.split())
