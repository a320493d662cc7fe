"""Which setting to use: from experiments that DVC knows to the line to type."""

import json
import math
import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from active_learning.analysis import statistics
from active_learning.analysis.curves import LearningCurve
from active_learning.core.errors import ArtifactError, UserError
from commands import rank
from commands.gate.metrics import Metrics
from commands.ranking import experiments, reports, settings
from commands.ranking.experiments import Experiment
from commands.ranking.settings import Candidate
from stages import command
from stages.params import yaml
from stages.params.sections import Compare
from tests.commands import repository as small
from tests.commands.repository import OUTS, Repository
from tests.pipeline.clone import environment

N_REPEATS = 12
PARAMS = {
    "split": {"seed": 42, "repeats": N_REPEATS},
    "learner": {
        "name": "logistic_regression",
        "seed": 42,
        "logistic_regression": {"C": 1.0},
        "svm_rbf": {"C": 1.0},
    },
    "query_loop": {
        "strategies": ["margin", "random"], "budget": 10, "batch_size": 5, "class_costs": {0: 5.0},
    },
    "compare": {
        "seed": 42, "confidence": 0.95, "power": 0.8, "difference": 0.01, "n_resamples": 500,
        "targets": [0.9],
    },
}  # fmt: skip
COMPARE = Compare(**PARAMS["compare"])
NOISE = np.random.default_rng(0).normal(0, 0.02, (N_REPEATS, 3))


def curve(level, noise=NOISE, labels=(10, 15, 20), greater_is_better=True):
    """Curve that rises by 0.01 at every step, with the noise of the repeats on top."""
    scores = level + 0.01 * np.arange(len(labels)) + noise[:, : len(labels)]
    return LearningCurve(np.array(labels), np.round(scores, 6), greater_is_better)


def experiment(name="main", fault="", code=(), **params):
    values = {"split.seed": 42, "query_loop.budget": 10} | {
        key.replace("__", "."): value for key, value in params.items()
    }
    return Experiment(name, f"{name}-commit", values, dict(code), fault)


def candidate(of=None, strategy="margin", level=0.8, splits="s", headline="accuracy", **options):
    of = of or experiment()
    line = level if isinstance(level, LearningCurve) else curve(level, **options)
    evidence = {
        "headline": headline,
        "n_repeats": len(line.scores),
        "greater_is_better": line.greater_is_better,
        "strategies": {strategy: {"same_as": None}, "random": {"same_as": None}},
    }
    hashes = {"data/raw": "r", "data/splits.parquet": splits}
    return Candidate(of, Metrics(evidence, pd.DataFrame(), hashes), strategy, line)


def ranking(*which, measure="aulc"):
    return settings.rank(list(which), measure, COMPARE)


@pytest.fixture
def no_git(monkeypatch):
    """Experiments of these tests are no commits: whatever the best is, HEAD has it."""
    monkeypatch.setattr(reports, "git", lambda *_: b"main-commit\n")


def unlike(seed, scale=0.02):
    return np.random.default_rng(seed).normal(0, scale, (N_REPEATS, 3))


class TestCurves:
    def test_a_cut_has_the_area_of_the_straight_lines(self):
        line = LearningCurve(np.array([10, 20, 40]), np.array([[0.5, 0.7, 0.9]]), True)
        cut = settings.cut(line, 15, 30)
        assert cut.labels.tolist() == [15, 20, 30]
        np.testing.assert_allclose(cut.scores, [[0.6, 0.7, 0.8]])
        # 5 labels at 0.65 and 10 at 0.75
        np.testing.assert_allclose(cut.aulc, [(5 * 0.65 + 10 * 0.75) / 15])

    def test_only_what_all_have_counts(self):
        whole = candidate(level=curve(0.8, labels=(10, 15, 20)))
        late = candidate(experiment("late"), level=curve(0.8, unlike(1), labels=(12, 16)))
        found = ranking(whole, late)
        assert found.labels == (12, 16)
        assert "Only 12 to 16, which all have, count; late ends first." in reports.notes(found)[0]

    def test_curves_without_a_stretch_in_common(self):
        one = candidate(level=curve(0.8, labels=(10, 15)))
        other = candidate(experiment("late"), level=curve(0.8, labels=(15, 20)))
        with pytest.raises(UserError, match="late begin at 15 labels, and those of main end at 15"):
            ranking(one, other)


