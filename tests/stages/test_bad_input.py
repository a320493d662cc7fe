"""Whatever a user gets wrong is said in one line, with place, rule and value; nothing is written.

One case for each kind of rule; tests/stages/test_params.py has the wording of all. The cases call a
stage's ``main`` in this process, as ``python -m`` would; one starts a process.
"""

import math
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from active_learning.core import plugins
from stages import command
from stages.params import yaml
from tests import examples
from tests.benchmark.test_report import Reader
from tests.examples import MISSING, run_stage, small_params

LOOP = ["query_loop", "least_confidence"]
STAGES = ["generate", "split", "baseline", "query_loop", "compare"]
LEARNERS, STRATEGIES = (", ".join(plugins.available(kind)) for kind in ("learners", "strategies"))


def contents(folder):
    """Every file of a folder, and what is in it."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A small experiment that has run up to ``compare``."""
    folder = tmp_path_factory.mktemp("finished")
    (folder / "params.yaml").write_text(yaml.dump(small_params()))
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.chdir(folder)
        monkeypatch.setenv("AL_JOBS", "1")
        for stage in STAGES:
            run_stage(stage)
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


def set_params(changes=()):
    Path("params.yaml").write_text(yaml.dump(small_params(changes)))


# A stage with its arguments, changes to params.yaml, and below what is said of them.
CASES = """\
generate {generate.seed: '42'}
    generate.seed must be an int in [0, 2147483648); got '42'.
split {split.test_size: 10%}
    split.test_size must be an int in [1, 1000000000] or a float in (0, 1); got '10%'.
baseline {learner.logistic_regression.C: .nan}
    learner.logistic_regression.C must be a float in (0, inf); got nan.
generate {split: MISSING}
    the section split is missing; `split: {}` uses its defaults.
split {split: null}
    split must be a mapping; got null.
query_loop least_confidence {oracle.simulated: {flip: 0.1}}
    oracle.simulated: unknown key 'flip'; available: none.
baseline {learner.name: svm}
    learner.name: unknown learner 'svm'; available: LEARNERS; did you mean 'svm_rbf'?
generate {query_loop.strategies: [least_confidense]}
    query_loop.strategies: unknown strategy 'least_confidense'; available: STRATEGIES; did you mean
    'least_confidence'?
compare {query_loop.wrappers: [random]}
    query_loop: wrappers is no longer a key; name its strategies in strategies.
compare {query_loop.strategies: ['skactiveml:Badge']}
    query_loop.strategies: write skactiveml.pool.Badge instead of skactiveml:Badge.
query_loop random {'strategies.skactiveml:Badge': {}}
    strategies: write skactiveml.pool.Badge instead of skactiveml:Badge.
compare {query_loop.strategies: [random, random]}
    query_loop.strategies: duplicate entry: random.
generate {generate.synthetic.n_informative: 20}
    generate.synthetic must have n_informative + n_redundant (20) at most n_features (10).
generate {generate.synthetic.n_classes: 40}
    generate.synthetic must have n_classes * n_clusters_per_class (40) at most 2**n_informative
    (32).
generate {generate.dataset: openml, generate.openml.name: titanic}
    generate.openml must set either data_id or name, and the other to null.
split {split.scheme: lu2023}
    split must have stratify false and initial random with scheme lu2023.
split {split.scheme: lu2023, split.stratify: false, split.initial_size: 0.1}
    split must have a share as test_size and a number of rows as initial_size with scheme lu2023;
    got 0.1 and 0.1.
query_loop least_confidence {query_loop.batch_size: 5}
    query_loop.batch_size must be an int in [1, 4] (the budget); got 5.
query_loop least_confidence {stopping.rules: [plateau], stopping.binding: target_score}
    stopping.binding must be null or one of stopping.rules (plateau); got 'target_score'.
baseline {learner.name: svm_rbf}
    evaluation.scorers must not be log_loss, which needs probabilities, with this estimator: SVC has
    none.
query_loop epsilon_greedy {strategies.epsilon_greedy.exploit: entropi}
    strategies.epsilon_greedy.exploit: unknown strategy 'entropi'; available: STRATEGIES; did you
    mean 'entropy'?
query_loop epsilon_greedy {strategies.epsilon_greedy.exploit: {typiclust: {min_size: 0}}}
    strategies.epsilon_greedy.exploit must be a name: put the options into an entry of strategies,
    and name that entry.
query_loop least_confidence {query_loop.cost_budget: 5.0}
    query_loop.cost_budget must be null without costs: set query_loop.class_costs, or add a column
    of costs to the table; got 5.0.
query_loop least_confidence {query_loop.class_costs: {0: 1.0}}
    query_loop.class_costs must have every class; missing: '1'.
query_loop least_confidence {query_loop.class_costs: {0: 1.0, true: 2.0}}
    query_loop.class_costs: unknown class 'True'; available: 0, 1.
split {split.test_size: 1000}
    split.test_size must leave at least 2 (one per class) of 100 rows on each side of the cut; got
    1000.
split {split.initial_size: 90, split.stratify: false}
    split.initial_size must leave at least 1 of 90 rows on each side of the cut; got 90.
split {split.initial_size: 1, split.stratify: false}
    split.initial_size must leave at least two classes in the initial set; with seed 42 all of its 1
    rows are of class '1'.
split {split.initial: one_per_class, split.initial_size: 1}
    split.initial_size must be at least 2 rows, one per class; got 1 rows.
"""


