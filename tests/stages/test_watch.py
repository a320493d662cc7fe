"""What is shown and kept of repeats that run."""

import numpy as np
import pandas as pd
import pytest

from active_learning.loop.simulate import Run
from stages import checkpoints, watch
from stages.live import Live
from stages.watch import Report, Reporter, Watch
from tests.examples import run, task


class Bar:
    def __init__(self):
        self.done = []

    def reach(self, done):
        self.done.append(done)


@pytest.fixture
def made():
    return run(task(), budget=6)


@pytest.fixture
def watching(tmp_path):
    kept = [tmp_path / f"{repeat}.npz" for repeat in range(2)]
    live = Live("margin", "accuracy", 2)
    return Watch(Bar(), live, kept=kept, taken_over=[0, 2], initial=[12, 12])


def prefix(whole, n):
    """Run whose batches are of one label, up to a number of them."""
    return Run(
        scores=whole.scores[: n + 1],
        converged=whole.converged[: n + 1],
        rows=whole.rows[:n],
        steps=whole.steps[:n],
        informativeness=whole.informativeness[:n],
        answers=whole.answers[:n],
    )


def test_every_step_is_a_run_so_far(made):
    runs = []
    run(task(), budget=6, on_step=lambda bought, _, so_far: runs.append((bought, so_far())))
    assert [bought for bought, _ in runs] == list(range(7))
    for bought, so_far in runs:
        for name, array in vars(prefix(made, bought)).items():
            np.testing.assert_array_equal(getattr(so_far, name), array)


def test_reports_are_not_too_many(monkeypatch, made):
    now = [0.0]
    monkeypatch.setattr(watch.time, "monotonic", lambda: now[0])
    told = []
    reporter = Reporter(told.append)
    for step in range(61):
        now[0] = step * 0.1
        reporter.step(step, [step / 100, 9.0], lambda: made)
    assert len(told) == 12
    assert [report.bought for report in told] == [5 * number for number in range(1, 13)]
    assert [report.run for report in told] == [None] * 9 + [made] + [None] * 2
    assert [point for report in told for point in report.points] == [
        (step, step / 100) for step in range(61)
    ]


def test_the_bar_counts_all_repeats(watching, made):
    watching.reported((0, None), Report(3, [(2, 0.5), (3, 0.6)], None))
    watching.reported((1, made), Report(1, [], None))  # said before what was taken over
    watching.reported((1, made), Report(4, [], None))
    watching.finished(0, made, pd.DataFrame({"labels": [12], "accuracy": [0.5]}))
    assert watching.progress.done == [5, 5, 7, 10]
    assert not watching.kept[1].exists()


def test_a_run_so_far_is_kept_and_then_the_whole(watching, made):
    watching.reported((0, None), Report(3, [], prefix(made, 3)))
    assert len(checkpoints.read(watching.kept[0]).rows) == 3
    watching.finished(0, made, pd.DataFrame({"labels": [12], "accuracy": [0.5]}))
    watching.reported((0, None), Report(4, [], prefix(made, 4)))  # comes late
    assert len(checkpoints.read(watching.kept[0]).rows) == 6
    assert watching.progress.done[-1] == 8


def test_a_shorter_run_does_not_replace_a_longer_one(tmp_path, made):
    path = tmp_path / "0.npz"
    checkpoints.keep(path, made)
    before = path.stat().st_mtime_ns
    for n in (2, 6):
        checkpoints.keep(path, prefix(made, n))
    assert path.stat().st_mtime_ns == before