class TestSettings:
    def test_the_options_of_other_plug_ins_do_not_count(self):
        assert experiments.curve_params(PARAMS) == {
            "split.seed": 42,
            "split.repeats": N_REPEATS,
            "learner.name": "logistic_regression",
            "learner.seed": 42,
            "learner.logistic_regression.C": 1.0,
            "query_loop.budget": 10,
            "query_loop.batch_size": 5,
            "query_loop.class_costs.0": 5.0,
        }

    def test_whatever_changes_a_curve_counts(self):
        params = {
            "preprocess": {"visible": "pool", "min_frequency": 5},
            "strategies": {"margin": {}, "epsilon_greedy": {"epsilon": 0.1}},
            "query_loop": {"strategies": ["margin"], "wrappers": ["epsilon_greedy"]},
            "stopping": {"rules": ["plateau"], "binding": None, "plateau": {"looks": 3}},
        }
        kept = {
            "preprocess.visible": "pool",
            "preprocess.min_frequency": 5,
            "strategies.epsilon_greedy.epsilon": 0.1,
        }
        assert experiments.curve_params(params) == kept | {"stopping.binding": None}
        params["stopping"]["binding"] = "plateau"
        stops = {"stopping.binding": "plateau", "stopping.plateau.looks": 3}
        assert experiments.curve_params(params) == kept | stops

    def test_options_are_those_of_the_strategy_that_has_them(self):
        option = "strategies.epsilon_greedy.epsilon"
        main, other = experiment(**{option: 0.1}), experiment("b", **{option: 0.5})
        found = ranking(
            candidate(main, "epsilon_greedy"),
            candidate(other, "epsilon_greedy", 0.7),
            candidate(other, "random", 0.6),
        )
        assert [row.label for row in found.settings] == [
            "epsilon_greedy", "epsilon_greedy, strategies.epsilon_greedy.epsilon=0.5", "random"
        ]  # fmt: skip

    @pytest.mark.parametrize("params", [{}, {"split": None}, {"split": [1]}])
    def test_params_that_are_broken_have_none(self, params):
        assert experiments.curve_params(params) == {}

    def test_labels_name_what_differs_from_the_first(self):
        found = ranking(
            candidate(),
            candidate(experiment("b", query_loop__budget=5), level=0.7),
            candidate(experiment("c", new=None), level=0.6, strategy="random"),
        )
        assert [row.label for row in found.settings] == [
            "margin", "margin, query_loop.budget=5", "random"
        ]  # fmt: skip

    def test_a_longer_budget_is_the_same_setting(self):
        longer = curve(0.8, np.hstack([NOISE, unlike(3)]), labels=(10, 15, 20, 25))
        found = ranking(
            candidate(),
            candidate(experiment("long", query_loop__budget=15), level=longer),
            candidate(strategy="random", level=0.7),
        )
        assert [row.label for row in found.settings] == [
            "margin, query_loop.budget=10|15",
            "random",
        ]
        assert [each.experiment.name for each in found.settings[0].members] == ["main", "long"]

    def test_strategies_that_query_the_same_rows_are_one(self):
        one = candidate()
        one.metrics.evidence["strategies"]["entropy"] = {"same_as": "margin"}
        other = candidate(experiment("b"), strategy="least_confidence")
        found = ranking(one, other, candidate(strategy="random", level=0.7))
        assert found.settings[0].label == "margin = entropy = least_confidence"

    def test_the_same_scores_on_other_splits_are_another_setting(self):
        other = candidate(experiment("b", split__test_size=0.5), splits="t")
        assert [len(each.members) for each in ranking(candidate(), other).settings] == [1, 1]

    def test_the_same_label_twice_gets_the_experiment(self):
        found = ranking(candidate(), candidate(experiment("b"), level=0.7))
        assert [row.label for row in found.settings] == ["margin (main)", "margin (b)"]