def cases():
    for case in re.split(r"\n(?=\w)", CASES.strip()):
        head, *message = case.splitlines()
        stage, changes = head.split(" {", 1)
        said = " ".join(map(str.strip, message))
        said = said.replace("LEARNERS", LEARNERS).replace("STRATEGIES", STRATEGIES)
        yield pytest.param(stage.split(), yaml.parse("{" + changes, "text"), said, id=head)


@pytest.mark.parametrize(("stage", "changes", "message"), [*cases()])
@pytest.mark.usefixtures("workspace")
def test_wrong_params(refusal, stage, changes, message):
    set_params({key: MISSING if value == "MISSING" else value for key, value in changes.items()})
    assert refusal(*stage) == f"params.yaml: {message}"


@pytest.mark.usefixtures("workspace")
def test_params_that_a_strategy_cannot_be_run_with(refusal):
    set_params({"learner.name": "gaussian_nb", "query_loop.strategies": ["expected_model_change"]})
    assert refusal("query_loop") == (
        "expected_model_change failed: params.yaml: learner.name must be a linear model for "
        "expected_model_change; GaussianNB has no coefficients."
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", ": must be a mapping of sections; got null."),
        ("split: 1\nsplit: 2\n", ": line 2: invalid YAML: duplicate key 'split'."),
        (None, " is missing; run stages from the project's root."),
    ],
    ids=["empty", "a key twice", "missing"],
)
def test_wrong_file_of_params(workspace, refusal, text, message):
    path = workspace / "params.yaml"
    path.unlink()
    if text is not None:
        path.write_text(text)
    assert refusal("split") == f"params.yaml{message}"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"learnr": {}}, "unknown section 'learnr'; .*; did you mean 'learner'\\?"),
        ({"strategies.typiclust.neighbours": 0}, r"strategies.typiclust.neighbours must .*got 0\."),
        ({"learner.svm_rbf.gama": 1.0}, "learner.svm_rbf: unknown key 'gama'; .* 'gamma'\\?"),
    ],
    ids=str,
)
@pytest.mark.usefixtures("workspace")
def test_every_stage_checks_the_whole_file(refusal, changes, message):
    set_params(changes)
    for stage in (*STAGES, "plot"):
        assert re.fullmatch(f"params.yaml: {message}", refusal(stage))


@pytest.mark.usefixtures("workspace")
def test_wrong_strategy_on_the_command_line(refusal):
    said = refusal("query_loop", "random", "least_confidense")
    assert said.startswith("command line: unknown strategy 'least_confidense'; available: ")


@pytest.mark.usefixtures("workspace")
def test_wrong_number_of_jobs(refusal, monkeypatch):
    monkeypatch.setenv("AL_JOBS", "0")
    assert refusal(*LOOP) == "environment: AL_JOBS must be an int in [1, inf); got '0'."


