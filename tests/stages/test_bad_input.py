"""Whatever a user gets wrong is said in one line, with place, rule and value; nothing is written.

Most cases call a stage's ``main`` in this process, as ``python -m`` would; the last few start one.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml

from active_learning.base import command, plugins
from tests import examples
from tests.examples import MISSING, run_stage, small_params

LOOP = ["query_loop", "least_confidence"]
STAGES = [["generate"], ["split"], ["baseline"], LOOP, ["query_loop", "random"], ["compare"]]
DATASETS, LEARNERS, ORACLES, SCORERS, STOPPING, STRATEGIES = (
    ", ".join(plugins.available(kind))
    for kind in ("datasets", "learners", "oracles", "scorers", "stopping", "strategies")
)
SEED = "must be an int in [0, 2147483648)"
SIZE = "must be an int in [1, inf) or a float in (0, 1)"


def contents(folder):
    """Every file of a folder, and what is in it."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A small experiment that has run up to ``compare``."""
    folder = tmp_path_factory.mktemp("finished")
    (folder / "params.yaml").write_text(yaml.safe_dump(small_params()))
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.chdir(folder)
        monkeypatch.setenv("AL_JOBS", "1")
        for stage in STAGES:
            run_stage(*stage)
    return folder


@pytest.fixture
def workspace(finished, tmp_path, monkeypatch):
    """A copy of it, as the working directory."""
    folder = tmp_path / "workspace"
    shutil.copytree(finished, folder)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("AL_JOBS", "1")
    return folder


@pytest.fixture
def refusal(workspace, capsys):
    """What a stage says when it refuses: one line, exit status 1, and no file is touched."""

    def refuse(stage, *arguments):
        before = contents(workspace)
        capsys.readouterr()
        with pytest.raises(SystemExit) as exit_:
            run_stage(stage, *arguments)
        assert exit_.value.code == 1
        assert contents(workspace) == before
        said = capsys.readouterr().err
        assert said.startswith("error: ")
        assert said.count("\n") == 1
        return said.removeprefix("error: ").removesuffix("\n")

    return refuse


def cases(*table):
    """Parametrise over a stage, changes to params.yaml, and what is said of them."""
    ids = [
        f"{stage if isinstance(stage, str) else stage[0]} "
        + " ".join(f"{place}={'-' if value is MISSING else value}" for place, value in what.items())
        for stage, what, _ in table
    ]
    rows = [([stage] if isinstance(stage, str) else stage, *rest) for stage, *rest in table]
    return pytest.mark.parametrize(("stage", "changes", "message"), rows, ids=ids)


