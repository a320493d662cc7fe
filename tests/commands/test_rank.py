"""Which setting to use: from experiments that DVC knows to a table and a picture."""

import json
import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest
from scipy import stats

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


def unlike(seed, scale=0.02):
    return np.random.default_rng(seed).normal(0, scale, (N_REPEATS, 3))


def curve(level, noise=NOISE, labels=(10, 15, 20), greater_is_better=True):
    """Curve that rises by 0.01 at every step, with the noise of the repeats on top."""
    scores = level + 0.01 * np.arange(len(labels)) + noise[:, : len(labels)]
    return LearningCurve(np.array(labels), np.round(scores, 6), greater_is_better)


def experiment(name="main", fault="", code=(), **params):
    sections = {"learner": {"seed": 42}, "query_loop": {"seed": 42, "budget": 10}}
    for key, value in params.items():
        section, *entry = key.split("__")
        sections[section] = value if not entry else sections[section] | {entry[0]: value}
    return Experiment(name, f"{name}-commit", sections, dict(code), fault)


def candidate(of=None, strategy="margin", level=0.8, splits="s", headline="accuracy", **options):
    line = level if isinstance(level, LearningCurve) else curve(level, **options)
    evidence = {
        "headline": headline,
        "n_repeats": len(line.scores),
        "greater_is_better": line.greater_is_better,
    }
    curves = pd.DataFrame({"labels": line.labels, "score": line.mean, "low": 0.5, "high": 0.9})
    hashes = {"data/raw": "r", "data/splits.parquet": splits}
    metrics = Metrics(evidence, curves.assign(strategy=strategy), hashes)
    return Candidate(of or experiment(), metrics, strategy, line)


def ranking(*which, measure="aulc"):
    return settings.rank(list(which), measure, COMPARE)


def names(found):
    return [row.candidate.name for row in found.settings]


class TestCurves:
    def test_a_cut_has_the_area_of_the_straight_lines(self):
        line = LearningCurve(np.array([10, 20, 40]), np.array([[0.5, 0.7, 0.9]]), True)
        cut = settings.cut(line, 30)
        assert cut.labels.tolist() == [10, 20, 30]
        np.testing.assert_allclose(cut.scores, [[0.5, 0.7, 0.8]])
        np.testing.assert_allclose(cut.aulc, [(10 * 0.6 + 10 * 0.75) / 20])

    def test_only_what_all_have_counts(self):
        steep = LearningCurve(np.array([10, 15, 20]), np.tile([0.5, 0.6, 0.9], (6, 1)), True)
        short = LearningCurve(np.array([10, 15]), np.tile([0.5, 0.61], (6, 1)), True)
        found = ranking(candidate(level=steep), candidate(experiment("b"), level=short))
        assert found.labels == (10, 15)
        assert names(found) == ["margin of b", "margin of main"]


class TestParams:
    def test_the_options_of_other_plug_ins_do_not_count(self):
        assert experiments.curve_params(PARAMS, "margin") == {
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
            "query_loop": {"strategies": ["margin", "epsilon_greedy"]},
            "stopping": {"rules": ["plateau"], "binding": None, "plateau": {"checks": 3}},
        }
        kept = {"preprocess.visible": "pool", "preprocess.min_frequency": 5}
        unbound = kept | {"stopping.binding": None}
        assert experiments.curve_params(params, "margin") == unbound
        own = {"strategies.epsilon_greedy.epsilon": 0.1}
        assert experiments.curve_params(params, "epsilon_greedy") == unbound | own
        params["stopping"]["binding"] = "plateau"
        stops = {"stopping.binding": "plateau", "stopping.plateau.checks": 3}
        assert experiments.curve_params(params, "margin") == kept | stops

    def test_so_do_the_options_of_strategies_that_are_called(self):
        entries = {
            "bold": {"use": "epsilon_greedy", "explore": "typiclust_5", "exploit": "circle"},
            "typiclust_5": {"use": "typiclust", "neighbours": 5},
            "typiclust": {"neighbours": 20},
            "circle": {"strategy": "bold"},
        }
        assert experiments.curve_params({"strategies": entries}, "bold") == {
            "strategies.bold.use": "epsilon_greedy",
            "strategies.bold.explore": "typiclust_5",
            "strategies.bold.exploit": "circle",
            "strategies.typiclust_5.use": "typiclust",
            "strategies.typiclust_5.neighbours": 5,
            "strategies.circle.strategy": "bold",
        }

    @pytest.mark.parametrize(
        "params", [{}, {"learner": None}, {"learner": [1]}, {"strategies": {"margin": 1}}]
    )
    def test_params_that_are_broken_have_none(self, params):
        assert experiments.curve_params(params, "entropy") == {}

    def test_the_report_names_what_differs_from_the_first(self):
        def entries(neighbours):
            return {"greedy": {"explore": "t5"}, "t5": {"neighbours": neighbours}, "margin": {}}

        found = ranking(
            candidate(experiment(strategies=entries(5)), "greedy"),
            candidate(experiment("b", strategies=entries(6)), "greedy", 0.7),
            candidate(experiment("c", strategies=entries(6)), "margin", 0.6),
            candidate(experiment("d", query_loop__budget=5, query_loop__new=1), "random", 0.5),
        )
        assert reports.markdown(found, {}).splitlines()[-2:] == [
            "- b: strategies.t5.neighbours=6",
            "- d: query_loop.budget=5",
        ]

    def test_other_code_is_named(self):
        changed = experiment("b", code=[("stages", "2"), ("active_learning/core", "1")])
        first = experiment(code=[("stages", "1"), ("active_learning/core", "1")])
        found = ranking(candidate(first), candidate(changed, level=0.7))
        assert reports.markdown(found, {}).endswith("\n- b ran other code than main: stages")


