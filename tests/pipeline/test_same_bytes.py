"""The same params give the same bytes, however the run is executed and wherever it began."""

from pathlib import Path

import pandas as pd
import pytest

from tests.pipeline.clone import STAGES

OUTPUTS = ("dvc.lock", "data", "metrics", "plots")
ELSEWHERE = {"AL_JOBS": "2", "PYTHONHASHSEED": "1", "OPENBLAS_NUM_THREADS": "2", "LC_ALL": "C"}

# Kernels of OpenBLAS, and what a processor must have to run them.
KERNELS = {"Haswell": "avx2", "Zen": "avx2", "SkylakeX": "avx512f"}


def kernels():
    """Those that this processor can run, as far as Linux tells."""
    about = Path("/proc/cpuinfo")
    flags = about.read_text(encoding="utf-8").split() if about.exists() else []
    return [{"OPENBLAS_CORETYPE": name} for name, flag in KERNELS.items() if flag in flags]


@pytest.fixture
def unrun(tmp_path, unfinished):
    """A copy that has not run, and so has nothing in any cache."""
    return unfinished.copy(tmp_path / "unrun")


@pytest.mark.slow
def test_another_run_in_another_environment(unrun, finished):
    assert unrun.repro(**ELSEWHERE) == set(STAGES)
    assert unrun.content(*OUTPUTS) == finished.content(*OUTPUTS)


@pytest.mark.slow
@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"AL_JOBS": "1"},
        {"AL_JOBS": "2"},
        {"PYTHONHASHSEED": "0"},
        {"PYTHONHASHSEED": "1"},
        {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        {"OPENBLAS_NUM_THREADS": "2", "OMP_NUM_THREADS": "2"},
        *kernels(),
    ],
    ids=lambda values: ",".join(f"{name}={value}" for name, value in values.items()) or "clean",
)
def test_one_thing_is_different(unrun, finished, variables):
    assert unrun.repro(**variables) == set(STAGES)
    assert unrun.content(*OUTPUTS) == finished.content(*OUTPUTS)


@pytest.mark.slow
def test_a_longer_and_a_shorter_budget_are_those_of_a_fresh_run(clone, unrun):
    loops = {"query-loop@least_confidence", "query-loop@random"}
    unrun.set_params({"query_loop.budget": 5})
    unrun.repro()
    clone.set_params({"query_loop.budget": 6})
    clone.repro()
    clone.set_params({"query_loop.budget": 5})
    assert loops <= clone.repro()
    assert clone.content(*OUTPUTS) == unrun.content(*OUTPUTS)


def rows_of_repeat(clone, repeat):
    """Splits, curves and queries of one repeat, under the number 0."""
    found = {}
    for name in (
        "data/splits.parquet",
        "data/query_loop/random/curves.parquet",
        "data/query_loop/random/queries.parquet",
    ):
        table = pd.read_parquet(clone.path / name)
        rows = table[table["repeat"] == repeat].drop(columns="repeat")
        assert len(rows)
        found[name] = rows.reset_index(drop=True)
    return found


@pytest.mark.slow
def test_a_repeat_is_the_single_run_with_its_seeds(clone, tmp_path):
    seeds = ("split.seed", "learner.seed", "oracle.seed", "query_loop.seed")
    single = clone.copy(tmp_path / "single")
    # All four seeds matter: the forest, the oracle and the strategy are random.
    params = {
        "learner.name": "random_forest",
        "learner.random_forest.n_estimators": 3,
        "oracle.name": "noisy",
        "oracle.noisy.flip": 0.5,
        "query_loop.budget": 12,
        "query_loop.batch_size": 3,
    }
    clone.set_params(params | dict.fromkeys(seeds, 5))
    single.set_params(params | dict.fromkeys(seeds, 7) | {"split.repeats": 1})
    for each in (clone, single):
        each.repro("query-loop@random")
    expected = rows_of_repeat(single, 0)
    for name, rows in rows_of_repeat(clone, 2).items():
        pd.testing.assert_frame_equal(rows, expected[name], check_exact=True)
    others = rows_of_repeat(clone, 1)
    assert not any(others[name].equals(rows) for name, rows in expected.items())
