"""Which setting to use: from experiments that DVC knows to a table and a picture."""

import copy
import re
import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from active_learning.analysis.curves import LearningCurve
from active_learning.core.errors import ArtifactError, UserError
from commands import rank
from commands.checks.metrics import Metrics
from commands.ranking import experiments, settings
from commands.ranking.experiments import Experiment
from commands.ranking.settings import Candidate
from scripts.forks import environment
from stages import command
from stages.params import yaml
from stages.params.sections import Compare
from tests.commands.repository import OUTS, Repository

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
    "compare": {"n_resamples": 500},
}  # fmt: skip
COMPARE = Compare(**PARAMS["compare"])
NOISE = np.random.default_rng(0).normal(0, 0.02, (N_REPEATS, 3))
LONG = {"noise": np.hstack([NOISE, NOISE]), "labels": (10, 15, 20, 25)}
REPEATS = "metrics/repeats.csv"


def unlike(seed):
    return np.random.default_rng(seed).normal(0, 0.02, (N_REPEATS, 3))


def curve(level, noise=NOISE, labels=(10, 15, 20), greater_is_better=True):
    """Curve that rises by 0.01 at every step, with the noise of the repeats on top."""
    scores = level + 0.01 * np.arange(len(labels)) + noise[:, : len(labels)]
    return LearningCurve(np.array(labels), np.round(scores, 6), greater_is_better)


def drawn(*repeats, labels=(10, 15, 20)):
    """Curve with these scores in the repeats, six times."""
    return LearningCurve(np.array(labels), np.tile(repeats, (6, 1)), True)


def drawn_once(values):
    """Flat curve at one score in each repeat."""
    return LearningCurve(np.array([10, 15, 20]), np.tile(values[:, None], 3), True)


def experiment(name="main", fault="", code=(), **sections):
    params = {"learner": {"seed": 42}, "query_loop": {"seed": 42, "budget": 10}} | sections
    return Experiment(name, f"{name}-commit", params, dict(code), fault)


MAIN = experiment()


def candidate(where=MAIN, strategy="margin", level=0.8, splits="s", headline="accuracy", **options):
    line = level if isinstance(level, LearningCurve) else curve(level, **options)
    content = {"headline": headline, "n_repeats": len(line.scores)}
    curves = pd.DataFrame({"labels": line.labels, "score": line.mean, "low": 0.5, "high": 0.9})
    hashes = {"data/raw": "r", "data/splits.parquet": splits}
    return Candidate(
        where, Metrics(content, curves.assign(strategy=strategy), hashes), strategy, line
    )


def ranking(*candidates, measure="aulc"):
    return settings.rank(candidates, measure, COMPARE)


def names(result):
    return [row.candidate.name for row in result.settings]


# Curves.


def test_a_cut_has_the_area_of_the_straight_lines():
    cut = settings.cut(drawn([0.5, 0.7, 0.9], labels=(10, 20, 40)), 30)
    assert cut.labels.tolist() == [10, 20, 30]
    np.testing.assert_allclose(cut.scores, [[0.5, 0.7, 0.8]] * 6)
    np.testing.assert_allclose(cut.aulc, (10 * 0.6 + 10 * 0.75) / 20)


def test_only_what_all_have_counts():
    steep, short = drawn([0.5, 0.6, 0.9]), drawn([0.5, 0.61], labels=(10, 15))
    result = ranking(candidate(level=steep), candidate(experiment("b"), level=short))
    assert result.labels == (10, 15)
    assert names(result) == ["margin of b", "margin of main"]


def test_the_end_instead_of_the_area():
    early, late = candidate(level=drawn([0.5, 0.9, 0.8])), drawn([0.5, 0.6, 0.85])
    both = early, candidate(strategy="random", level=late)
    assert names(ranking(*both))[0] == "margin of main"
    assert names(ranking(*both, measure="final"))[0] == "random of main"


# Params.


def test_the_options_of_other_plug_ins_do_not_count():
    assert experiments.curve_params(PARAMS, "margin") == {
        "learner.name": "logistic_regression",
        "learner.seed": 42,
        "learner.logistic_regression.C": 1.0,
        "query_loop.budget": 10,
        "query_loop.batch_size": 5,
        "query_loop.class_costs.0": 5.0,
    }