@cases(
    # Types: nothing is converted.
    ("generate", {"generate.seed": "42"}, f"generate.seed {SEED}; got '42'."),
    ("generate", {"generate.seed": True}, f"generate.seed {SEED}; got True."),
    ("generate", {"generate.seed": 4.0}, f"generate.seed {SEED}; got 4.0."),
    ("split", {"split.stratify": 1}, "split.stratify must be true or false; got 1."),
    ("split", {"split.stratify": "yes"}, "split.stratify must be true or false; got 'yes'."),
    ("split", {"split.test_size": "10%"}, f"split.test_size {SIZE}; got '10%'."),
    ("split", {"split.test_size": True}, f"split.test_size {SIZE}; got True."),
    ("split", {"split.test_size": None}, f"split.test_size {SIZE}; got None."),
    ("plot", {"plot.title": 3}, "plot.title must be a text or null; got 3."),
    (
        LOOP,
        {"query_loop.budget": True},
        "query_loop.budget must be an int in [1, inf); got True.",
    ),
    (
        "compare",
        {"compare.targets": 0.9},
        "compare.targets must be a list, each a float; got 0.9.",
    ),
    (
        "compare",
        {"compare.targets": [0.9, "x"]},
        "compare.targets.1 must be a float; got 'x'.",
    ),
    # YAML 1.1 reads a number without a point as a text.
    (
        "baseline",
        {"learner.name": "gaussian_nb", "learner.gaussian_nb.var_smoothing": "1e-9"},
        (
            "learner.gaussian_nb.var_smoothing must be a float in [0, inf); got '1e-9', a text; "
            "as a number it is 1.0e-09."
        ),
    ),
    # Ranges.
    ("generate", {"generate.seed": -1}, f"generate.seed {SEED}; got -1."),
    ("split", {"split.seed": 2**31}, f"split.seed {SEED}; got 2147483648."),
    ("split", {"split.repeats": 0}, "split.repeats must be an int in [1, 10000]; got 0."),
    ("split", {"split.test_size": 0}, f"split.test_size {SIZE}; got 0."),
    ("split", {"split.test_size": 1.5}, f"split.test_size {SIZE}; got 1.5."),
    ("split", {"split.initial_size": 0.0}, f"split.initial_size {SIZE}; got 0.0."),
    (
        "generate",
        {"generate.synthetic.flip_y": 1.5},
        "generate.synthetic.flip_y must be a float in [0, 1]; got 1.5.",
    ),
    (
        "generate",
        {"generate.synthetic.n_informative": 20},
        "generate.synthetic must have n_informative + n_redundant (20) at most n_features (10).",
    ),
    (
        "generate",
        {"generate.synthetic.n_classes": 40},
        (
            "generate.synthetic must have n_classes * n_clusters_per_class (40) at most "
            "2**n_informative (32)."
        ),
    ),
    (
        "generate",
        {"generate.kinds": {"x0": "numeric"}},
        ("generate.kinds.x0 must be one of number, boolean, category, date, text; got 'numeric'."),
    ),
    (
        "generate",
        {"generate.checks": "warning"},
        "generate.checks must be one of warn, error, off; got 'warning'.",
    ),
    (
        "generate",
        {"generate.dataset": "openml", "generate.openml.name": "titanic"},
        "generate.openml must have either data_id or name, and the other null.",
    ),
    (
        "baseline",
        {"preprocess.visible": "test"},
        "preprocess.visible must be one of pool, labelled; got 'test'.",
    ),
    (
        "baseline",
        {"preprocess.sparse": "yes"},
        "preprocess.sparse must be auto or true or false; got 'yes'.",
    ),
    (
        "baseline",
        {"preprocess.dtype": "float16"},
        "preprocess.dtype must be one of float64, float32; got 'float16'.",
    ),
    (
        "baseline",
        {"preprocess.min_frequency": 0},
        "preprocess.min_frequency must be an int in [1, inf); got 0.",
    ),
    (
        "baseline",
        {"learner.logistic_regression.C": 0},
        "learner.logistic_regression.C must be a float in (0, inf); got 0.",
    ),
    (
        "baseline",
        {"learner.logistic_regression.C": float("inf")},
        "learner.logistic_regression.C must be a float in (0, inf); got inf.",
    ),
    (
        "baseline",
        {"learner.logistic_regression.C": float("nan")},
        "learner.logistic_regression.C must be a float in (0, inf); got nan.",
    ),
    (
        "baseline",
        {"learner.logistic_regression.class_weight": "balancd"},
        "learner.logistic_regression.class_weight must be balanced or null; got 'balancd'.",
    ),
    (
        "baseline",
        {"learner.name": "svm_rbf", "learner.svm_rbf.gamma": 0},
        "learner.svm_rbf.gamma must be one of scale, auto or a float in (0, inf); got 0.",
    ),
    (
        "baseline",
        {"learner.name": "random_forest", "learner.random_forest.max_depth": 0},
        "learner.random_forest.max_depth must be an int in [1, inf) or null; got 0.",
    ),
    (
        LOOP,
        {"query_loop.batch_size": 0},
        "query_loop.batch_size must be an int in [1, 4] (the budget); got 0.",
    ),
    (
        LOOP,
        {"query_loop.batch_size": 5},
        "query_loop.batch_size must be an int in [1, 4] (the budget); got 5.",
    ),
    (
        LOOP,
        {"oracle.name": "noisy", "oracle.noisy.flip": 1.1},
        "oracle.noisy.flip must be a float in [0, 1]; got 1.1.",
    ),
    (
        "compare",
        {"compare.difference": 0},
        "compare.difference must be a float in (0, inf); got 0.",
    ),
    (
        "compare",
        {"compare.confidence": 95},
        "compare.confidence must be a float in (0, 1); got 95.",
    ),
    (
        "compare",
        {"compare.n_resamples": 99},
        "compare.n_resamples must be an int in [100, inf); got 99.",
    ),
    ("plot", {"plot.width": 0}, "plot.width must be a float in (2, 40]; got 0."),
    ("plot", {"plot.dpi": 601}, "plot.dpi must be an int in [50, 600]; got 601."),
    (
        "split",
        {"split.initial": "one_of_each"},
        (
            "split.initial must be one of random, one_per_class, k_center_greedy, typiclust; "
            "got 'one_of_each'."
        ),
    ),
    (
        "split",
        {"split.initial": "one_per_class", "split.initial_size": 1},
        "split.initial_size must be 2 rows or more, one for each class; got 1 rows.",
    ),
    # Stopping rules.
    (LOOP, {"stopping": MISSING}, "the section stopping is missing."),
    (
        LOOP,
        {"stopping.rules": ["plateu"]},
        (
            "stopping.rules.0 is not a known plug-in in stopping; did you mean 'plateau'? "
            f"There is: {STOPPING}; got 'plateu'."
        ),
    ),
    (
        LOOP,
        {"stopping.rules": None},
        f"stopping.rules must be a list, each one of {STOPPING}; got None.",
    ),
    (
        LOOP,
        {"stopping.rules": ["plateau"], "stopping.binding": "target_score"},
        (
            "stopping.binding is not a known rule of stopping.rules. There is: plateau; "
            "got 'target_score'."
        ),
    ),
    (
        LOOP,
        {"stopping.rules": ["plateau"], "stopping.plateau.looks": 0},
        "stopping.plateau.looks must be an int in [1, inf); got 0.",
    ),
    (
        LOOP,
        {"stopping.rules": ["plateau"], "stopping.plateau.patience": 3},
        "stopping.plateau.patience is not a known key. There is: looks, min_gain.",
    ),
    (LOOP, {"stopping.every": 0}, "stopping.every must be an int in [1, inf); got 0."),
    (LOOP, {"stopping.folds": 1}, "stopping.folds must be an int in [2, inf); got 1."),
    (
        LOOP,
        {"stopping.stop_set": 0},
        "stopping.stop_set must be an int in [1, inf) or null; got 0.",
    ),
    (
        LOOP,
        {"stopping.estimate": "validation"},
        "stopping.estimate must be one of cross_validation, test; got 'validation'.",
    ),
    # Costs.
    (
        LOOP,
        {"query_loop.cost_budget": 0},
        "query_loop.cost_budget must be a float in (0, inf) or null; got 0.",
    ),
    (
        LOOP,
        {"query_loop.cost_budget": 5.0},
        (
            "query_loop.cost_budget must be null where nothing has a cost: give "
            "query_loop.class_costs, or the table a column of costs; got 5.0."
        ),
    ),
    (
        LOOP,
        {"query_loop.class_costs": {"0": 1.0, "1": 0.0}},
        "query_loop.class_costs.1 must be a float in (0, inf); got 0.0.",
    ),
    (
        LOOP,
        {"query_loop.class_costs": {0: 1.0}},
        "query_loop.class_costs must name every class; got no '1'.",
    ),
    (
        LOOP,
        {"query_loop.class_costs": {0: 1.0, 1: 2.0, "yes": 3.0}},
        "query_loop.class_costs.yes is not a known class. There is: 0, 1.",
    ),
    (
        LOOP,
        {"query_loop.class_costs": {0: 1.0, True: 2.0}},
        (
            "query_loop.class_costs.True is not a known class. There is: 0, 1; in YAML yes, no, "
            "on and off are True and False, but for quotes."
        ),
    ),
    (
        LOOP,
        {"query_loop.class_costs": {0: 1.0, 1: -2.0}},
        "query_loop.class_costs.1 must be a float in (0, inf); got -2.0.",
    ),
    # Keys that are not there, and keys that are not known.
    ("generate", {"generate.seed": MISSING}, f"generate.seed is missing; it {SEED}."),
    ("split", {"split": MISSING}, "the section split is missing."),
    ("split", {"split": None}, "split must be a mapping; got None."),
    ("generate", {"generate.synthetic": [1]}, "generate.synthetic must be a mapping; got [1]."),
    (
        "split",
        {"split.stratify": MISSING, "split.startify": True},
        (
            "split.startify is not a known key; did you mean 'stratify'? There is: initial, "
            "initial_size, repeats, scheme, seed, stratify, test_size."
        ),
    ),
    (
        "generate",
        {"generate.synthetic.n_sample": 5},
        (
            "generate.synthetic.n_sample is not a known key; did you mean 'n_samples'? There is: "
            "class_sep, flip_y, n_classes, n_clusters_per_class, n_features, n_informative, "
            "n_redundant, n_samples, noise, shape, squares."
        ),
    ),
    (
        "baseline",
        {"learner.logistic_regression.penalty": "l1"},
        (
            "learner.logistic_regression.penalty is not a known key. There is: C, class_weight, "
            "max_iter."
        ),
    ),
    (
        LOOP,
        {"oracle.simulated": {"flip": 0.1}},
        "oracle.simulated.flip is not a known key. There is: none.",
    ),
    (
        "plot",
        {"plot.hight": 3},
        (
            "plot.hight is not a known key; did you mean 'height'? There is: dpi, height, title, "
            "width."
        ),
    ),
    # Plug-ins.
    (
        "generate",
        {"generate.dataset": "synthetc"},
        (
            "generate.dataset is not a known plug-in in datasets; did you mean 'synthetic'? "
            f"There is: {DATASETS}; got 'synthetc'."
        ),
    ),
    ("generate", {"generate.dataset": 5}, f"generate.dataset must be one of {DATASETS}; got 5."),
    (
        "generate",
        {"generate.dataset": "toy", "generate.toy.name": "iriss"},
        "generate.toy.name must be one of breast_cancer, digits, wine, iris; got 'iriss'.",
    ),
    (
        "baseline",
        {"learner.name": "svm"},
        (
            "learner.name is not a known plug-in in learners; did you mean 'svm_rbf'? "
            f"There is: {LEARNERS}; got 'svm'."
        ),
    ),
    (
        "baseline",
        {"evaluation.scorers": ["accuracy", "roc"]},
        (
            "evaluation.scorers.1 is not a known plug-in in scorers; did you mean 'roc_auc'? "
            f"There is: {SCORERS}; got 'roc'."
        ),
    ),
    (
        "baseline",
        {"evaluation.scorers": []},
        f"evaluation.scorers must be a list of at least 1, each one of {SCORERS}; got [].",
    ),
    (
        "baseline",
        {"evaluation.scorers": ["accuracy", "accuracy"]},
        (
            "evaluation.scorers must name each one once; accuracy stands there twice; "
            "got ['accuracy', 'accuracy']."
        ),
    ),
    (
        "baseline",
        {"learner.name": "svm_rbf"},
        (
            "evaluation.scorers must not name log_loss with this learner; it needs probabilities, "
            "and SVC has none."
        ),
    ),
    (
        LOOP,
        {"oracle.name": "oracle"},
        (f"oracle.name is not a known plug-in in oracles. There is: {ORACLES}; got 'oracle'."),
    ),
    (
        LOOP,
        {"query_loop.strategies": ["entropi"]},
        (
            "query_loop.strategies.0 is not a known plug-in in strategies; did you mean 'entropy'? "
            f"There is: {STRATEGIES}; got 'entropi'."
        ),
    ),
    (
        LOOP,
        {"query_loop.strategies": []},
        f"query_loop.strategies must be a list of at least 1, each one of {STRATEGIES}; got [].",
    ),
    (
        LOOP,
        {"query_loop.strategies": "random"},
        (
            f"query_loop.strategies must be a list of at least 1, each one of {STRATEGIES}; "
            "got 'random'."
        ),
    ),
    (
        "compare",
        {"query_loop.strategies": ["random", "margin", "random"]},
        (
            "query_loop.strategies must name each one once; random stands there twice; "
            "got ['random', 'margin', 'random']."
        ),
    ),
    # Options of strategies: those of the strategy that runs, and of what it calls.
    (
        ["query_loop", "query_by_committee"],
        {"strategies.query_by_committee.members": 1},
        "strategies.query_by_committee.members must be an int in [2, inf); got 1.",
    ),
    (
        ["query_loop", "query_by_committee"],
        {"strategies.query_by_committee.measur": "vote_entropy"},
        (
            "strategies.query_by_committee.measur is not a known key; did you mean 'measure'? "
            "There is: measure, members."
        ),
    ),
    (
        ["query_loop", "margin"],
        {"strategies.margin": {"n": 1}},
        "strategies.margin.n is not a known key. There is: none.",
    ),
    (
        ["query_loop", "--wrapper", "epsilon_greedy"],
        {"strategies.epsilon_greedy.exploit": "entropi"},
        (
            "strategies.epsilon_greedy.exploit must name a plug-in: 'entropi' is not a known "
            "plug-in in strategies; did you mean 'entropy'? "
            f"There is: {STRATEGIES}; got 'entropi'."
        ),
    ),
    (
        ["query_loop", "--wrapper", "epsilon_greedy"],
        {"strategies.epsilon_greedy.exploit": {"query_by_committee": {"members": 1}}},
        (
            "strategies.epsilon_greedy.exploit must have options that are right: "
            "query_by_committee.members must be an int in [2, inf); got 1."
        ),
    ),
    (
        ["query_loop", "epsilon_greedy"],
        {"query_loop.strategies": ["epsilon_greedy", "random"]},
        (
            "query_loop.strategies must not name epsilon_greedy, which calls other strategies; "
            "name it in query_loop.wrappers."
        ),
    ),
    (
        "compare",
        {"query_loop.strategies": ["skactiveml:Badge", "random"]},
        (
            "query_loop.strategies must not name skactiveml:Badge, which is of another package; "
            "name it in query_loop.wrappers; got ['skactiveml:Badge', 'random']."
        ),
    ),
    (
        "compare",
        {"query_loop.wrappers": ["skactivml:Badge"]},
        (
            "query_loop.wrappers.0 is not a known plug-in in strategies. "
            f"There is: {STRATEGIES}; got 'skactivml:Badge'."
        ),
    ),
    (
        "compare",
        {"query_loop.wrappers": ["random"]},
        "query_loop.wrappers must name each one once; random stands there twice; got ['random'].",
    ),
    (
        ["query_loop", "expected_model_change"],
        {"learner.name": "gaussian_nb"},
        (
            "learner.name must be a linear model for the strategy expected_model_change; "
            "GaussianNB has no coefficients."
        ),
    ),
    # Sizes that do not fit the data.
    (
        "split",
        {"split.test_size": 1000},
        (
            "split.test_size must leave on both sides of the cut at least 2 (the classes) of 100 "
            "rows; got 1000."
        ),
    ),
    (
        "split",
        {"split.initial_size": 1},
        (
            "split.initial_size must leave on both sides of the cut at least 2 (the classes) of 90 "
            "rows; got 1."
        ),
    ),
    (
        "split",
        {"split.initial_size": 90, "split.stratify": False},
        "split.initial_size must leave on both sides of the cut at least 1 of 90 rows; got 90.",
    ),
    (
        "split",
        {"split.initial_size": 1, "split.stratify": False},
        (
            "split.initial_size must leave two classes or more in the initial set; with seed 42 "
            "all of its rows (1) are of class '1'."
        ),
    ),
)
def test_wrong_params(workspace, refusal, stage, changes, message):
    (workspace / "params.yaml").write_text(yaml.safe_dump(small_params(changes)))
    assert refusal(*stage) == f"params.yaml: {message}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must be a mapping of sections; got None."),
        ("- split\n", "must be a mapping of sections; got ['split']."),
        (
            "split:\n  seed: [1\n",
            (
                'must be YAML; while parsing a flow sequence in "params.yaml", line 2, column 9 '
                "expected ',' or ']', but got '<stream end>' in \"params.yaml\", line 3, column 1."
            ),
        ),
        (
            "split: a: b\n",
            (
                'must be YAML; mapping values are not allowed here in "params.yaml", line 1, '
                "column 9."
            ),
        ),
        (None, "is missing; stages run from the project's root."),
    ],
    ids=["empty", "list", "no end", "two colons", "missing"],
)
def test_wrong_file_of_params(workspace, refusal, text, message):
    path = workspace / "params.yaml"
    path.unlink()
    if text is not None:
        path.write_text(text)
    assert refusal("split") == f"params.yaml {message}"


