"""`dvc exp`: change params on the command line, compare what came out."""

import csv
import re
import shlex

import pytest

from stages.params import yaml
from tests.pipeline.clone import ran


def experiments(clone):
    """Every experiment by its name: its metrics and params, as texts."""
    rows = csv.DictReader(clone.dvc("exp", "show", "--csv", "--no-pager").splitlines())
    return {row["Experiment"] or row["rev"]: row for row in rows}


def header(output):
    """Names of the columns but for the time, of a table of at most 120 characters."""
    assert max(map(len, output.splitlines())) <= 120
    (names,) = [line.split() for line in output.splitlines() if "Experiment" in line]
    return [name for name in names if name != "Created"]


def listed(clone, *more, **env):
    """What the README's command that lists experiments prints here."""
    readme = (clone.path / "README.md").read_text("utf-8").replace("\\\n", " ")
    (command,) = re.findall(r"^dvc (exp show [^#\n]*)", readme, flags=re.MULTILINE)
    return clone.dvc(*shlex.split(command), *more, **env)


class TestTwoExperiments:
    def test_a_budget(self, two):
        found = experiments(two)
        assert (found["main"]["labels"], found["budget"]["labels"]) == ("13", "14")
        assert ran(two.printed["budget"]) == {"query-loop", "compare", "plot"}

    def test_a_list_of_strategies(self, two):
        found = experiments(two)
        names = {name: found[name]["strategy"] for name in ("main", "pair")}
        assert names == {"main": "least_confidence", "pair": "margin"}
        assert {path.name for path in (two.path / "data/query_loop").iterdir()} == {
            "margin",
            "params.json",
            "random",
        }
        params = yaml.read(two.path / "params.yaml")
        assert params["query_loop"]["strategies"] == ["margin", "random"]
        assert params["query_loop"]["budget"] == 3

    def test_the_list_fits_a_terminal(self, two):
        # Strategy, labels and gain differ in these small runs, the scores do not.
        columns = ["Experiment", "strategy", "labels", "gain"]
        output = listed(two, COLUMNS="120")
        assert header(output)[:4] == columns
        narrow = listed(two, "--drop", "Created", COLUMNS="80")
        assert header(narrow)[:4] == columns
        assert max(map(len, narrow.splitlines())) <= 80
        assert re.findall(r"main|\[budget\]|\[pair\]", output) == ["main", "[pair]", "[budget]"]

    def test_applying_one(self, two):
        two.dvc("exp", "apply", "budget")
        assert two.summary()["labels"] == 14
        assert two.repro() == set()


def test_a_value_that_breaks_its_rule(clone):
    output = clone.dvc("exp", "run", "-S", "compare.n_resamples=many", ok=False)
    assert (
        "error: params.yaml: compare.n_resamples must be an int in [100, 100000]; got 'many'.\n"
        in output
    )
    assert "Traceback" not in output


def test_a_name_that_does_not_exist(clone):
    assert "query_loop.bugdet" in clone.dvc("exp", "run", "-S", "query_loop.bugdet=4", ok=False)


def test_comments_in_params_survive(tmp_path, project):
    clone = project.copy(tmp_path / "clone")
    before = comments((clone.path / "params.yaml").read_text("utf-8"))
    assert len(before) > 50
    # Queued, so that nothing runs: the change is in the commit that the queue keeps.
    settings = ("-S", "plot.dpi=60", "-S", "query_loop.strategies=[margin,random]")
    clone.dvc("exp", "run", "--queue", *settings)
    kept = clone.run("git", "show", "refs/exps/celery/stash:params.yaml").stdout
    assert yaml.parse(kept, "text")["plot"]["dpi"] == 60
    assert comments(kept) == before


def comments(text):
    return [line.partition("#")[2] for line in text.splitlines() if "#" in line]


@pytest.mark.slow
class TestOneMore:
    def run(self, clone, *settings):
        options = [part for setting in settings for part in ("-S", setting)]
        clone.dvc("exp", "run", "--name", "one", *options)
        return clone.summary()

    def test_another_split(self, clone):
        before = clone.summary()
        assert self.run(clone, "split.seed=7")["ceiling"] != before["ceiling"]

    def test_another_data_set(self, clone):
        self.run(clone, "generate.dataset=toy", "learner.standardize=true")
        assert clone.json("data/raw/card.json")["rows"] == 569

    def test_another_learner(self, clone):
        self.run(clone, "learner.name=svm_rbf", "evaluation.scorers=[accuracy]")
        assert set(clone.json("metrics/baseline.json")) == {"accuracy"}

    def test_in_a_folder_of_its_own_with_the_same_store(self, clone):
        clone.count_fits()
        before = clone.content("dvc.lock", "metrics", "params.yaml")
        clone.dvc("exp", "run", "--temp", "--name", "one", "-S", "query_loop.budget=4")
        assert experiments(clone)["one"]["labels"] == "14"
        assert clone.fits() == {"least_confidence": 9, "random": 9}  # 15 without the store
        assert clone.content("dvc.lock", "metrics", "params.yaml") == before

    def test_a_queue_and_its_list_on_a_terminal(self, clone):
        for setting in (
            "query_loop.budget=range(4,6)",
            "split.seed=7",
            "query_loop.strategies=[margin,random]",
        ):
            clone.dvc("exp", "run", "--queue", "-S", setting)
        clone.dvc("exp", "run", "--run-all")
        labels = sorted(row["labels"] for row in experiments(clone).values())
        assert labels == [*["13"] * 4, "14", "15"]  # the workspace and main too
        assert clone.summary()["labels"] == 13
        columns = ["strategy", "labels", "final", "random", "gain"]
        shown = header(listed(clone, "--drop", "State|Executor", COLUMNS="120"))
        assert shown[1:6] == columns