class TestComparison:
    def test_paired(self):
        others = [
            candidate(strategy="entropy", level=0.79, noise=unlike(1)),
            candidate(strategy="random", level=0.7, noise=unlike(2)),
        ]
        found = ranking(candidate(), *others)
        values = [each.curve.aulc for each in (candidate(), *others)]
        assert names(found) == ["margin of main", "entropy of main", "random of main"]
        raw = [
            stats.wilcoxon(values[one] - values[other], zero_method="pratt").pvalue
            for one, other in ((0, 1), (0, 2), (1, 2))
        ]
        _, second, third = found.settings
        assert second.difference == pytest.approx((values[1] - values[0]).mean(), abs=1e-6)
        assert second.low < second.difference < second.high
        # Holm over all three pairs: the third has one of the two smallest p.
        assert second.p_holm == pytest.approx(raw[0])
        assert third.p_holm == pytest.approx(max(3 * min(raw), 2 * sorted(raw)[1]))
        assert (second.verdict, third.verdict) == ("not clearly worse", "worse")

    def test_the_interval_alone_is_not_enough(self):
        # Three repeats cannot reach p < 0.05, however far apart they are.
        found = ranking(
            candidate(noise=NOISE[:3]), candidate(strategy="random", level=0.5, noise=NOISE[:3])
        )
        assert found.settings[1].high < 0
        assert found.settings[1].verdict == "not clearly worse"

    def test_less_is_better(self):
        found = ranking(
            candidate(level=curve(0.3, greater_is_better=False)),
            candidate(strategy="random", level=curve(0.5, unlike(1), greater_is_better=False)),
        )
        assert names(found) == ["margin of main", "random of main"]
        assert found.settings[1].difference > 0
        assert found.settings[1].verdict == "worse"

    def test_one_repeat_proves_nothing(self):
        found = ranking(
            candidate(noise=NOISE[:1]), candidate(strategy="random", level=0.1, noise=NOISE[:1])
        )
        assert found.settings[1].verdict == "not clearly worse"
        assert "nan" not in reports.markdown(found, {})

    def test_rounding_is_no_difference(self):
        # The same scores in another order have the same area but for the last bits.
        scores = np.array([[0.1, 0.7, 0.3, 0.2], [0.1, 0.3, 0.7, 0.2]] * 3)
        swapped = scores[[1, 0, 3, 2, 5, 4]]
        labels = np.array([10, 11, 12, 13])
        found = ranking(
            candidate(level=LearningCurve(labels, scores, True)),
            candidate(strategy="random", level=LearningCurve(labels, swapped, True)),
        )
        other = found.settings[1]
        assert (other.p_holm, other.low, other.high) == (1, 0, 0)

    def test_the_end_instead_of_the_area(self):
        early = LearningCurve(np.array([10, 15, 20]), np.tile([0.5, 0.9, 0.8], (6, 1)), True)
        late = LearningCurve(np.array([10, 15, 20]), np.tile([0.5, 0.6, 0.85], (6, 1)), True)
        both = candidate(level=early), candidate(strategy="random", level=late)
        assert names(ranking(*both))[0] == "margin of main"
        assert names(ranking(*both, measure="final"))[0] == "random of main"

    def test_one_setting(self):
        with pytest.raises(UserError, match="only one setting, margin of main"):
            ranking(candidate())