def use_table(workspace, text="a,height,y\n1,2,p\n3,4,q\n", params=(), path="mine.csv", **options):
    """Let the experiment be about a table of one's own."""
    table = {"path": path, "target": "y"} | options
    set_params({"generate.dataset": "table", "generate.table": table} | dict(params))
    (workspace / path).write_bytes(text if isinstance(text, bytes) else text.encode())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"path": "mine.doc"}, r"path must end in one of \.csv, .*; got 'mine.doc'"),
        ({"target": "heigth"}, "target: unknown column .*'heigth'; .* did you mean 'height'"),
        ({"drop": ["id"]}, "drop: unknown column .*'id'; available: a, height, y"),
        ({"cost": "a", "drop": ["a"]}, "drop must differ from .*cost; got 'a' for both"),
        ({"id": 3}, "id must be a string or null; got 3"),
    ],
    ids=str,
)
def test_wrong_options_of_a_table(workspace, refusal, options, message):
    use_table(workspace, **options)
    assert re.match(rf"params.yaml: generate\.table\.{message}", refusal("generate"))


def test_table_that_is_not_there(workspace, refusal):
    use_table(workspace)
    (workspace / "mine.csv").unlink()
    assert refusal("generate") == (
        "params.yaml: generate.table.path must be an existing file; got 'mine.csv'."
    )


TWO_CLASSES = "target 'y' must have at least two classes;"
START = "To label its rows: python -m commands.labels start mine.csv --target y"


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("a,y\n1,p\n2,q\ninf,q\n", {}, "feature 'a' must be finite; got inf in row 4."),
        ("a,y\n1,p\n2,\n", {}, f"{TWO_CLASSES} got only 'p'. {START} --classes A,B"),
        (
            "a,b,c,y\n1,1,1,\n2,2,2,\n",
            {"id": "a", "drop": ["b"]},
            f"{TWO_CLASSES} got no label. .* mine.csv --id a --target y --classes A,B --drop b",
        ),
        (
            "a,y\n1,1\n2,\n3,0.5\n",
            {},
            "target 'y' must hold classes, not fractions; got '0.5' in row 4.",
        ),
        ("y\np\nq\n", {}, "the table must have at least one feature besides 'y'; got none."),
        ("a,y\n", {}, "the table must have at least one row; got none."),
        ("x,a,y\n1,5,p\n1,6,q\n", {"id": "x"}, "id 'x' must .* unique; got '1' in row 3."),
        ("x,a,y\np,5,p\n,6,q\n", {"group": "x"}, "group 'x' must be present .*; got nan in row 3."),
        ("x,a,y\n1,5,p\n0,6,q\n", {"cost": "x"}, "cost 'x' must be a finite .*; got 0 in row 3."),
        ("x,a,y\n1,5,p\nb,6,q\n", {"cost": "x"}, "cost 'x' must be a finite .*; got 'b' in row 3."),
        (
            "x,y\n1,p\ntwo,q\n",
            {"params": {"generate.kinds": {"x": "number"}}},
            "feature 'x' must be a number; got 'two' in row 3.",
        ),
        (
            "x,y\n7,p\n7,q\n7,p\n",
            {"params": {"generate.checks": "error"}},
            r"3 of 3 rows have a duplicate, .* 'p' \(2\), 'q' \(1\)\. .* \(generate.checks is .*",
        ),
    ],
    ids=str,
)
def test_wrong_table(workspace, refusal, text, options, message):
    use_table(workspace, text, **options)
    assert re.fullmatch(f"mine.csv: {message}", refusal("generate"))


@pytest.mark.parametrize(
    ("path", "content", "reason"),
    [
        ("mine.csv", b"", ""),
        ("mine.csv", b"a,y\n1,p\n2,q,3\n", ""),
        ("mine.parquet", b"PAR1 and no more", ""),
        # pandas would call the second one a.1, and not drop it with the first.
        ("mine.csv", b"a,y,a\n1,p,2\n", "two columns are named 'a'"),
        # pandas would take the first field for the row's name: y for a feature, and a for y.
        ("mine.csv", b"y,a\np,1,2\n", "its rows have more fields than the first row"),
    ],
    ids=["empty", "ragged", "damaged", "two of a name", "more fields"],
)
def test_table_that_cannot_be_read(workspace, refusal, path, content, reason):
    use_table(workspace, content, path=path)
    assert refusal("generate").startswith(f"{path} cannot be read as a table ({reason}")