def test_unknown_section_is_found_by_the_check_of_the_whole_file(workspace, refusal):
    params = small_params() | {"learnr": {}}
    (workspace / "params.yaml").write_text(yaml.safe_dump(params))
    assert refusal("schema", "--check") == (
        "params.yaml: learnr is not a known section; did you mean 'learner'? There is: compare, "
        "evaluation, generate, learner, oracle, plot, preprocess, query_loop, split, stopping, "
        "strategies."
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"strategies.typiclust.neighbours": 0},  # a strategy that is not in use
            "strategies.typiclust.neighbours must be an int in [1, inf); got 0.",
        ),
        (
            {"learner.svm_rbf.gama": 1.0},  # a learner that is not in use
            (
                "learner.svm_rbf.gama is not a known key; did you mean 'gamma'? There is: C, "
                "class_weight, gamma."
            ),
        ),
        (
            {"query_loop.strategies": ["diverse_batch"]},
            (
                "query_loop.strategies must not name diverse_batch, which calls other "
                "strategies; name it in query_loop.wrappers."
            ),
        ),
    ],
)
def test_check_of_the_whole_file_looks_at_every_plugin(workspace, refusal, changes, message):
    (workspace / "params.yaml").write_text(yaml.safe_dump(small_params(changes)))
    assert refusal("schema", "--check") == f"params.yaml: {message}"


