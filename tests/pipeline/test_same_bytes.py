"""The same params give the same bytes, however the run is executed and wherever it began."""

from pathlib import Path

import pytest

from tests.pipeline.clone import STAGES

OUTPUTS = ("dvc.lock", "data", "metrics", "plots")
ELSEWHERE = {"AL_JOBS": "2", "PYTHONHASHSEED": "1", "OPENBLAS_NUM_THREADS": "2", "LC_ALL": "C"}

# Kernels of OpenBLAS, and what a processor must have to run them.
KERNELS = {"Haswell": "avx2", "Zen": "avx2", "SkylakeX": "avx512f"}


def environments():
    """One for each kernel that this processor can run, as far as Linux tells; one is elsewhere."""
    about = Path("/proc/cpuinfo")
    flags = about.read_text(encoding="utf-8").split() if about.exists() else []
    kernels = [{"OPENBLAS_CORETYPE": name} for name, flag in KERNELS.items() if flag in flags]
    return [ELSEWHERE | dict(*kernels[:1]), *kernels[1:]]


@pytest.fixture
def unrun(tmp_path, unfinished):
    """A copy that has not run, and so has nothing in any cache."""
    return unfinished.copy(tmp_path / "unrun")


@pytest.mark.slow
@pytest.mark.parametrize("variables", environments(), ids=str)
def test_another_environment(unrun, finished, variables):
    assert unrun.repro(**variables) == set(STAGES)
    assert unrun.content(*OUTPUTS) == finished.content(*OUTPUTS)


@pytest.mark.slow
def test_a_longer_and_a_shorter_budget_are_those_of_a_fresh_run(clone, unrun):
    unrun.set_params({"query_loop.budget": 5})
    unrun.repro()
    clone.set_params({"query_loop.budget": 6})
    clone.repro()
    clone.set_params({"query_loop.budget": 5})
    assert "query-loop" in clone.repro()
    assert clone.content(*OUTPUTS) == unrun.content(*OUTPUTS)