class TestLeftOut:
    def collect(self, monkeypatch, *which):
        found = {each.experiment.name: each for each in which}
        monkeypatch.setattr(settings, "read", lambda each: [found[each.name]])
        kept, left_out = settings.collect([each.experiment for each in which])
        return [each.experiment.name for each in kept], left_out

    def test_what_cannot_be_compared(self, monkeypatch):
        data = candidate(experiment("data"))
        data.metrics.hashes["data/raw"] = "other"
        loss = candidate(experiment("loss"), headline="log_loss")
        splits = candidate(experiment("splits"), splits="other")
        assert self.collect(monkeypatch, candidate(), data, loss, splits) == (
            ["main"],
            {
                "data": "not comparable with main: data/raw is not the same in both",
                "loss": "not comparable: its score is log_loss, that of main accuracy",
                "splits": "not comparable with main: data/splits.parquet is not the same in both",
            },
        )

    def test_other_seeds_and_the_same_scores(self, monkeypatch):
        lucky = experiment("lucky", learner__seed=7, query_loop__seed=7)
        more = experiment("more", learner__seed=7, query_loop__batch_size=20)
        longer = experiment("longer", query_loop__budget=15)
        longer_curve = curve(0.8, np.hstack([NOISE, NOISE]), labels=(10, 15, 20, 25))
        assert self.collect(
            monkeypatch,
            candidate(),
            candidate(lucky, level=0.9),
            candidate(more, level=0.9),
            candidate(longer, "entropy", longer_curve),
        ) == (
            ["main", "more"],
            {
                "margin of lucky": "differs from main by seeds only",
                "entropy of longer": "has the scores of margin of main",
            },
        )

    @pytest.mark.parametrize(
        ("strategy", "kept"), [("epsilon_greedy", ["main", "bold"]), ("random", ["main"])]
    )
    def test_another_option_and_another_seed_are_no_draw(self, monkeypatch, strategy, kept):
        main = experiment(strategies={"epsilon_greedy": {"epsilon": 0.1}})
        options = {"epsilon_greedy": {"epsilon": 0.5}}
        bold = experiment("bold", learner__seed=7, strategies=options)
        which = candidate(main, strategy), candidate(bold, strategy, 0.9)
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
    def test_strategies_that_query_the_same_rows_share_a_row(self):
        one = candidate()
        one.metrics.evidence["legends"] = {"margin": "margin = entropy"}
        text = reports.markdown(ranking(one, candidate(strategy="a|b", level=0.7)), {})
        assert "| margin = entropy | main" in text
        assert r"| a\|b " in text

    def test_figure(self, tmp_path):
        which = [candidate(strategy=f"s{n}", level=0.8 - n / 50) for n in range(9)]
        longer = curve(0.9, np.hstack([NOISE, NOISE]), labels=(10, 15, 20, 25))
        for name in ("a.svg", "b.svg", "c.png"):
            reports.draw(tmp_path / name, ranking(*which, candidate(strategy="long", level=longer)))
        text = (tmp_path / "a.svg").read_text("utf-8")
        assert text == (tmp_path / "b.svg").read_text("utf-8")
        assert "labels (ranked up to the dotted line)" in text
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
    """Cells of each row, and the notes."""
    rank.main([*arguments])
    lines = capsys.readouterr().out.splitlines()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line[:1] == "|"]
    return rows[2:], [line for line in lines if line.startswith("- ")]


def test_head_and_its_experiments(project, capsys):
    rows, notes = ranked(capsys)
    assert rows[0] == ["1", "margin", "best-one", "0.9256", "", "", "", "best"]
    assert [row[1:3] for row in rows[1:]] == [
        ["margin", "main"], ["random", "best-one"], ["random", "main"]
    ]  # fmt: skip
    assert notes == [
        "- best-one: learner.logistic_regression.C=0.1",
        "- not ranked: waiting (queued)",
    ]
    assert (project.path / "report/rank.png").read_bytes()[:4] == b"\x89PNG"
    assert project.git("status", "--porcelain") == ""


def test_markdown(project, capsys):
    rank.main(["--markdown", "report/page.md"])
    printed = capsys.readouterr().out
    page = (project.path / "report/page.md").read_text("utf-8")
    assert page.startswith(
        "### accuracy over 10 to 20 labels: area under the learning curve, mean of 12 repeats\n"
    )
    table, link = page.rsplit("\n\n", 1)
    assert link == "![Learning curves over each other](page.png)\n"
    assert printed == f"{table}\n\nlearning curves: report/page.png\n"
    assert (project.path / "report/page.png").is_file()


@pytest.mark.slow
def test_a_branch_a_commit_and_head(project, capsys):
    found, _ = ranked(capsys, "HEAD", "branch")
    assert [row[2] for row in found] == ["branch", "HEAD", "branch", "HEAD"]
    project.git("merge", "--quiet", "branch")
    found, _ = ranked(capsys, project.first[:10], "best-one")
    assert [row[2] for row in found] == ["best-one", project.first[:10]] * 2


class TestWorkspace:
    def test_it_is_listed_where_it_differs(self, project, capsys):
        project.run({"margin": 0.99}, unlike(9), query_loop__strategies=["margin"])
        assert ranked(capsys)[0][0][1:3] == ["margin", "workspace"]

    def test_results_that_are_stale_are_not_ranked(self, project, capsys):
        project.write("metrics/repeats.csv", "edited\n")
        reason = "- not ranked: workspace (`dvc status` is not clean: compare: metrics/repeats.csv"
        assert any(note.startswith(reason) for note in ranked(capsys)[1])


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
    assert "metrics/repeats.csv of main is not what dvc.lock says" in reason