class TestComparison:
    def test_paired(self):
        others = [
            candidate(strategy="entropy", level=0.79, noise=unlike(1)),
            candidate(strategy="random", level=0.7, noise=unlike(2)),
        ]
        found = ranking(candidate(), *others)
        values = [each.curve.aulc for each in (candidate(), *others)]
        assert [row.label for row in found.settings] == ["margin", "entropy", "random"]
        raw = [
            stats.wilcoxon(values[one] - values[other], zero_method="pratt").pvalue
            for one, other in ((0, 1), (0, 2), (1, 2))
        ]
        _, second, third = found.settings
        assert second.p_wilcoxon == pytest.approx(raw[0])
        assert second.difference == pytest.approx((values[1] - values[0]).mean())
        assert second.low < second.difference < second.high
        # Holm over all three pairs: the third has one of the two smallest p.
        assert third.p_holm == pytest.approx(max(3 * min(raw), 2 * sorted(raw)[1]))
        assert (second.verdict, third.verdict) == ("undecided", "worse")
        assert reports.answer(found) == "margin is best; not clearly worse: row 2; worse: row 3."

    @pytest.mark.parametrize("n", range(2, 9))
    def test_the_exact_test_is_scipys(self, n):
        # Ours does not try all signs one by one; with every pair to test, that counts.
        generator = np.random.default_rng(n)
        for _ in range(5):
            values = np.r_[0.01, generator.integers(-2, 3, n - 1) / 100]
            expected = stats.wilcoxon(values, zero_method="pratt").pvalue
            assert statistics.wilcoxon_p(values) == pytest.approx(expected, rel=1e-12)

    def test_the_interval_alone_is_not_enough(self):
        # Three repeats cannot reach p < 0.05, however far apart they are.
        found = ranking(
            candidate(noise=NOISE[:3]), candidate(strategy="random", level=0.5, noise=NOISE[:3])
        )
        assert found.settings[1].high < 0
        assert found.settings[1].verdict == "undecided"

    @pytest.mark.usefixtures("no_git")
    def test_not_paired(self):
        other = experiment("b", split__test_size=0.5)
        similar = candidate(other, "random", 0.8, "t", noise=unlike(5))
        found = ranking(candidate(), candidate(other, level=0.7, splits="t"), similar)
        worse = found.settings[-1]
        assert worse.label == "margin (b)"
        assert math.isnan(worse.p_holm)
        assert worse.verdict == "worse"
        assert found.unpaired_confidence == pytest.approx(1 - 0.05 / 3)
        (note,) = [note for note in reports.notes(found) if note.startswith("(*) ")]
        assert "data/splits.parquet is not the same in both" in note
        assert "at 98.33 % instead of a corrected p" in note
        assert "not paired *" in reports.terminal(found, {}, "x.png")

    def test_less_is_better(self):
        found = ranking(
            candidate(level=curve(0.3, greater_is_better=False)),
            candidate(strategy="random", level=curve(0.5, unlike(1), greater_is_better=False)),
        )
        assert [row.label for row in found.settings] == ["margin", "random"]
        assert found.settings[1].difference > 0
        assert found.settings[1].verdict == "worse"

    @pytest.mark.usefixtures("no_git")
    def test_one_repeat_proves_nothing(self):
        found = ranking(
            candidate(noise=NOISE[:1]), candidate(strategy="random", level=0.1, noise=NOISE[:1])
        )
        assert found.settings[1].verdict == "undecided"
        assert "A single repeat has neither interval nor p." in reports.notes(found)
        assert "nan" not in reports.terminal(found, {}, "x.png")
        assert json.loads(reports.as_json(found, {}))["ranking"][1]["low"] is None

    def test_rounding_is_no_difference(self):
        # The same scores in another order have the same area but for the last bits.
        scores = np.array([[0.1, 0.7, 0.3, 0.2], [0.1, 0.3, 0.7, 0.2]] * 3)
        swapped = scores[[1, 0, 3, 2, 5, 4]]
        labels = np.array([10, 11, 12, 13])
        found = ranking(
            candidate(level=LearningCurve(labels, scores, True)),
            candidate(strategy="random", level=LearningCurve(labels, swapped, True)),
        )
        assert (found.settings[1].p_wilcoxon, found.settings[1].low, found.settings[1].high) == (
            1,
            0,
            0,
        )

    def test_the_end_instead_of_the_area(self):
        early = LearningCurve(np.array([10, 15, 20]), np.tile([0.5, 0.9, 0.8], (6, 1)), True)
        late = LearningCurve(np.array([10, 15, 20]), np.tile([0.5, 0.6, 0.85], (6, 1)), True)
        both = candidate(level=early), candidate(strategy="random", level=late)
        assert ranking(*both).settings[0].label == "margin"
        assert ranking(*both, measure="final").settings[0].label == "random"

    def test_one_setting(self):
        with pytest.raises(UserError, match=r"only one setting, margin \(main\)"):
            ranking(candidate())

    def test_other_code_is_named(self):
        changed = experiment("b", code=[("stages/tasks.py", "2"), ("active_learning/loop", "1")])
        first = experiment(code=[("stages/tasks.py", "1"), ("active_learning/loop", "1")])
        found = ranking(candidate(first), candidate(changed, level=0.7))
        assert reports.notes(found) == ["b ran other code than main: stages/tasks.py."]