def test_whatever_changes_a_curve_counts():
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


def test_so_do_the_options_of_strategies_that_are_called():
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
def test_params_that_are_broken_have_none(params):
    assert experiments.curve_params(params, "entropy") == {}


# How settings are compared.


def test_paired():
    which = [
        candidate(),
        candidate(strategy="entropy", level=0.79, noise=unlike(1)),
        candidate(strategy="random", level=0.7, noise=unlike(2)),
    ]
    result = ranking(*which)
    values = [each.curve.aulc for each in which]
    assert names(result) == ["margin of main", "entropy of main", "random of main"]
    raw = [
        stats.wilcoxon(values[one] - values[other], zero_method="pratt").pvalue
        for one, other in ((0, 1), (0, 2), (1, 2))
    ]
    _, second, third = result.settings
    assert second.difference == pytest.approx((values[1] - values[0]).mean(), abs=1e-6)
    assert second.low < second.difference < second.high
    # Holm over all three pairs: the third has one of the two smallest p.
    assert second.p_holm == pytest.approx(raw[0])
    assert third.p_holm == pytest.approx(max(3 * min(raw), 2 * sorted(raw)[1]))
    assert (second.verdict, third.verdict) == ("unclear", "worse")


@pytest.mark.parametrize("n_repeats", [1, 3])
def test_few_repeats_cannot_be_significant_however_far_apart(n_repeats):
    noise = NOISE[:n_repeats]
    result = ranking(candidate(noise=noise), candidate(strategy="random", level=0.1, noise=noise))
    other = result.settings[1]
    assert other.verdict == "unclear"
    assert (other.high < 0) == (n_repeats > 1)
    assert "nan" not in rank.markdown(result, {})


def test_intervals_of_equal_settings_include_0_together():
    """Of 60 rankings of eight equal settings one in twenty may have an interval that excludes 0."""
    wrong = 0
    for seed in range(60):
        rows = np.random.default_rng(seed).normal(0.8, 0.02, (8, N_REPEATS))
        each = [candidate(experiment(f"{i}"), level=drawn_once(row)) for i, row in enumerate(rows)]
        wrong += any(row.low > 0 or row.high < 0 for row in ranking(*each).settings)
    assert wrong <= 6


def test_less_is_better():
    result = ranking(
        candidate(level=curve(0.3, greater_is_better=False)),
        candidate(strategy="random", level=curve(0.5, unlike(1), greater_is_better=False)),
    )
    assert names(result) == ["margin of main", "random of main"]
    assert result.settings[1].difference > 0
    assert result.settings[1].verdict == "worse"


def test_rounding_is_no_difference():
    # The same scores in another order have the same area but for the last bits.
    one, other = [0.1, 0.7, 0.3, 0.2], [0.1, 0.3, 0.7, 0.2]
    labels = (10, 11, 12, 13)
    swapped = candidate(strategy="random", level=drawn(other, one, labels=labels))
    result = ranking(candidate(level=drawn(one, other, labels=labels)), swapped)
    last = result.settings[1]
    assert (last.p_holm, last.low, last.high) == (1, 0, 0)


def test_one_setting():
    with pytest.raises(UserError, match="only one setting, margin of main"):
        ranking(candidate())


# What is not ranked.


@pytest.fixture
def collected(monkeypatch):
    """Names of the experiments that are kept, and reasons of the others."""

    def collect(*candidates):
        by_name = {each.experiment.name: each for each in candidates}
        monkeypatch.setattr(settings, "read", lambda each: [by_name[each.name]])
        kept, left_out = settings.collect([each.experiment for each in candidates])
        return [each.experiment.name for each in kept], left_out

    return collect


def test_what_cannot_be_compared(collected):
    data = candidate(experiment("data"))
    data.metrics.hashes["data/raw"] = "other"
    loss = candidate(experiment("loss"), headline="log_loss")
    splits = candidate(experiment("splits"), splits="other")
    reason = "not comparable with main: {}".format
    assert collected(candidate(), data, loss, splits) == (
        ["main"],
        {
            "data": reason("data/raw is not the same in both"),
            "loss": reason("its score is log_loss, not accuracy"),
            "splits": reason("data/splits.parquet is not the same in both"),
        },
    )


