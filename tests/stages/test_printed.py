"""What the query loop prints: repeat 0 as the tutorial does, and what came of all of them."""

import pandas as pd
import pytest

from stages.params import yaml
from tests.examples import run_stage, small_params

FOLDER = "data/query_loop"


@pytest.fixture
def printed(tmp_path, monkeypatch, capsys):
    """Lines that the loop of a strategy prints, with its tables."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AL_JOBS", "1")
    (tmp_path / "params.yaml").write_text(yaml.dump(small_params()))
    for stage in ("generate", "split"):
        run_stage(stage)
    capsys.readouterr()

    def run(strategy):
        run_stage("query_loop", strategy)
        tables = [
            pd.read_parquet(tmp_path / FOLDER / strategy / f"{name}.parquet").query("repeat == 0")
            for name in ("curves", "queries")
        ]
        return capsys.readouterr().out.splitlines(), *tables

    return run


def test_repeat_0_as_the_tutorial_prints_it(printed):
    (_, header, *rows, last), curves, queries = printed("least_confidence")
    assert header.split() == ["labels", "accuracy", "query", "row", "informativeness"]
    expected = [
        [f"{labels}", f"{accuracy:.4f}"]
        for labels, accuracy in zip(curves["labels"], curves["accuracy"], strict=True)
    ]
    for line, row, informativeness in zip(
        expected[:-1], queries["row"], queries["informativeness"], strict=True
    ):
        line += [f"{row}", f"{informativeness:.4f}"]  # of the row that is queried next
    assert [row.split() for row in rows] == expected
    assert last.startswith("least_confidence: accuracy ")


def test_a_strategy_without_a_measure_prints_none(printed):
    (name, _, first, *_), curves, queries = printed("random")
    assert name == "random, first repeat:"
    assert first.split() == [
        f"{curves['labels'].iloc[0]}",
        f"{curves['accuracy'].iloc[0]:.4f}",
        f"{queries['row'].iloc[0]}",
    ]
