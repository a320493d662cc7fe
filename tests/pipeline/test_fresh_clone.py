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


def test_nothing_that_is_committed_changes(fresh):
    assert fresh.changed_in_git() == []


def test_the_figures_of_the_tutorial(fresh):
    first_repeat = fresh.json("metrics/strategies.json")["first_repeat"]
    assert first_repeat == {"initial": 0.88, "final": 0.91, "ceiling": 0.91}


def test_a_plain_repro_makes_what_is_not_committed(tmp_path, project):
    clone = project.copy(tmp_path / "clone")
    assert set(clone.lock()) == set(STAGES)
    assert clone.repro() >= {"generate", "split", "query-loop"}
    assert clone.changed_in_git() == []
    assert clone.repro() == set()


def test_a_second_repro_runs_nothing(fresh):
    before = fresh.content("dvc.lock", "metrics", "plots", "data")
    assert fresh.repro() == set()
    assert fresh.content("dvc.lock", "metrics", "plots", "data") == before