def test_check_of_the_whole_file_passes_what_is_right(workspace, capsys):
    run_stage("schema", "--check")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["least_confidense"],
            (
                "'least_confidense' is not a known plug-in in strategies; did you mean "
                f"'least_confidence'? There is: {STRATEGIES}."
            ),
        ),
        ([], f"'' is not a known plug-in in strategies. There is: {STRATEGIES}."),
        (
            ["margin", "random"],
            (
                "'margin random' is not a known plug-in in strategies; did you mean 'random'? "
                f"There is: {STRATEGIES}."
            ),
        ),
    ],
    ids=["misspelt", "none", "two"],
)
@pytest.mark.usefixtures("workspace")
def test_wrong_strategy_on_the_command_line(refusal, arguments, message):
    assert refusal("query_loop", *arguments) == f"command line: {message}"


@pytest.mark.parametrize("jobs", ["0", "-1", "two", "1.5"])
@pytest.mark.parametrize("stage", [["baseline"], LOOP], ids=lambda stage: stage[0])
@pytest.mark.usefixtures("workspace")
def test_wrong_number_of_jobs(refusal, monkeypatch, stage, jobs):
    monkeypatch.setenv("AL_JOBS", jobs)
    message = f"environment: AL_JOBS must be an int in [1, inf); got '{jobs}'."
    assert refusal(*stage) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,y\n1,p\n2,q\ninf,q\n", "feature 'a' must be finite; got inf in row 2."),
        ("a,y\n1,p\n2,\n", "target 'y' must not be empty; 1 of 2 rows are, the first is row 1."),
        ("a,y\n1,p\n2,p\n", "target 'y' must have two classes or more; got 'p' only."),
        ("a,y\n1,1\n2,0.5\n", "target 'y' must hold classes, not fractions; got 0.5 in row 1."),
        ("y\np\nq\n", "it must have a feature or more beside 'y'; got none."),
        ("a,y\n", "it must have a row or more; got none."),
    ],
    ids=[
        "infinite",
        "no target",
        "one class",
        "float target",
        "no feature",
        "no row",
    ],
)
def test_wrong_table(workspace, refusal, text, message):
    use_table(workspace)
    (workspace / "mine.csv").write_text(text)
    assert refusal("generate") == f"mine.csv: {message}"


