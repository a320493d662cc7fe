"""Runs that were kept are taken over where nothing that they depend on has changed."""

from pathlib import Path

import pytest

from active_learning.core import plugins
from active_learning.simulation import software
from stages.params import yaml
from tests.examples import run_stage, small_params

STORE = Path(".al_cache/runs")

# Params before, and what is then changed: it changes the runs, or what they are run on.
CHANGES = """
learner option: [{}, {learner.logistic_regression.C: 0.01}]
learner: [{}, {learner.name: gaussian_nb}]
learner of another package: [{}, {learner.name: sklearn.naive_bayes.BernoulliNB}]
learner seed: [&forest {learner.name: random_forest, learner.random_forest.n_estimators: 5},
  {learner.seed: 101}]
standardize: [{}, {learner.standardize: true}]
scorers: [{}, {evaluation.scorers: [log_loss, f1_macro]}]
oracle: [{}, {oracle.name: noisy}]
oracle option: [&noisy {oracle.name: noisy}, {oracle.noisy.abstain: 0.5}]
oracle seed: [*noisy, {oracle.seed: 101}]
seed: [{}, {query_loop.seed: 101}]
batch size: [{}, {query_loop.batch_size: 2}]
strategy: [{}, {query_loop.strategies: [margin]}]
strategy option: [&epsilon {query_loop.strategies: [epsilon_greedy]},
  {strategies.epsilon_greedy.epsilon: 0.9}]
what a strategy calls: [*epsilon, {strategies.epsilon_greedy.explore: k_center_greedy}]
option of what a strategy calls: [
  {<<: *epsilon, strategies.epsilon_greedy.exploit: query_by_committee},
  {strategies.query_by_committee.members: 3}]
stopping rule: [{}, {stopping.rules: [overall_uncertainty]}]
option of a rule: [&uncertainty {stopping.rules: [overall_uncertainty], stopping.stop_set: 5},
  {stopping.overall_uncertainty.threshold: 0.99}]
stop set: [*uncertainty, {stopping.seed: 101}]
time between checks: [*uncertainty, {stopping.every: 2}]
binding rule: [{<<: *uncertainty, stopping.overall_uncertainty.threshold: 0.99},
  {stopping.binding: overall_uncertainty}]
single precision: [{}, {preprocess.dtype: float32}]
visible rows: [{learner.standardize: true}, {preprocess.visible: labelled}]
split: [{}, {split.seed: 101}]
data: [{}, {generate.seed: 1}]
"""

# None of these changes a run that is kept.
NO_CHANGES = """
seed of a learner without randomness: [{}, {learner.seed: 101}]
seed of the true labels: [{}, {oracle.seed: 101}]
seed of a strategy without randomness: [{query_loop.strategies: [margin]}, {query_loop.seed: 101}]
another learner's option: [{}, {learner.svm_rbf.C: 2.0}]
another strategy's option: [{}, {strategies.typiclust.neighbours: 3}]
another oracle's option: [{}, {oracle.noisy.flip: 0.3}]
another rule's option: [{}, {stopping.plateau.checks: 7}]
options of rules without rules: [{stopping.rules: []}, {stopping.every: 3}]
name of a strategy: [{}, {strategies.mine: {use: random}, query_loop.strategies: [mine]}]
shorter budget: [{}, {query_loop.budget: 2}]
fewer repeats: [{}, {split.repeats: 2}]
costs: [{}, {query_loop.class_costs: &costs {'0': 1.0, '1': 2.0}}]
cost budget: [{query_loop.class_costs: *costs, query_loop.budget: 9, query_loop.cost_budget: 9.0},
  {query_loop.cost_budget: 4.0}]
all seeds, by one: [
  {learner.name: random_forest, learner.random_forest.n_estimators: 5, split.repeats: 3},
  {split.repeats: 2, split.seed: 43, learner.seed: 43, oracle.seed: 43, query_loop.seed: 43,
   stopping.seed: 43}]
comparison and figures: [{}, {compare.confidence: 0.9, plot.dpi: 60}]
"""

