"""Repeat r of an experiment is the single experiment whose seeds are larger by r."""

import pandas as pd
import pytest

from stages.params import yaml
from tests.examples import run_stage, small_params

# Everything that uses random numbers, at once.
RANDOM = {
    "learner.name": "random_forest",
    "learner.random_forest.n_estimators": 5,
    "oracle.name": "noisy",
    "oracle.noisy.flip": 0.3,
}
SEEDS = ("split.seed", "learner.seed", "oracle.seed", "query_loop.seed")
TABLES = {
    "data/splits.parquet": ["row", "role"],
    "metrics/baseline.csv": ["accuracy", "log_loss"],
    "data/query_loop/random/curves.parquet": ["labels", "labelled", "accuracy", "log_loss"],
    "data/query_loop/random/queries.parquet": ["step", "row", "pool_row", "answer"],
    "data/query_loop/margin/queries.parquet": ["step", "row", "pool_row", "answer"],
}


@pytest.fixture
def experiment(tmp_path, monkeypatch):
    """Tables of an experiment, with its repeats and all of its seeds chosen."""
    monkeypatch.setenv("AL_JOBS", "1")

    def run(repeats, seeds):
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        monkeypatch.chdir(folder)
        changes = RANDOM | {"split.repeats": repeats} | dict(zip(SEEDS, seeds, strict=True))
        (folder / "params.yaml").write_text(yaml.dump(small_params(changes)))
        for stage in ("generate", "split", "baseline"):
            run_stage(stage)
        for strategy in ("random", "margin"):
            run_stage("query_loop", strategy)
        read = {".parquet": pd.read_parquet, ".csv": pd.read_csv}
        return {path: read[path[path.rindex(".") :]](folder / path) for path in TABLES}

    return run


def of_repeat(tables, number):
    """What the tables say of one repeat, as plain rows."""
    return {
        path: tables[path].loc[tables[path]["repeat"] == number, columns].to_numpy().tolist()
        for path, columns in TABLES.items()
    }


def test_repeat_is_a_single_run_with_larger_seeds(experiment):
    three = experiment(3, (42, 7, 11, 5))
    single = experiment(1, (44, 9, 13, 7))
    assert of_repeat(three, 2) == of_repeat(single, 0)
    for path, rows in of_repeat(three, 0).items():
        assert rows != of_repeat(three, 2)[path]


def test_every_seed_counts(experiment):
    seeds = (42, 7, 11, 5)
    before = of_repeat(experiment(1, seeds), 0)
    for changed in range(len(seeds)):
        other = [seed + (place == changed) for place, seed in enumerate(seeds)]
        assert of_repeat(experiment(1, other), 0) != before
