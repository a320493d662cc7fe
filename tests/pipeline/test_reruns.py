"""What runs again after a change: every line of the table in docs/running.md."""

import re

import pytest

from tests.pipeline.clone import ROOT, ran

OUTPUTS = ("data", "metrics", "plots")
TABLE = re.search(
    r"^\| change \| stages that start \| what is computed \|\n\| .*\n((?:\|.*\n)+)",
    (ROOT / "docs/running.md").read_text("utf-8"),
    re.MULTILINE,
)[1]
ROWS = [re.split(r" *\| *", line)[1:4] for line in TABLE.splitlines()]
STARTED = {change: set(re.findall(r"[a-z-]+", stages)) - {"none"} for change, stages, _ in ROWS}

STRATEGIES = ["least_confidence", "epsilon_greedy", "random"]
SEEDS = ("split", "learner", "oracle", "query_loop", "stopping")
LOOPS = dict.fromkeys(STRATEGIES, 3 * 4)  # 3 repeats; 4 fits for 3 labels
EVERYTHING = {"ceiling": 3, **LOOPS}
NEW_REPEAT = {name: count // 3 for name, count in EVERYTHING.items()}


@pytest.fixture
def counted(tmp_path, made, unfinished):
    """A finished clone that counts fits."""

    def run(clone):
        clone.count_fits()
        clone.set_params({"query_loop.strategies": STRATEGIES})
        clone.repro()
        assert clone.fits() == EVERYTHING

    return made("counted", unfinished, run).copy(tmp_path / "clone")


def param(name, value):
    return lambda clone: clone.set_params({name: value})


def code(name, line):
    return lambda clone: clone.append(f"active_learning/{name}", line)


def rename(clone):
    entries = clone.params()["strategies"] | {"uncertain": {"use": "least_confidence"}}
    names = ["uncertain", *STRATEGIES[1:]]
    clone.set_params({"strategies": entries, "query_loop.strategies": names})


def every_seed(clone):
    clone.set_params({f"{section}.seed": 43 for section in SEEDS})


def comments(clone):
    clone.append("active_learning/simulation/progress.py", "# A comment.")
    clone.append("active_learning/simulation/simulate.py", '"""A docstring."""')


CHANGES = {
    "none": (lambda _: None, {}),
    "`plot.title`": (param("plot.title", "Something else"), {}),
    "`compare.targets`": (param("compare.targets", [0.87, 0.88, 2.0]), {}),
    "an option of a strategy that is not on the list": (
        param("strategies.typiclust.neighbours", 3),
        {},
    ),
    "an option of a learner that is not in use": (param("learner.random_forest.max_depth", 3), {}),
    "add a strategy": (param("query_loop.strategies", [*STRATEGIES, "margin"]), {"margin": 12}),
    "remove a strategy": (param("query_loop.strategies", STRATEGIES[1:]), {}),
    "reorder the strategies": (param("query_loop.strategies", STRATEGIES[::-1]), {}),
    "rename an entry": (rename, {}),
    "an option of a strategy on the list": (
        param("strategies.epsilon_greedy.epsilon", 0.5),
        {"epsilon_greedy": 12},
    ),
    # In each repeat one model with the new label, and again the last one, for its query, and the
    # first, which the stopping rule compares others with.
    "a longer `query_loop.budget`": (
        param("query_loop.budget", 4),
        dict.fromkeys(LOOPS, 3 * 3),
    ),
    "a shorter one": (param("query_loop.budget", 2), {}),
    "more `split.repeats`": (param("split.repeats", 4), NEW_REPEAT),
    "`query_loop.batch_size`": (
        param("query_loop.batch_size", 2),
        dict.fromkeys(LOOPS, 3 * 3),
    ),
    "`learner.logistic_regression.C`": (param("learner.logistic_regression.C", 2.0), EVERYTHING),
    "`split.seed`": (param("split.seed", 7), EVERYTHING),
    "all five seeds, each by 1": (every_seed, NEW_REPEAT),
    "comments, docstrings, code that shows progress": (comments, {}),
    "code of a strategy that is not on the list": (code("strategies/margin.py", "A = 1"), {}),
    "code of a strategy on the list": (
        code("strategies/epsilon_greedy.py", "A = 1"),
        {"epsilon_greedy": 12},
    ),
    "code of the loop": (code("simulation/simulate.py", "A = 1"), LOOPS),
}
FAST = {"none", "`plot.title`", "an option of a strategy that is not on the list"}
BACK = "back to an earlier setting"


def test_every_line_is_tested():
    assert [change for change, *_ in ROWS] == [*CHANGES, BACK]


@pytest.mark.parametrize(
    "change",
    [pytest.param(name, marks=[] if name in FAST else pytest.mark.slow) for name in CHANGES],
)
def test_a_line(counted, change):
    make_change, expected = CHANGES[change]
    before = counted.content(*OUTPUTS)
    make_change(counted)
    assert counted.repro() == STARTED[change]
    assert counted.fits() == expected
    if "plot" not in STARTED[change]:
        assert counted.content(*OUTPUTS) == before


@pytest.mark.slow
def test_back_to_an_earlier_setting(counted):
    before = counted.content(*OUTPUTS)
    counted.set_params({"query_loop.budget": 5})
    counted.repro()
    counted.fits()
    counted.set_params({"query_loop.budget": 3})
    output = counted.dvc("repro")
    assert "Stage 'query-loop' is cached" in output
    assert ran(output) == STARTED[BACK]
    assert counted.fits() == {}
    assert counted.content(*OUTPUTS) == before


@pytest.mark.slow
def test_a_strategy_that_is_taken_away_leaves_no_trace(clone):
    clone.set_params({"query_loop.strategies": ["least_confidence"]})
    clone.repro()
    assert {path.name for path in (clone.path / "data/query_loop").iterdir()} == {
        "least_confidence",
        "params.json",
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
        "report.html",
    }
    assert clone.repro() == set()
