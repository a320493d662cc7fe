"""What runs again after a change: everything that depends on it, and nothing else."""

import pytest

from tests.pipeline.clone import STAGES

LOOPS = {"query-loop@least_confidence", "query-loop@random"}


def test_nothing_runs_without_a_change(clone):
    assert clone.repro() == set()


# Each of these is a whole run: what DVC does, those stages that come after the change included.
# A change of the budget is among the tests of experiments.


@pytest.mark.slow
def test_split_seed(clone):
    clone.set_params({"split.seed": 7})
    assert clone.repro() == LOOPS | {"split", "baseline", "compare", "plot"}


@pytest.mark.slow
def test_adding_a_strategy_and_taking_it_away(clone):
    before = clone.content("metrics", "plots")
    clone.set_params({"query_loop.strategies": ["least_confidence", "random", "margin"]})
    assert clone.repro() == {"query-loop@margin", "compare", "plot"}
    assert "margin" in clone.json("metrics/strategies.json")["strategies"]
    clone.set_params({"query_loop.strategies": ["least_confidence", "random"]})
    assert clone.repro("--no-run-cache") == {"compare", "plot"}
    assert clone.content("metrics", "plots") == before
    assert clone.repro() == set()


@pytest.mark.slow
def test_a_strategy_that_is_taken_away_leaves_no_trace(clone):
    clone.set_params({"query_loop.strategies": ["least_confidence"]})
    assert clone.repro() == {"compare", "plot"}
    assert {path.name for path in (clone.path / "data/query_loop").iterdir()} == {
        "least_confidence"
    }
    # strategies.json says which strategy the control would be.
    texts = clone.content("metrics")
    evidence = clone.json("metrics/strategies.json")
    assert evidence.pop("control") == "random"
    assert "random" not in [*evidence["strategies"], *evidence["legends"]]
    assert [name for name, text in texts.items() if b"random," in text] == []
    assert {path.name for path in (clone.path / "plots").iterdir()} == {
        "learning_curves.png",
        "learning_curves.svg",
    }
    assert clone.repro() == set()


def test_plot_title(clone):
    clone.set_params({"plot.title": "Something else"})
    assert clone.repro() == {"plot"}
    assert "Something else" in (clone.path / "plots/learning_curves.svg").read_text("utf-8")


def test_code_of_a_strategy(clone):
    clone.edit("active_learning/strategies/random.py")
    # split and every loop depend on all strategies; their outputs are the same, so no more runs.
    assert clone.repro() == LOOPS | {"split"}


# These only ask DVC which stages have changed; stages after those are not looked at.


@pytest.mark.parametrize(
    ("changes", "stages"),
    [
        ({"generate.seed": 1}, {"generate"}),
        ({"generate.synthetic.flip_y": 0.2}, {"generate"}),
        ({"generate.toy.name": "iris"}, set()),
        ({"split.test_size": 0.2}, {"split"}),
        ({"learner.logistic_regression.C": 2.0}, {"baseline"} | LOOPS),
        ({"learner.random_forest.n_estimators": 5}, set()),
        ({"learner.seed": 1}, {"baseline"} | LOOPS),
        ({"learner.standardize": True}, {"baseline"} | LOOPS),
        ({"evaluation.scorers": ["accuracy"]}, {"baseline"} | LOOPS),
        ({"oracle.noisy.flip": 0.3}, set()),
        ({"strategies.typiclust.neighbours": 3}, set()),
        ({"oracle.name": "noisy"}, LOOPS),
        ({"oracle.seed": 1}, LOOPS),
        ({"query_loop.budget": 4}, LOOPS),
        ({"query_loop.batch_size": 2}, LOOPS),
        ({"query_loop.strategies": ["random", "least_confidence"]}, {"compare"}),
        ({"compare.targets": [0.5]}, {"compare"}),
        ({"compare.seed": 1}, {"compare"}),
        ({"plot.dpi": 60}, {"plot"}),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else "",
)
def test_params(clone, changes, stages):
    clone.set_params(changes)
    assert clone.stale() == stages


@pytest.mark.parametrize(
    ("name", "stages"),
    [
        ("active_learning/core/pool.py", {*STAGES}),
        ("active_learning/data/splits.py", {*STAGES}),
        ("active_learning/models/learners/svm_rbf.py", {"baseline"} | LOOPS),
        ("active_learning/strategies/_ranking.py", {"split"} | LOOPS),
        ("active_learning/simulation/simulate.py", LOOPS),
        ("active_learning/simulation/oracles/noisy.py", LOOPS),
        ("active_learning/simulation/parallel.py", {"baseline"} | LOOPS),
        ("active_learning/analysis/statistics.py", {"compare"}),
        ("active_learning/analysis/figures.py", {"compare", "plot"}),
        ("stages/plot.py", {"plot"}),
        ("stages/schema.py", set()),
    ],
)
def test_code(clone, name, stages):
    clone.edit(name)
    assert clone.stale() == stages


@pytest.mark.slow
def test_targets_change_the_figures_only_with_the_evidence(clone):
    # No curve reaches 2.0, so the only change is one more null in strategies.json.
    clone.set_params({"compare.targets": [0.87, 0.88, 2.0]})
    assert clone.repro() == {"compare", "plot"}
    clone.set_params({"compare.targets": [0.87, 0.88, 2]})
    assert clone.stale() <= {"compare"}