def use_table(workspace, path="mine.csv", target="y", drop=(), generate=(), **roles):
    table = {"path": path, "target": target, "drop": list(drop)} | roles
    changes = {"generate.dataset": "table", "generate.table": table} | dict(generate)
    (workspace / "params.yaml").write_text(yaml.safe_dump(small_params(changes)))
    (workspace / "mine.csv").write_text("a,height,y\n1,2,p\n3,4,q\n")


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"path": "gone.csv"}, "path must be a file; got 'gone.csv', which is not there."),
        ({"path": "mine.xlsx"}, "path must end in .csv or .parquet; got 'mine.xlsx'."),
        (
            {"target": "heigth"},
            (
                "target is not a known column; did you mean 'height'? There is: a, "
                "height, y; got 'heigth'."
            ),
        ),
        (
            {"drop": ["id"]},
            "drop is not a known column. There is: a, height, y; got 'id'.",
        ),
        (
            {"group": "heigth"},
            (
                "group is not a known column; did you mean 'height'? There is: a, "
                "height, y; got 'heigth'."
            ),
        ),
        (
            {"cost": "a", "drop": ["a"]},
            ("drop must be another column than cost; got 'a' for both."),
        ),
        ({"id": "y"}, "id must be another column than target; got 'y' for both."),
        ({"id": 3}, "id must be a text or null; got 3."),
    ],
    ids=["missing", "suffix", "target", "drop", "group", "dropped cost", "target as id", "number"],
)
def test_wrong_place_of_a_table(workspace, refusal, table, message):
    use_table(workspace, **table)
    assert refusal("generate") == f"params.yaml: generate.table.{message}"