def test_kind_of_a_column_that_is_not_there(workspace, refusal):
    use_table(workspace, params={"generate.kinds": {"heigth": "number"}})
    said = refusal("generate")
    assert said.startswith("params.yaml: generate.kinds: unknown feature")
    assert said.endswith("; available: a, height; did you mean 'height'?")


TWENTY = 20


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        (
            "a,g,y\n" + "1,here,p\n2,there,q\n" * TWENTY,
            {"group": "g"},
            (
                "split.test_size must leave at least one group on each side of the cut; got 0.1 "
                "with 2 groups in 40 rows."
            ),
        ),
        (
            "a,b,y\n" + "1,Ulm,p\n2,Bonn,q\n" * TWENTY,
            {"params": {"split.initial": "typiclust"}},
            (
                "split.initial must be random or one_per_class unless all features are complete "
                "numbers; got 'typiclust', and 'b' is a category."
            ),
        ),
        (
            "a,b,y\n" + "1,5,p\n2,,q\n" * TWENTY,
            {"params": {"split.initial": "k_center_greedy"}},
            (
                "split.initial must be random or one_per_class unless all features are complete "
                "numbers; got 'k_center_greedy', and 'b' is a number with missing values."
            ),
        ),
        (
            "a,y\n" + "1,p\n2,q\n" * TWENTY + "3,rare\n4,Rare\n",
            {},
            (
                "split.stratify must be false unless every class has at least 2 of the 42 rows "
                "that the test set is chosen from; fewer: 'Rare' (1), 'rare' (1). Check that they "
                "are no typos; merge rare classes, or leave their rows out."
            ),
        ),
    ],
    ids=["groups", "category", "gaps", "rare class"],
)
def test_table_that_cannot_be_split(workspace, refusal, text, options, message):
    use_table(workspace, text, **options)
    run_stage("generate")
    assert refusal("split") == f"params.yaml: {message}"


def test_number_that_single_precision_cannot_hold(workspace, refusal):
    use_table(workspace, params={"preprocess.dtype": "float32"})
    (workspace / "mine.csv").write_text("a,y\n" + "1,p\n1e300,q\n" * 45)
    run_stage("generate")
    run_stage("split")
    assert refusal("baseline") == (
        "params.yaml: preprocess.dtype must be float64 for feature 'a': 1e+300 is too "
        "large for float32."
    )


def test_costs_that_are_given_twice(workspace, refusal):
    rows = "".join(f"{n},1.5,p\n{-n},2,q\n" for n in range(45))
    costs = {"query_loop.class_costs": {"p": 1.0, "q": 2.0}}
    use_table(workspace, "a,price,y\n" + rows, costs, cost="price")
    run_stage("generate")
    run_stage("split")
    assert refusal(*LOOP) == (
        "params.yaml: query_loop.class_costs must be {}, since the table has costs."
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
    ("plot", "data/query_loop/params.json"),
    ("plot", "data/query_loop/least_confidence/queries.parquet"),
    ("plot", "data/raw/card.json"),
    ("plot", "data/raw/table.parquet"),
    ("plot", "metrics/stopping.json"),
    ("plot", "metrics/strategies.json"),
    ("plot", "metrics/cost_curves.csv"),
    ("plot", "metrics/curves.csv"),
    ("plot", "metrics/differences.csv"),
]