# What goes on from a run that is kept.
CONTINUED = """
longer budget: [{}, {query_loop.budget: 6}]
another cost budget: [
  &costs {query_loop.class_costs: {'0': 1.0, '1': 2.0}, query_loop.budget: 9,
          query_loop.cost_budget: 4.0},
  {query_loop.cost_budget: 9.0}]
no cost budget: [*costs, {query_loop.cost_budget: null}]
longer budget with rules: [
  &rules {stopping.rules: [stabilising_predictions, plateau, max_confidence],
          stopping.max_confidence.threshold: 0.9, stopping.every: 2},
  {query_loop.budget: 9}]
longer budget with a binding rule: [{<<: *rules, stopping.binding: max_confidence},
  {query_loop.budget: 9}]
a last batch that the budget cut: [{query_loop.batch_size: 3, query_loop.budget: 4},
  {query_loop.budget: 6}]
"""


def cases(text):
    """Params before and their change, with a name each."""
    return [pytest.param(*case, id=name) for name, case in yaml.parse(text, "text").items()]


@pytest.fixture
def loop(tmp_path, monkeypatch):
    """Run the loop in a new folder, or in the one it ran in before; its outputs as bytes."""
    monkeypatch.setenv("AL_JOBS", "1")

    def run(folder, changes):
        (tmp_path / folder).mkdir(exist_ok=True)
        monkeypatch.chdir(tmp_path / folder)
        values = {"query_loop.strategies": ["random"]} | changes
        Path("params.yaml").write_text(yaml.dump(small_params(values)), encoding="utf-8")
        for stage in ("generate", "split", "query_loop"):
            run_stage(stage)
        return {
            path.name: path.read_bytes()
            for name in values["query_loop.strategies"]
            for path in (Path("data/query_loop") / name).iterdir()
        }

    return run


def kept():
    """Files of kept results, and what is in them."""
    return {path: path.read_bytes() for path in STORE.rglob("*.npz")}


@pytest.mark.parametrize(("before", "changes"), cases(CHANGES))
def test_what_can_change_a_result_changes_the_key(loop, before, changes):
    loop("used", before)
    first = kept()
    after = loop("used", before | changes)
    assert kept().items() >= first.items()  # they lie side by side, so going back costs nothing
    assert len(kept()) == 2 * len(first)
    assert after == loop("fresh", before | changes)


@pytest.mark.parametrize(("before", "changes"), cases(NO_CHANGES))
def test_what_cannot_change_a_result_does_not_change_the_key(loop, before, changes):
    loop("used", before)
    first = kept()
    after = loop("used", before | changes)
    assert kept() == first
    assert after == loop("fresh", before | changes)


@pytest.mark.parametrize(("before", "changes"), cases(CONTINUED))
def test_a_longer_run_continues(loop, before, changes):
    loop("used", before)
    first = kept()
    after = loop("used", before | changes)
    assert kept().keys() == first.keys()
    assert after == loop("fresh", before | changes)


def test_more_repeats_keep_the_first_ones(loop):
    loop("used", {})
    first = kept()
    after = loop("used", {"split.repeats": 4})
    assert kept().items() > first.items()
    assert len(kept()) == len(first) + 1
    assert after == loop("fresh", {"split.repeats": 4})


def test_the_ceiling_is_kept_too(loop, monkeypatch):
    loop("used", {})
    run_stage("baseline")
    first, baseline = kept(), Path("metrics/baseline.csv").read_bytes()
    Path("metrics/baseline.csv").unlink()
    monkeypatch.delattr("active_learning.models.task.Task.fit")
    run_stage("baseline")
    assert kept() == first
    assert Path("metrics/baseline.csv").read_bytes() == baseline


def test_repeats_are_kept_in_the_root_that_dvc_names(loop, monkeypatch, tmp_path):
    monkeypatch.setenv("DVC_ROOT", str(tmp_path / "root"))
    loop("used", {})
    assert not kept()
    assert list((tmp_path / "root" / STORE).rglob("*.npz"))
    monkeypatch.setenv("AL_STORE", str(tmp_path / "store"))
    loop("used", {})
    assert list((tmp_path / "store").rglob("*.npz"))