@pytest.mark.parametrize(
    ("column", "options", "message"),
    [
        ("1,1,2", {"id": "x"}, "id 'x' must be there and differ in every row; got '1' in row 1."),
        ("1,,2", {"id": "x"}, "id 'x' must be there and differ in every row; got nan in row 1."),
        ("p,,q", {"group": "x"}, "group 'x' must be there in every row; got nan in row 1."),
        ("1,0,2", {"cost": "x"}, "cost 'x' must be a finite number above 0; got 0 in row 1."),
        ("1,2,x", {"cost": "x"}, "cost 'x' must be a finite number above 0; got 'x' in row 2."),
        ("1,2,", {"cost": "x"}, "cost 'x' must be a finite number above 0; got nan in row 2."),
        (
            "1,2,two",
            {"generate": {"generate.kinds": {"x": "number"}}},
            ("feature 'x' must be a number; got 'two' in row 2. Its kind can be set in kinds."),
        ),
        (
            "2024-01-01,1 May,",
            {"generate": {"generate.kinds": {"x": "date"}}},
            (
                "feature 'x' must be an ISO 8601 date; got '1 May' in row 1. "
                "Its kind can be set in kinds."
            ),
        ),
        (
            "7,7,7",
            {"generate": {"generate.checks": "error"}},
            (
                "3 of 3 rows have a duplicate, the same in every feature; 3 of them have one of "
                "another class. A row can then stand in the test set and in the pool. 2 of 2 "
                "classes have fewer than 3 rows, one each for test set, initial set and pool: "
                "'p' (2), 'q' (1). 1 column ('x') is the same in every row, and can be left out. "
                "(generate.checks is error.)"
            ),
        ),
    ],
    ids=[
        "id twice",
        "no id",
        "no group",
        "free",
        "cost in words",
        "no cost",
        "kind",
        "date",
        "checks",
    ],
)
def test_wrong_column_of_a_table(workspace, refusal, column, options, message):
    use_table(workspace, **options)
    rows = zip(column.split(","), "pqp", strict=True)
    text = "x,y\n" + "".join(f"{x},{y}\n" for x, y in rows)
    if "generate" not in options:
        text = text.replace("x,y\n", "x,z,y\n").replace(",p\n", ",5,p\n").replace(",q\n", ",6,q\n")
    (workspace / "mine.csv").write_text(text)
    assert refusal("generate") == f"mine.csv: {message}"


def test_kind_of_a_column_that_is_not_there(workspace, refusal):
    use_table(workspace, generate={"generate.kinds": {"heigth": "number"}})
    assert refusal("generate") == (
        "params.yaml: generate.kinds.heigth is not a known feature; "
        "did you mean 'height'? There is: a, height."
    )