class TestLeftOut:
    def collect(self, monkeypatch, *which):
        found = {each.experiment.name: each for each in which}
        monkeypatch.setattr(settings, "read", lambda each: [found[each.name]])
        kept, left_out = settings.collect([each.experiment for each in which])
        return [each.experiment.name for each in kept], left_out

    def test_other_data_other_score_and_other_seeds(self, monkeypatch):
        data = candidate(experiment("data"))
        data.metrics.hashes["data/raw"] = "other"
        loss = candidate(experiment("loss"), headline="log_loss")
        lucky = candidate(experiment("lucky", split__seed=7, learner__seed=7))
        more = candidate(experiment("more", split__seed=7, query_loop__budget=20))
        assert self.collect(monkeypatch, candidate(), data, loss, lucky, more) == (
            ["main", "more"],
            {
                "data": "not comparable: its data (data/raw) differs from that of main",
                "loss": "not comparable: its score is log_loss, that of main accuracy",
                "margin of lucky": "differs from main by seeds only",
            },
        )

    @pytest.mark.parametrize(
        ("strategy", "kept"), [("epsilon_greedy", ["main", "bold"]), ("random", ["main"])]
    )
    def test_another_option_and_another_seed_are_no_draw(self, monkeypatch, strategy, kept):
        bold = experiment("bold", split__seed=7, **{"strategies.epsilon_greedy.epsilon": 0.5})
        which = candidate(strategy=strategy), candidate(bold, strategy)
        assert self.collect(monkeypatch, *which)[0] == kept

    def test_what_did_not_run_and_what_is_damaged(self, monkeypatch):
        def read(each):
            if each.fault:
                raise ArtifactError(each.fault)
            return [candidate(each)]

        monkeypatch.setattr(settings, "read", read)
        which = [experiment("q", "queued"), experiment("damaged", "it is damaged."), experiment()]
        kept, left_out = settings.collect(which)
        assert [each.experiment.name for each in kept] == ["main"]
        assert left_out == {"q": "queued", "damaged": "it is damaged"}
        with pytest.raises(UserError, match=r"nothing to rank\. q: queued; damaged: it is"):
            settings.collect(which[:2])


class TestReports:
    def test_all_but_the_best_are_named_by_their_rows(self):
        found = ranking(*(candidate(strategy=f"s{n}", level=0.8 - n / 10) for n in range(5)))
        assert reports.answer(found) == "s0 is best; worse: rows 2, 3, 4, 5."

    @pytest.mark.usefixtures("no_git")
    def test_markdown_escapes_what_would_be_markup(self):
        longer = curve(0.8, np.hstack([NOISE, NOISE]), labels=(10, 15, 20, 25))
        other = experiment("long", query_loop__budget=15, split__test_size=0.5)
        found = ranking(
            candidate(),
            candidate(experiment("long", query_loop__budget=15), level=longer),
            candidate(other, "random", 0.5, "t"),
        )
        page = reports.markdown(found, {}, "rank.png")
        assert r"margin, query\_loop.budget=10\|15" in page
        assert r"not paired \*" in page
        assert "![Learning curves over each other](rank.png)" in page

    def test_figure(self, tmp_path):
        which = [candidate(strategy=f"s{n}", level=0.8 - n / 50) for n in range(9)]
        longer = curve(0.9, np.hstack([NOISE, NOISE]), labels=(10, 15, 20, 25))
        for name in ("a.svg", "b.svg", "c.png"):
            reports.draw(tmp_path / name, ranking(*which, candidate(strategy="long", level=longer)))
        text = (tmp_path / "a.svg").read_text("utf-8")
        assert text == (tmp_path / "b.svg").read_text("utf-8")
        assert "labels (shaded: not covered by all curves)" in text
        assert text.index("1  long") < text.index("2  s0") < text.index("10  s8")


