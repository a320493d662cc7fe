"""Where rules would have stopped: from the loop to metrics/stopping.json and the learning curve."""

from pathlib import Path

import pandas as pd
import pytest

from active_learning.analysis import figures
from active_learning.data import files
from stages.params import yaml
from tests.examples import run_stage, small_params

RULES = {
    "stopping.rules": ["overall_uncertainty", "max_confidence", "target_score"],
    "stopping.every": 2,
    "stopping.estimate": "test",
    "stopping.overall_uncertainty.threshold": 0.99,  # at the first look
    "stopping.max_confidence.threshold": 0.0,  # never
    "stopping.target_score.target": 2.0,  # never
}


@pytest.fixture
def marks(tmp_path, monkeypatch):
    """Run a small experiment, and catch the marks that the learning curves are drawn with."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AL_JOBS", "1")
    caught = {}
    draw = figures.learning_curves

    def spy(axes, **options):
        caught.update(options["stops"])
        draw(axes, **options)

    monkeypatch.setattr(figures, "learning_curves", spy)

    def run(changes):
        (tmp_path / "params.yaml").write_text(yaml.dump(small_params(changes)))
        for stage in ("generate", "split", "baseline"):
            run_stage(stage)
        for strategy in ("least_confidence", "random"):
            run_stage("query_loop", strategy)
        for stage in ("compare", "plot"):
            run_stage(stage)
        return caught

    return run


def test_a_rule_that_stops_is_marked_where_it_does(marks):
    found = marks(RULES)
    assert list(found) == ["overall_uncertainty"]
    stopping = files.read_json(Path("metrics/stopping.json"))
    assert stopping["headline"] == "accuracy"
    for name in ("least_confidence", "random"):
        curves = pd.read_parquet(f"data/query_loop/{name}/curves.parquet")
        ends = curves.groupby("repeat")["accuracy"].agg(["first", "last"])
        row = stopping["strategies"][name]["overall_uncertainty"]
        assert row["stopped"] == 1
        assert row["labels"]["repeats"] == [30, 30, 30]
        assert row["score"]["mean"] == pytest.approx(ends["first"].mean(), abs=1e-6)
        lost = (ends["last"] - ends["first"]).mean()
        assert row["score_lost"]["mean"] == pytest.approx(lost, abs=1e-6)
        assert found["overall_uncertainty"][name] == (30, row["score"]["mean"])
        for rule in ("max_confidence", "target_score"):
            never = stopping["strategies"][name][rule]
            assert never["stopped"] == 0
            assert never["labels"]["repeats"] == [None] * 3
            assert never["labels"]["mean"] == 34


def test_without_rules_there_is_no_mark(marks):
    assert marks({"stopping.rules": []}) == {}