def test_groups_that_cannot_be_parted(workspace, refusal):
    use_table(workspace, group="g")
    (workspace / "mine.csv").write_text("a,g,y\n" + "1,here,p\n2,there,q\n" * 20)
    run_stage("generate")
    assert refusal("split") == (
        "params.yaml: split.test_size must leave a group or more on both sides of the cut; got 0.1 "
        "with 2 groups in 40 rows."
    )


@pytest.mark.parametrize("initial", ["k_center_greedy", "typiclust"])
@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["Ulm", "Bonn"], "category"),
        (["2024-02-29", "2024-03-01"], "date"),
        (["true", "false"], "boolean"),
        (["5", ""], "number with gaps"),
    ],
)
def test_cold_start_without_distances(workspace, refusal, initial, values, kind):
    use_table(workspace, generate={"split.initial": initial})
    rows = f"1,{values[0]},p\n2,{values[1]},q\n" * 20
    (workspace / "mine.csv").write_text(f"a,b,y\n{rows}")
    run_stage("generate")
    assert refusal("split") == (
        "params.yaml: split.initial must be random or one_per_class where a feature is not a "
        f"complete number; got {initial!r}, and 'b' is a {kind}."
    )


def test_number_that_single_precision_cannot_hold(workspace, refusal):
    use_table(workspace, generate={"preprocess.dtype": "float32"})
    (workspace / "mine.csv").write_text("a,y\n" + "1,p\n1e300,q\n" * 45)
    run_stage("generate")
    run_stage("split")
    assert refusal("baseline") == (
        "params.yaml: preprocess.dtype must be float64 for feature 'a': 1e+300 in row 1 is too "
        "large for float32."
    )


def test_costs_that_are_given_twice(workspace, refusal):
    costs = {"query_loop.class_costs": {"p": 1.0, "q": 2.0}}
    use_table(workspace, cost="price", generate=costs)
    rows = "".join(f"{n},1.5,p\n{-n},2,q\n" for n in range(45))
    (workspace / "mine.csv").write_text("a,price,y\n" + rows)
    run_stage("generate")
    run_stage("split")
    assert refusal(*LOOP) == (
        "params.yaml: query_loop.class_costs must be {}: the table has costs of its own."
    )


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("mine.csv", b""),
        ("mine.csv", b"a,y\n1,p\n2,q,3\n"),
        ("mine.csv", b"a,y\n1,\xff\n"),
        ("mine.parquet", b"PAR1 and no more"),
    ],
    ids=["empty", "ragged", "not utf-8", "damaged"],
)
def test_table_that_cannot_be_read(workspace, refusal, path, content):
    use_table(workspace, path)
    (workspace / path).write_bytes(content)
    assert refusal("generate").startswith(f"{path} cannot be read as a table (")


@pytest.mark.parametrize(
    ("header", "row", "reason"),
    [
        # pandas would call the second one a.1, and not drop it with the first.
        ("a,y,a", "1,p,2", "its columns need names that differ; two are 'a'"),
        # pandas would take the first field for the row's name: y for a feature, and a for y.
        ("y,a", "p,1,", "its rows have more fields than its header, 2"),
    ],
)
def test_table_whose_columns_are_not_what_they_seem(workspace, refusal, header, row, reason):
    use_table(workspace)
    (workspace / "mine.csv").write_text(f"{header}\n" + f"{row}\n" * 20)
    assert refusal("generate") == f"mine.csv cannot be read as a table ({reason})."


def test_kind_of_a_column_whose_name_is_a_number_in_yaml(workspace, refusal):
    use_table(workspace, generate={"generate.kinds": {2019: "category"}})
    assert refusal("generate") == (
        "params.yaml: generate.kinds.2019 must be a text, in quotes; got 2019."
    )


def test_class_with_too_few_rows_to_stratify(workspace, refusal):
    use_table(workspace)
    (workspace / "mine.csv").write_text("a,y\n" + "1,p\n2,q\n" * 20 + "3,rare\n")
    run_stage("generate")
    assert refusal("split") == (
        "params.yaml: split.stratify must be false, or every class have a row for each part; "
        "class 'rare' has 1 of 41 rows left to cut."
    )


INPUTS = [
    ("split", "data/raw/card.json"),
    ("split", "data/raw/table.parquet"),
    ("baseline", "data/raw/card.json"),
    ("baseline", "data/raw/table.parquet"),
    ("baseline", "data/splits.parquet"),
    ("query_loop", "data/raw/table.parquet"),
    ("query_loop", "data/splits.parquet"),
    ("compare", "metrics/baseline.json"),
    ("compare", "metrics/baseline.csv"),
    ("compare", "data/query_loop/least_confidence/curves.parquet"),
    ("compare", "data/query_loop/least_confidence/queries.parquet"),
    ("compare", "data/query_loop/least_confidence/stopping.parquet"),
    ("compare", "data/query_loop/random/curves.parquet"),
    ("compare", "data/query_loop/random/queries.parquet"),
    ("plot", "metrics/stopping.json"),
    ("plot", "metrics/strategies.json"),
    ("plot", "metrics/cost_curves.csv"),
    ("plot", "metrics/curves.csv"),
    ("plot", "metrics/differences.csv"),
]
EVERY_INPUT = pytest.mark.parametrize(
    ("stage", "path"), INPUTS, ids=[" ".join(pair) for pair in INPUTS]
)