class Project(Repository):
    """A repository whose runs have a curve in every repeat, and params."""

    def write_params(self, **changes):
        params = json.loads(json.dumps(PARAMS))
        for name, value in changes.items():
            section, *middle, key = name.split("__")
            inner = params[section]
            for part in middle:
                inner = inner[part]
            inner[key] = value
        self.write("params.yaml", yaml.dump(params))

    def dvc(self, *arguments):
        subprocess.run(["dvc", *arguments], cwd=self.path, capture_output=True, check=True)

    def run(self, levels=None, noise=NOISE, data="the same", **params):
        levels = levels or {"margin": 0.88, "random": 0.85}
        self.write_params(**params)
        parts = []
        for name, level in levels.items():
            line = curve(level, noise)
            table = pd.DataFrame(line.scores.T).rename(columns=str)
            table.insert(0, "labels", line.labels)
            table.insert(0, "strategy", name)
            parts.append(table)
        self.write("metrics/repeats.csv", pd.concat(parts).to_csv(index=False))
        super().run(data, strategies=tuple(levels), n_repeats=N_REPEATS)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A project with a run on main, another on a branch, and an experiment on main."""
    monkeypatch = pytest.MonkeyPatch()
    monkeypatch.setattr(small, "OUTS", (*OUTS, "metrics/repeats.csv"))
    for name, value in environment(tmp_path_factory.mktemp("home")).items():
        monkeypatch.setenv(name, value)
    path = tmp_path_factory.mktemp("made") / "project"
    path.mkdir()
    monkeypatch.chdir(path)
    project = Project(path)
    project.write(".gitignore", "/report/\n")
    project.run()
    first = project.commit()
    project.git("switch", "--quiet", "--create", "branch")
    project.run({"margin": 0.89, "random": 0.86}, unlike(4), learner__logistic_regression__C=2.0)
    project.commit()
    project.git("switch", "--quiet", "main")
    project.run({"margin": 0.92, "random": 0.86}, unlike(5), learner__logistic_regression__C=0.1)
    project.dvc("exp", "save", "--name", "best-one")
    project.git("restore", ".")
    project.dvc("exp", "run", "--queue", "--name", "waiting", "-S", "query_loop.budget=5")
    project.first = first
    monkeypatch.undo()
    return project


@pytest.fixture
def project(made, tmp_path, monkeypatch):
    """A copy of it, as the current folder."""
    monkeypatch.setattr(small, "OUTS", (*OUTS, "metrics/repeats.csv"))
    shutil.copytree(made.path, tmp_path / "project", symlinks=True)
    monkeypatch.chdir(tmp_path / "project")
    copy = object.__new__(Project)
    copy.path, copy.first = tmp_path / "project", made.first
    return copy


def ranked(capsys, *arguments):
    rank.main([*arguments, "--json", "-"])
    return json.loads(capsys.readouterr().out)


def test_head_and_its_experiments(project, capsys):
    rank.main([])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == (
        "accuracy over 10 to 20 labels (area under the learning curve), mean of 12 repeats; "
        "params of main unless shown"
    )
    assert lines[3].startswith("1  margin, learner.logistic_regression.C=0.1  best-one  0.9256 ")
    assert lines[3].endswith("best")
    assert "not ranked: waiting (queued)" in lines
    assert lines[-2].startswith("margin, learner.logistic_regression.C=0.1 is best; ")
    assert lines[-1] == "dvc exp apply best-one"
    assert (project.path / "report/rank.png").read_bytes()[:4] == b"\x89PNG"
    assert project.git("status", "--porcelain") == ""


@pytest.mark.slow
def test_a_branch_a_commit_and_head(project, capsys):
    found = ranked(capsys, "HEAD", "branch")
    assert found["ranking"][0]["of"][0]["experiment"] == "branch"
    assert found["command"] == "git merge branch && dvc repro"
    project.git("merge", "--quiet", "branch")
    found = ranked(capsys, "HEAD", project.first[:10])
    assert [row["of"][0]["experiment"] for row in found["ranking"]][::2] == ["main", "main"]
    # The list of strategies has both: nothing to choose.
    assert found["command"] == "# nothing to apply: main is what you have"
    # A branch of its own does not change what git calls an experiment.
    (commit,) = project.git(
        "for-each-ref", "--format=%(objectname)", "refs/exps/*/*/best-one"
    ).split()
    project.git("branch", "try-it", commit)
    found = ranked(capsys, project.first[:10], "best-one")
    assert found["command"] == "dvc exp apply best-one"


def test_an_older_revision_gives_its_params(project, capsys):
    project.run({"margin": 0.7, "random": 0.6}, unlike(7), learner__logistic_regression__C=9.0)
    project.commit()
    found = ranked(capsys, "main", "main~1")
    assert found["command"] == "git checkout 'main~1' -- params.yaml && dvc repro"


def test_a_strategy_of_several_that_are_here(project, capsys):
    project.run({"entropy": 0.8, "margin": 0.9, "random": 0.7}, unlike(8))
    project.commit()
    found = ranked(capsys, "main")
    assert found["command"] == "dvc exp run -S 'query_loop.strategies=[margin,random]'"


class TestWorkspace:
    def test_it_is_listed_where_it_differs(self, project, capsys):
        project.run({"margin": 0.99}, unlike(9), query_loop__strategies=["margin"])
        found = ranked(capsys)
        assert found["ranking"][0]["of"][0]["experiment"] == "workspace"
        assert found["command"] == "# nothing to apply: workspace is what you have"
        assert "workspace" in ranked(capsys, "workspace", "main")["answer"]

    def test_the_best_is_behind_it(self, project, capsys):
        changed = {"learner__logistic_regression__C": 3.0}
        project.run({"margin": 0.6, "random": 0.5}, unlike(9), **changed)
        found = ranked(capsys, "workspace", "main~0")
        assert found["command"] == "git checkout 'main~0' -- params.yaml && dvc repro"

    def test_results_that_are_stale_are_not_ranked(self, project, capsys):
        project.write("metrics/repeats.csv", "edited\n")
        reason = ranked(capsys)["not_ranked"]["workspace"]
        assert reason.startswith("`dvc status` is not clean: compare: metrics/repeats.csv modified")


def fault(capsys, monkeypatch, *arguments):
    monkeypatch.setattr("sys.argv", ["rank", *arguments])
    with pytest.raises(SystemExit, match="1"):
        command.run(rank.main)
    return capsys.readouterr().err


def test_a_name_that_is_not_there(project, capsys, monkeypatch):
    (line,) = fault(capsys, monkeypatch, "best-on").splitlines()
    assert "best-on" in line
    assert "experiment or revision" in line
    assert "did you mean 'best-one'?" in line


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "metrics/repeats.csv of main is missing; `dvc repro` makes it"),
        ("strategy,labels\nmargin,10\n", "metrics/repeats.csv of main is damaged"),
        ("strategy,labels,0\nmargin,10,\n", "metrics/repeats.csv of main is damaged"),
    ],
)
def test_a_revision_without_the_values(project, capsys, monkeypatch, content, reason):
    path = project.path / "metrics/repeats.csv"
    path.unlink()
    if content:
        project.write("metrics/repeats.csv", content)
    project.lock()
    project.commit()
    assert reason in fault(capsys, monkeypatch, "main")


def test_a_table_that_the_lock_does_not_vouch_for(project, capsys, monkeypatch):
    project.write("metrics/repeats.csv", "edited\n")
    project.commit()
    reason = fault(capsys, monkeypatch, "main")
    assert "metrics/repeats.csv of main is not what dvc.lock says; run `dvc repro`" in reason


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--figure", "x.pdf"], "--figure must end in .png or .svg; got x.pdf"),
        (["--json", "-", "--markdown", "-"], "only one FILE can be -"),
    ],
)
def test_a_wrong_command_line(arguments, reason, capsys):
    with pytest.raises(SystemExit, match="2"):
        rank.main(arguments)
    assert reason in capsys.readouterr().err
