"""A strategy for the rounds, from an experiment that has labels of its own."""

import argparse
import copy
import dataclasses
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from active_learning.analysis.curves import LearningCurve
from active_learning.core.errors import UserError
from active_learning.rounds.events import Event, event_id
from commands.checks import metrics
from commands.labels.suggest import main, refuse_labels_of_rounds, suggest
from commands.labels.template import fill
from commands.ranking import experiments
from commands.ranking.experiments import Experiment
from commands.ranking.settings import Candidate
from stages.params import yaml
from stages.params.rounds import RoundsParams
from stages.rounds.journal import Journal
from tests.commands.repository import change
from tests.examples import PARAMS, ROOT

TEMPLATE = (ROOT / "rounds/template.yaml").read_text("utf-8")


@pytest.fixture
def candidates(monkeypatch):
    """Settings of the experiment that is committed, with other params or results."""
    monkeypatch.chdir(ROOT)
    loaded = metrics.load()

    def make(*strategies, results=(), **params):
        content = change(copy.deepcopy(loaded.content), dict(results))
        values = change(copy.deepcopy(PARAMS), {k.replace("__", "."): v for k, v in params.items()})
        of_workspace = Experiment("workspace", None, values, {})
        curve = LearningCurve(np.array([90, 110]), np.array([[0.8, 0.9]]), True)
        changed = dataclasses.replace(loaded, content=content)
        return [Candidate(of_workspace, changed, name, curve) for name in strategies]

    return make


def lines(said):
    """The lines for rounds/params.yaml; with the rest of the file they must be valid."""
    suggested = yaml.parse("\n".join(said).partition("# For rounds/params.yaml:\n")[2], "")
    values = yaml.parse(TEMPLATE, "")
    for name, section in suggested.items():
        values[name] |= section
    RoundsParams(values).check()
    return suggested


def test_without_a_finished_experiment_it_says_what_is_needed(monkeypatch):
    unfinished = Experiment("workspace", None, {}, {}, fault="queued")
    monkeypatch.setattr(experiments, "find", lambda _: [unfinished])
    with pytest.raises(UserError, match=r"^suggest needs a finished .*; there is nothing .*queued"):
        main(argparse.Namespace(names=["workspace"]))


def test_a_strategy_that_beats_random(candidates):
    said = list(suggest(candidates("least_confidence", "random")))
    suggested = lines(said)
    assert suggested["query"] == {"strategy": "least_confidence"}
    assert suggested["learner"] == {
        "name": "logistic_regression", "seed": 42, "standardize": False,
        "logistic_regression": {"C": 1.0, "max_iter": 1000, "class_weight": None},
    }  # fmt: skip
    assert suggested["preprocess"] == PARAMS["preprocess"]
    assert "strategies" not in suggested
    text = "\n".join(said)
    assert said[0].startswith("On synthetic data, which say little about yours")
    assert "beats random on this table (+0.0145 over the whole curve" in text
    assert "least_confidence: stabilising_predictions would have stopped 1 of 20 repeats" in text
    assert "Nothing is known beyond 110 labels (from 90)" in text
    assert "The experiment queried 1 at a time." in text


def test_no_strategy_that_beats_random(candidates):
    verdict = {"strategies.least_confidence.vs_random.aulc.verdict": "undecided"}
    said = list(suggest(candidates("least_confidence", "random", results=verdict)))
    assert lines(said)["query"] == {"strategy": "random"}
    assert "No strategy was shown to beat random here" in "\n".join(said)
    assert "not significantly different from random" in "\n".join(said)


def test_a_strategy_with_options_and_those_that_it_calls(candidates):
    entries = {
        "bold": {"use": "epsilon_greedy", "explore": "typical"},
        "typical": {"use": "typiclust", "neighbours": 5},
        "margin": {},
    }
    (known,) = candidates("least_confidence")
    results = {"strategies.bold": known.metrics.content["strategies"]["least_confidence"]}
    said = suggest(candidates("random", "bold", results=results, strategies=entries))
    assert lines(said)["strategies"] == {name: entries[name] for name in ("bold", "typical")}