def arguments(stage):
    return LOOP if stage == "query_loop" else [stage]


@EVERY_INPUT
def test_missing_artifact(workspace, refusal, stage, path):
    (workspace / path).unlink()
    assert refusal(*arguments(stage)) == f"{path} is missing; `dvc repro` makes it."


@EVERY_INPUT
def test_damaged_artifact(workspace, refusal, stage, path):
    whole = (workspace / path).read_bytes()
    for damaged in (whole[: len(whole) // 2], b"", b"[]", b"null\n"):
        (workspace / path).write_bytes(damaged)
        said = refusal(*arguments(stage))
        assert said.startswith(f"{path} is damaged (")
        assert said.endswith("); delete it and run `dvc repro`.")


def test_table_that_is_not_that_of_its_card(workspace, refusal):
    card = (workspace / "data/raw/card.json").read_bytes()
    use_table(workspace)
    run_stage("generate")
    (workspace / "data/raw/card.json").write_bytes(card.replace(b'"target"', b'"y"', 1))
    assert "data/raw/" in refusal("split")


def test_loops_and_baseline_of_different_repeats(workspace, refusal):
    """A table that was cut at the end of a line."""
    path = workspace / "metrics/baseline.csv"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-2]))
    assert refusal("compare") == (
        "data/query_loop/least_confidence/curves.parquet has 3 repeats, the baseline 2; "
        "run `dvc repro`."
    )


@pytest.mark.parametrize("command_line", [["baseline"], LOOP], ids=["baseline", "query_loop"])
def test_splits_of_another_table(workspace, refusal, command_line):
    use_table(workspace)
    (workspace / "mine.csv").write_text("a,y\n" + "1,p\n2,q\n" * 20)
    rows = pd.read_parquet(workspace / "data/splits.parquet").groupby("repeat").size()[0]
    run_stage("generate")
    assert refusal(*command_line) == (
        f"data/splits.parquet must split the 40 rows of data/raw; got {rows} rows. Run `dvc repro`."
    )


def test_strategy_that_was_not_run(workspace, refusal):
    strategies = ["least_confidence", "random", "entropy"]
    params = small_params({"query_loop.strategies": strategies})
    (workspace / "params.yaml").write_text(yaml.safe_dump(params))
    path = "data/query_loop/entropy/curves.parquet"
    assert refusal("compare") == f"{path} is missing; `dvc repro` makes it."


@pytest.mark.parametrize(
    ("command_line", "changes", "message"),
    [
        (
            ["split"],
            {"split.repeats": 0},
            ("params.yaml: split.repeats must be an int in [1, 10000]; got 0."),
        ),
        (
            ["query_loop", "nearest"],
            {},
            (
                f"command line: 'nearest' is not a known plug-in in strategies. "
                f"There is: {STRATEGIES}."
            ),
        ),
        (
            ["baseline"],
            {"learner.name": "svm_rbf"},
            (
                "params.yaml: evaluation.scorers must not name log_loss with this learner; it "
                "needs probabilities, and SVC has none."
            ),
        ),
    ],
    ids=["params", "command line", "learner"],
)
def test_in_a_process_of_its_own(workspace, command_line, changes, message):
    (workspace / "params.yaml").write_text(yaml.safe_dump(small_params(changes)))
    stage, *rest = command_line
    done = subprocess.run(
        [sys.executable, "-m", f"stages.{stage}", *rest],
        env=os.environ | {"PYTHONPATH": str(examples.ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == f"error: {message}\n"


def test_fault_of_the_program_keeps_its_traceback():
    def faulty():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        command.run(faulty)


def test_an_interrupt_is_one_line_with_the_status_of_a_shell(capsys):
    def interrupted():
        raise KeyboardInterrupt

    with pytest.raises(SystemExit) as exit_:
        command.run(interrupted)
    assert exit_.value.code == 130
    assert capsys.readouterr().err == "interrupted; run it again to go on\n"


def test_everything_that_is_refused_here_runs_when_it_is_right(workspace):
    """The experiment that all of these start from is a sound one."""
    run_stage("plot")
    assert {path.name for path in Path("plots").iterdir()} == {
        f"{name}.{kind}"
        for name in ("learning_curves", "differences", "label_savings")
        for kind in ("png", "svg")
    }
