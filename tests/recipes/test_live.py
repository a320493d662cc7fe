"""While a loop runs, DVC draws its curves so far; afterwards nothing is left of it."""

import json
import os
import signal
import subprocess
import time

import pandas as pd
import pytest

from stages import live
from stages.live import Live

WAIT = 60.0
# Sleeps after every repeat but the first, so that there is something to see in the middle.
SLOW = """
import time
from active_learning.strategies import random


class Slow(random.Random):
    def query(self, model, pool, n, generator):
        time.sleep(1.0)
        return super().query(model, pool, n, generator)
"""


def curve(values):
    return pd.DataFrame({"labels": [10, 11], "accuracy": values})


@pytest.fixture
def at_once(monkeypatch, tmp_path):
    monkeypatch.setattr(live, "SECONDS_BETWEEN_WRITES", -1.0)
    monkeypatch.chdir(tmp_path)
    return tmp_path


class TestTable:
    def test_finished_and_running(self, at_once):
        with Live("margin", "accuracy", 3) as now:
            now.finished(0, curve([0.5, 0.7]))
            now.scored(3, 10, 0.1)
            now.scored(1, 10, 0.9)
            now.finished(1, curve([0.7, 0.9]))
            now.scored(2, 10, 0.4)
            table = pd.read_csv(at_once / "live/curves.csv")
        assert table["strategy"].tolist() == [
            "margin, mean of 2 of 3 repeats",
            "margin, mean of 2 of 3 repeats",
            "margin, repeat 2 so far",
        ]
        assert table["labels"].tolist() == [10, 11, 10]
        assert table["score"].tolist() == [0.6, 0.8, 0.4]
        assert not (at_once / "live").exists()

    def test_a_failure_removes_it_too(self, at_once):
        now = Live("margin", "accuracy", 3)
        now.scored(0, 10, 0.4)
        assert (at_once / "live/dvc.yaml").is_file()
        now.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
        assert not (at_once / "live").exists()

    def test_what_a_killed_run_left_is_removed(self, at_once):
        (at_once / "live").mkdir()
        (at_once / "live/curves.csv").write_text("old\n", encoding="utf-8")
        with Live("margin", "accuracy", 3):
            assert not (at_once / "live").exists()

    def test_a_short_loop_writes_nothing(self, at_once, monkeypatch):
        monkeypatch.setattr(live, "SECONDS_BETWEEN_WRITES", 60.0)
        with Live("margin", "accuracy", 3) as now:
            now.scored(0, 10, 0.4)
            now.finished(0, curve([0.5, 0.7]))
            assert not (at_once / "live").exists()


@pytest.fixture
def running(clone):
    """A run that is stopped in the middle of a loop, and the clone that it runs in."""
    (clone.path / "active_learning/strategies/slow.py").write_text(SLOW, encoding="utf-8")
    clone.set_params(
        {
            "query_loop.strategies": ["least_confidence", "slow", "random"],
            "strategies": clone.params()["strategies"] | {"slow": {}},
        }
    )
    clone.commit()
    process = subprocess.Popen(
        ["dvc", "repro"], cwd=clone.path, env=clone.env | {"AL_JOBS": "1"},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        end = time.monotonic() + WAIT
        table = clone.path / "live/curves.csv"
        while not table.is_file() or "mean of 1" not in table.read_text("utf-8"):
            assert time.monotonic() < end
            assert process.poll() is None
            time.sleep(0.1)
        os.killpg(process.pid, signal.SIGSTOP)
        yield clone, process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def spec(clone, *arguments):
    return json.loads(clone.dvc("plots", *arguments, "--show-vega"))


@pytest.mark.slow
def test_in_the_middle_of_a_run(running, run):
    clone, process = running
    before = clone.content("metrics", "plots")
    rows = spec(clone, "show", "live")["data"]["values"]
    assert {row["strategy"] for row in rows} >= {"slow, mean of 1 of 3 repeats"}
    assert all(0 <= float(row["score"]) <= 1 for row in rows)
    (output,) = run("Watch a long loop")
    assert "dvc_plots/index.html" in output
    rows = spec(clone, "show", "learning_curves")["data"]["values"]
    assert {row["strategy"] for row in rows} == {"least_confidence", "random"}
    done = clone.run("dvc", "plots", "diff", "HEAD", "workspace", "--json")
    found = json.loads(done.stdout)
    assert set(found) == {"data"}  # and no errors
    assert set(found["data"]) == {"learning_curves", "difference_to_random", "live"}
    assert "failed to load" not in done.stderr
    assert json.loads(clone.dvc("exp", "show", "--json"))[0]["error"] is None
    assert clone.content("metrics", "plots") == before

    # It goes on as if nothing had been, and ends as a run that nobody looked at.
    os.killpg(process.pid, signal.SIGCONT)
    assert process.wait(WAIT) == 0
    assert not (clone.path / "live").exists()
    assert [line for line in clone.changed_in_git() if "live" in line] == []
    ended = clone.content("data", "metrics")
    clone.run("rm", "-r", ".al_cache")
    clone.dvc("repro", "--force", "--no-run-cache")
    assert clone.content("data", "metrics") == ended


@pytest.mark.slow
def test_after_a_run_that_was_killed(running):
    clone, process = running
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert (clone.path / "live/curves.csv").is_file()
    assert spec(clone, "show", "live")["data"]["values"]
    clone.dvc("repro")
    assert not (clone.path / "live").exists()
    assert spec(clone, "show", "learning_curves")["data"]["values"]