def test_batches_have_room_for_holdout_and_review(candidates):
    both = candidates("least_confidence", "random", query_loop__batch_size=10)
    said = list(suggest(both))
    batch = lines(said)["query"]["batch"]
    assert batch - round(0.34 * batch) - round(0.1 * batch) == 10
    assert "at a time" not in "\n".join(said)


def test_an_experiment_without_random(candidates):
    alone = candidates("least_confidence")
    del alone[0].metrics.content["strategies"]["random"]
    with pytest.raises(UserError, match=r"did not run random, .*; add random to"):
        list(suggest(alone))


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"dataset": "toy", "toy": {"name": "wine"}}, "On toy wine:"),
        ({"dataset": "table", "table": {"path": "tables/x.csv"}}, "On table tables/x.csv:"),
        ({"dataset": "openml", "openml": {"data_id": 5, "name": None}}, "On openml 5:"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_the_experiment_is_about(candidates, options, text):
    assert next(suggest(candidates("least_confidence", generate=options))) == text


# Labels of the rounds are no sample.

N_ROWS = 40
LABELS = np.resize(["ham", "spam"], N_ROWS)


@pytest.fixture
def rounds(tmp_path, monkeypatch):
    """Rounds on a table, with labels for the first rows."""
    monkeypatch.chdir(tmp_path)
    subprocess.run(["git", "init", "--quiet"], check=True)
    Path("rounds").mkdir()
    values = {"table.path": "mine.csv", "table.id": "key", "classes": ["ham", "spam"]}
    Path("rounds/params.yaml").write_text(fill(TEMPLATE, values))
    table = pd.DataFrame({"key": np.arange(N_ROWS), "size": np.arange(N_ROWS) / 7})
    table.to_csv("mine.csv", index=False)
    digest = RoundsParams.read().read_table().digest

    def label(n_rows, **fields):
        Journal.of_repository().append([
            Event(**{
                "id": event_id("test", f"{row}"), "time": "2026-11-27T12:00:00.000Z", "by": "ann",
                "row": f"{row}", "seen": digest(f"{row}"), "decision": "label", "why": "query",
                "label": LABELS[row], "round": 1, "classes": "0" * 8, "seconds": 1.0,
                "source": "page",
            } | fields)
            for row in range(n_rows)
        ])  # fmt: skip
        return table

    return label


def experiment_on(table):
    table.to_csv("labelled.csv", index=False)
    options = {"path": "labelled.csv", "target": "y"}
    refuse_labels_of_rounds({"generate": {"dataset": "table", "table": options}})


def exported(table, n_labelled):
    """The table with labels of its first rows, in another order, with other ids."""
    labels = [*LABELS[:n_labelled], *[None] * (N_ROWS - n_labelled)]
    return table.assign(y=labels, key=table["key"] + 1000)[::-1]


def test_labels_that_were_queried_are_refused(rounds):
    table = rounds(12)
    with pytest.raises(UserError, match="of its 12 labelled rows 12 were queried here"):
        experiment_on(exported(table, 12))
    with pytest.raises(UserError, match="of its 20 labelled rows 12 were queried here"):
        experiment_on(exported(table, 20))


@pytest.mark.parametrize(
    "fields", [{"round": 0, "source": "csv", "why": "free"}, {"why": "holdout"}]
)
def test_labels_that_no_model_chose_are_a_sample(rounds, fields):
    experiment_on(exported(rounds(12, **fields), 12))


def test_tables_with_labels_of_their_own(rounds):
    table = rounds(12)
    experiment_on(exported(table, N_ROWS))
    experiment_on(exported(table.assign(size=-1 - table["size"]), 12))
    experiment_on(exported(table.rename(columns={"size": "length"}), 12))
    refuse_labels_of_rounds({"generate": {"dataset": "synthetic", "table": {"path": "no.csv"}}})
    Path("rounds/params.yaml").unlink()
    experiment_on(exported(table, 12))