@pytest.mark.parametrize(("stage", "path"), INPUTS)
def test_missing_or_damaged_artifact(workspace, refusal, stage, path):
    arguments = LOOP if stage == "query_loop" else [stage]
    whole = (workspace / path).read_bytes()
    for damaged in (whole[: len(whole) // 2], b"", b"[]", b"null\n"):
        (workspace / path).write_bytes(damaged)
        said = refusal(*arguments)
        assert said.startswith(f"{path} is damaged (")
        assert said.endswith("). Run `dvc repro`.")
    (workspace / path).unlink()
    assert refusal(*arguments) == f"{path} is missing. Run `dvc repro`."


def test_table_that_is_not_that_of_its_card(workspace, refusal):
    card = (workspace / "data/raw/card.json").read_bytes()
    use_table(workspace)
    run_stage("generate")
    (workspace / "data/raw/card.json").write_bytes(card.replace(b'"target"', b'"y"', 1))
    assert "data/raw/" in refusal("split")


def test_loops_and_baseline_of_different_repeats(workspace, refusal):
    """A table that was cut at the end of a line."""
    path = workspace / "metrics/baseline.csv"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    assert refusal("compare") == (
        "data/query_loop/least_confidence/curves.parquet has 3 repeats, the baseline 2. "
        "Run `dvc repro`."
    )


@pytest.mark.parametrize("command_line", [["baseline"], LOOP], ids=["baseline", "query_loop"])
def test_splits_of_another_table(workspace, refusal, command_line):
    use_table(workspace, "a,y\n" + "1,p\n2,q\n" * TWENTY)
    rows = pd.read_parquet(workspace / "data/splits.parquet").groupby("repeat").size()[0]
    run_stage("generate")
    assert refusal(*command_line) == (
        f"data/splits.parquet must split the 40 rows of data/raw; got {rows} rows. Run `dvc repro`."
    )


@pytest.mark.usefixtures("workspace")
def test_strategy_that_was_not_run(refusal):
    set_params({"query_loop.strategies": ["least_confidence", "random", "entropy"]})
    path = "data/query_loop/entropy/curves.parquet"
    assert refusal("compare") == f"{path} is missing. Run `dvc repro`."


@pytest.mark.usefixtures("workspace")
@pytest.mark.parametrize("page", [False, True])
def test_in_a_process_of_its_own(page):
    if page:
        Path("plots").mkdir()
        Path("plots/report.html").touch()
    set_params({"split.repeats": 0})
    done = subprocess.run(
        [sys.executable, "-m", "stages.split"],
        env=os.environ | {"PYTHONPATH": str(examples.ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    message = "params.yaml: split.repeats must be an int in [1, 10000]; got 0."
    note = "plots/report.html is still that of the run before.\n" if page else ""
    assert (done.returncode, done.stderr) == (1, f"error: {message}\n{note}")


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
    assert capsys.readouterr().err == "interrupted; run it again to continue\n"


def test_sigterm_is_an_interrupt_with_a_status_of_its_own(capsys):
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as exit_:
        command.run(lambda: signal.raise_signal(signal.SIGTERM))
    assert exit_.value.code == 143
    assert capsys.readouterr().err == "interrupted; run it again to continue\n"
    assert signal.getsignal(signal.SIGTERM) == before


OPENED = []
sys.addaudithook(lambda event, args: event == "open" and OPENED.append(str(args[0])))


@pytest.mark.usefixtures("workspace")
def test_the_experiment_that_all_of_these_start_from_is_right_and_opens_params_once():
    for stage in (*STAGES, "plot"):
        OPENED.clear()
        run_stage(stage)
        assert OPENED.count("params.yaml") == 1
    assert {path.name for path in Path("plots").iterdir()} == {
        f"{name}.{kind}"
        for name in ("learning_curves", "differences", "label_savings")
        for kind in ("png", "svg")
    } | {"report.html"}


@pytest.mark.usefixtures("workspace")
def test_the_page_shows_the_rows_that_were_asked_first_with_their_content():
    for stage in (*STAGES, "plot"):
        run_stage(stage)
    table = pd.read_parquet("data/raw/table.parquet")
    text = Reader(Path("plots/report.html").read_text("utf-8")).text
    for name in ("least_confidence", "random"):
        queries = pd.read_parquet(f"data/query_loop/{name}/queries.parquet")
        first = queries[queries["repeat"] == 0].iloc[0]
        value = f"{table.iloc[first['row'], 0]:.4g}"
        shown = "–" if math.isnan(first["informativeness"]) else f"{first['informativeness']:.4g}"
        assert f" 1 {first['row']} {first['answer']} {shown} {value} " in text