def test_other_seeds_and_the_same_scores(collected):
    other = {"learner": {"seed": 7}}
    lucky = experiment("lucky", query_loop={"seed": 7, "budget": 10}, **other)
    more = experiment("more", query_loop={"seed": 42, "budget": 10, "batch_size": 20}, **other)
    longer = experiment("longer", query_loop={"seed": 42, "budget": 15})
    assert collected(
        candidate(),
        candidate(lucky, level=0.9),
        candidate(more, level=0.9),
        candidate(longer, "entropy", **LONG),
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
def test_another_option_and_another_seed_are_no_draw(collected, strategy, kept):
    main = experiment(strategies={"epsilon_greedy": {"epsilon": 0.1}})
    options = {"epsilon_greedy": {"epsilon": 0.5}}
    bold = experiment("bold", learner={"seed": 7}, strategies=options)
    assert collected(candidate(main, strategy), candidate(bold, strategy, 0.9))[0] == kept


def test_what_did_not_run_and_what_is_damaged(monkeypatch):
    def read(each):
        if each.fault:
            raise ArtifactError(each.fault)
        return [candidate(each)]

    monkeypatch.setattr(settings, "read", read)
    which = [experiment("q", "queued"), experiment("damaged", "it is damaged."), MAIN]
    kept, left_out = settings.collect(which)
    assert [each.experiment.name for each in kept] == ["main"]
    assert left_out == {"q": "queued", "damaged": "it is damaged"}
    with pytest.raises(UserError, match=r"nothing to rank\. q: queued; damaged: it is"):
        settings.collect(which[:2])


# The report.


def test_the_report_names_what_differs_from_the_first():
    def where(name, neighbours, **more):
        entries = {"greedy": {"explore": "t5"}, "t5": {"neighbours": neighbours}, "margin": {}}
        return experiment(name, strategies=entries, **more)

    result = ranking(
        candidate(where("main", 5, code={"stages": "1", "active_learning/core": "1"}), "greedy"),
        candidate(where("b", 6, code={"stages": "2", "active_learning/core": "1"}), "greedy", 0.7),
        candidate(where("c", 6), "margin", 0.6),
        candidate(experiment("d", query_loop={"budget": 5, "new": 1}), "a|b", 0.5),
    )
    result.candidates[0].metrics.content["legends"] = {"greedy": "greedy = bold"}
    text = rank.markdown(result, {})
    assert text.splitlines()[-5:] == [
        "- 1: main",
        "- 2: b, strategies.t5.neighbours=6",
        "- 3: c",
        "- 4: d, query_loop.budget=5",
        "- b ran other code than main: stages",
    ]
    assert "| greedy = bold | 1" in text
    assert r"| a\|b " in text


def test_figure(tmp_path):
    which = [candidate(strategy=f"s{n}", level=0.8 - n / 50) for n in range(9)]
    longer = candidate(strategy="long", level=0.9, **LONG)
    for name in ("a.svg", "b.svg"):
        rank.draw(tmp_path / name, ranking(*which, longer))
    text = (tmp_path / "a.svg").read_text("utf-8")
    assert text == (tmp_path / "b.svg").read_text("utf-8")
    assert "labels (ranked up to the dotted line)" in text
    assert text.index("1  long") < text.index("2  s0") < text.index("10  s8")


# The command, on a project that DVC knows experiments of.


class Project(Repository):
    """A repository whose runs have a curve in every repeat, and params."""

    outs = (*OUTS, REPEATS)

    def dvc(self, *arguments):
        subprocess.run(["dvc", *arguments], cwd=self.path, capture_output=True, check=True)

    def run(self, margin, noise=NOISE, penalty=1.0):
        params = copy.deepcopy(PARAMS)
        params["learner"]["logistic_regression"]["C"] = penalty
        self.write("params.yaml", yaml.dump(params))
        parts = []
        for name, level in {"margin": margin, "random": 0.5 + 0.4 * margin}.items():
            line = curve(level, noise)
            part = pd.DataFrame(line.scores.T).rename(columns=str)
            parts.append(part.assign(strategy=name, labels=line.labels))
        self.write(REPEATS, pd.concat(parts).to_csv(index=False))
        super().run(n_repeats=N_REPEATS)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A project with a run on main, another on a branch, and experiments on main."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name, value in environment(tmp_path_factory.mktemp("home")).items():
            monkeypatch.setenv(name, value)
        project = Project(tmp_path_factory.mktemp("made"))
        project.write(".gitignore", "/report/\n")
        project.run(0.88)
        project.first = project.commit()
        project.git("switch", "--quiet", "--create", "branch")
        project.run(0.89, unlike(4), penalty=2.0)
        project.commit()
        project.git("switch", "--quiet", "main")
        project.run(0.92, unlike(5), penalty=0.1)
        project.dvc("exp", "save", "--name", "best-one")
        project.git("restore", ".")
        project.dvc("exp", "run", "--queue", "--name", "waiting", "-S", "query_loop.budget=5")
    return project


@pytest.fixture
def project(made, tmp_path, monkeypatch):
    """A copy of it, as the current folder."""
    project = copy.copy(made)
    project.path = tmp_path / "project"
    shutil.copytree(made.path, project.path, symlinks=True)
    monkeypatch.chdir(project.path)
    return project


def ranked(capsys, *arguments):
    """Cells of each row, with the names of the experiments for their numbers, and the notes."""
    rank.main([*arguments])
    lines = capsys.readouterr().out.splitlines()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line[:1] == "|"]
    notes = [line for line in lines if line.startswith("- ")]
    names = {
        number: name
        for line in notes
        for number, name in re.findall(r"^- (\d+): (\S+?),? ?(?=\b[a-z_]+\.|$)", line)
    }
    return [[*row[:2], names[row[2]], *row[3:]] for row in rows[2:]], notes