# Files of code that the runs of each strategy and learner depend on, and none other.
LOOP = {
    *(f"core.{name}" for name in ("bases", "errors", "plugins", "pool", "prediction", "rng")),
    *(f"data.{name}" for name in ("columns", "dataset", "files", "preprocessing", "roles")),
    *(f"data.{name}" for name in ("features", "lookalikes", "notations")),
    *(f"data.{name}" for name in ("target", "vectors")),
    *("core.dense_fit", "core.sentences", "core.sparse_fit", "core.strict", "data.table"),
    *("models.task", "models.tasks"),
    *("simulation.monitor", "simulation.simulate", "simulation.snapshot"),
}
CODE = {
    ("strategies", "random"): {"strategies.random"},
    ("strategies", "k_center_greedy"): {"strategies.k_center_greedy", "strategies._geometry"},
    ("learners", "svm_rbf"): {"models.learners.svm_rbf"},
    ("oracles", "noisy"): {"simulation.oracles.noisy"},
    ("scorers", "accuracy"): {"models.scorers.accuracy"},
}


@pytest.mark.parametrize("plugin", CODE, ids="-".join)
def test_code_in_the_key(plugin):
    modules = list(plugins.load(*plugin)().modules())
    keyed = software.fingerprint(
        ["active_learning.simulation.simulate", "active_learning.models.tasks"]
    )
    own = {name for name in software.fingerprint(modules) if name.startswith("active_learning")}
    names = {name.removeprefix("active_learning.") for name in {*keyed, *own}}
    packages = {name for name in names if "." not in name or name.split(".")[-1] in PACKAGES}
    assert names - packages - VERSIONS == LOOP | CODE[plugin]


VERSIONS = {
    *("python", "machine"),
    *("numpy", "pandas", "pyarrow", "pydantic", "scipy", "sklearn", "threadpoolctl"),
}
PACKAGES = {"learners", "oracles", "scorers", "stopping", "sources"}


class TestSoftware:
    """What stands for the code in a key."""

    @pytest.fixture(autouse=True)
    def package(self, tmp_path, monkeypatch):
        monkeypatch.syspath_prepend(tmp_path)
        self.folder = tmp_path / "mypackage"
        self.folder.mkdir()
        self.write("__init__", "")
        self.write("strategy", '"""Mine."""\nfrom . import helper\nimport numpy as np\nX = 1\n')
        self.write("helper", "def f(x):\n    return x\n")
        self.write("other", "from mypackage import helper\n")

    def write(self, name, text):
        (self.folder / f"{name}.py").write_text(text, encoding="utf-8")

    @staticmethod
    def key():
        for cached in (software._parse, software._source_folder):
            cached.cache_clear()
        return software.fingerprint(["mypackage.strategy"])

    def test_what_is_reached_by_imports(self):
        assert self.key().keys() == {
            *("python", "machine", "numpy"),
            *("mypackage", "mypackage.strategy", "mypackage.helper"),
        }

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("helper", "def f(x):\n    return x + 1\n"),
            ("strategy", "from . import helper\nimport numpy as np\nX = 2\n"),
            ("__init__", "import mypackage.other\n"),
        ],
    )
    def test_a_statement_counts(self, name, text):
        before = self.key()
        self.write(name, text)
        assert self.key() != before

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("helper", '# Why.\ndef f(x):\n    """Same."""\n\n    return (x)  # here\n'),
            ("other", "raise ValueError\n"),
        ],
    )
    def test_comments_layout_and_other_files_do_not(self, name, text):
        before = self.key()
        self.write(name, text)
        assert self.key() == before

    def test_of_what_is_installed_the_version_counts(self, monkeypatch):
        before = self.key()
        software._version.cache_clear()
        monkeypatch.setattr(software, "version", lambda _: "0")
        assert self.key() == before | {"numpy": "numpy 0"}
        software._version.cache_clear()
