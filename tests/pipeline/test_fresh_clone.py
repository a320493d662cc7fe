"""What is committed is what a fresh clone gives."""

import pytest

from tests.pipeline.clone import STAGES

pytestmark = pytest.mark.slow


@pytest.fixture
def fresh(tmp_path, made, project):
    """A clone in which every stage has run with the params that are committed.

    Forced, since DVC skips a stage whose committed outputs are those of the committed lock.
    """

    def run(clone):
        assert clone.repro("--force", "--no-run-cache") == set(STAGES)

    return made("fresh", project, run).copy(tmp_path / "clone")


def entries(clone):
    """All that dvc.lock says, as a flat set.

    It has no hashes of floats that are kept in full: their last bits may differ on another type
    of machine. Metrics and plots are rounded, so they may not.
    """
    found = set()
    for stage, entry in clone.lock().items():
        found.add((stage, "cmd", entry["cmd"]))
        found |= {
            (stage, "params", key, repr(value))
            for key, value in entry["params"]["params.yaml"].items()
        }
        for kind in ("deps", "outs"):
            for file in entry[kind]:
                in_full = file["path"].startswith(("data/raw", "data/query_loop"))
                found.add((stage, kind, file["path"], None if in_full else file["md5"]))
    return found


def test_metrics_and_plots_are_unchanged_byte_for_byte(fresh):
    assert [line for line in fresh.changed_in_git() if "dvc.lock" not in line] == []


def test_the_lock_is_of_this_code_and_these_params(fresh, project):
    assert sorted(entries(project) - entries(fresh)) == []
    assert sorted(entries(fresh) - entries(project)) == []


def test_the_figures_of_the_tutorial(fresh):
    assert fresh.summary()["first_repeat"] == {"initial": 0.88, "final": 0.91, "ceiling": 0.91}


def test_a_plain_repro_makes_what_is_not_committed(tmp_path, project):
    clone = project.copy(tmp_path / "clone")
    loops = {stage for stage in STAGES if stage.startswith("query-loop")}
    assert clone.repro() >= {"generate", "split"} | loops
    assert [line for line in clone.changed_in_git() if "dvc.lock" not in line] == []
    assert clone.repro() == set()


def test_a_second_repro_runs_nothing(fresh):
    before = fresh.content("dvc.lock", "metrics", "plots", "data")
    assert fresh.repro() == set()
    assert fresh.content("dvc.lock", "metrics", "plots", "data") == before