def test_head_and_its_experiments(project, capsys):
    rows, notes = ranked(capsys)
    assert rows[0] == ["1", "margin", "best-one", "0.9256", "", "", "best"]
    assert [row[1:3] for row in rows[1:]] == [
        ["margin", "main"], ["random", "best-one"], ["random", "main"]
    ]  # fmt: skip
    assert notes == [
        "- 1: main",
        "- 2: best-one, learner.logistic_regression.C=0.1",
        "- not ranked: waiting (queued)",
    ]
    assert (project.path / "report/rank.png").read_bytes()[:4] == b"\x89PNG"
    assert project.git("status", "--porcelain") == ""


def test_a_branch_a_commit_and_head(project, capsys):
    rows, _ = ranked(capsys, "HEAD", "branch")
    assert [row[2] for row in rows] == ["branch", "HEAD", "branch", "HEAD"]
    project.git("merge", "--quiet", "branch")
    rows, _ = ranked(capsys, project.first[:10], "best-one")
    assert [row[2] for row in rows] == ["best-one", project.first[:10]] * 2


def test_the_workspace_is_listed_where_it_differs_unless_it_is_stale(project, capsys):
    project.run(0.99, unlike(9))
    assert ranked(capsys)[0][0][1:3] == ["margin", "workspace"]
    project.write(REPEATS, "edited\n")
    reason = f"- not ranked: workspace (`dvc status` is not clean: compare: {REPEATS}"
    assert any(note.startswith(reason) for note in ranked(capsys)[1])


def test_a_name_that_is_not_there(project, capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["rank", "best-on"])
    with pytest.raises(SystemExit, match="1"):
        command.run(rank.main)
    (line,) = capsys.readouterr().err.splitlines()
    assert "unknown experiment or revision 'best-on'" in line
    assert "did you mean 'best-one'?" in line


@pytest.mark.parametrize(
    ("content", "locked", "reason"),
    [
        (None, True, "is missing. Run `dvc repro`"),
        ("strategy,labels\nmargin,10\n", True, "is damaged"),
        ("strategy,labels,0\nmargin,10,\n", True, "is damaged"),
        ("edited\n", False, "is not what dvc.lock says"),
    ],
)
def test_a_revision_without_the_values(project, content, locked, reason):
    (project.path / REPEATS).unlink()
    if content:
        project.write(REPEATS, content)
    if locked:
        project.lock()
    commit = project.commit()
    with pytest.raises(ArtifactError, match=f"{REPEATS} at {commit[:7]} {reason}"):
        settings.read(replace(MAIN, commit=commit))
