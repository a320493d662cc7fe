"""A stage that is killed at any moment leaves nothing half-written, and the loop continues."""

import io
import os
import random
import signal
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from active_learning.simulation import store
from tests.stages.loops import Loop, kill

KILLS = 20
# Waits in every query, so that the loop takes a while on any machine; every call is counted.
SLOW = '''
"""Least confidence that takes its time."""

import os
import time

from active_learning.strategies import least_confidence


class Slow(least_confidence.LeastConfidence):
    """Slow."""

    def query(self, model, pool, n, generator):
        time.sleep({seconds})
        with open("queries.log", "a") as log:
            log.write(f"{{pool.n_closed}}\\n")
        return super().query(model, pool, n, generator)
'''


def add_slow(loop, seconds):
    path = loop.path / "active_learning/strategies/slow.py"
    path.write_text(SLOW.format(seconds=seconds), encoding="utf-8")


def finished(kept, budget):
    """Kept repeats that are at their end."""
    return {name for name, content in kept.items() if n_queries(content[0]) == budget}


def n_queries(content):
    return len(np.load(io.BytesIO(content))["rows"])


@pytest.mark.slow
def test_killed_at_random_moments(tmp_path):
    budget, repeats = 5, 12
    params = {"split.repeats": repeats, "query_loop.budget": budget}
    (tmp_path / "loop").mkdir()
    loop = Loop(tmp_path / "loop", params).prepared()
    add_slow(loop, 0.1)
    undisturbed = loop.copy(tmp_path / "undisturbed")
    began = time.monotonic()
    undisturbed.run("query_loop", "slow", AL_JOBS="2")
    took = time.monotonic() - began
    expected = undisturbed.outputs()
    assert len(expected) == 3

    moments = random.Random(0)
    killed, in_the_middle = 0, 0
    for _ in range(10 * KILLS):
        if killed == KILLS:
            break
        before = loop.kept()
        process = loop.start("query_loop", "slow", AL_JOBS=str(moments.choice([1, 2])))
        time.sleep(moments.uniform(0, took))
        ended = process.poll() is not None
        kill(process)
        after = loop.kept()
        # Nothing that was kept is lost or written again, and nothing half-written has its name.
        done = finished(before, budget)
        assert all(after[name] == before[name] for name in done)
        assert all(n_queries(content) <= budget for content, _ in after.values())
        assert loop.outputs() in ({}, expected)
        killed += not ended
        in_the_middle += 0 < len(after) < repeats
        if ended or len(after) == repeats:  # begin again, for there to be something to kill
            loop = undisturbed.copy(tmp_path / f"loop{killed}-{time.monotonic_ns()}")
            for path in (loop.path / "data/query_loop").rglob("*.parquet"):
                path.unlink()
    assert killed == KILLS
    assert in_the_middle >= KILLS // 4

    before, asked = loop.kept(), len(queries(loop))
    loop.run("query_loop", "slow", AL_JOBS="2")
    done = finished(before, budget)
    assert loop.outputs() == expected
    assert {name: loop.kept()[name] for name in done} == {name: before[name] for name in done}
    assert len(queries(loop)) - asked <= (repeats - len(done)) * budget


def queries(loop):
    path = loop.path / "queries.log"
    return path.read_text("utf-8").split() if path.exists() else []


@pytest.fixture
def long(tmp_path):
    """One repeat that takes half a minute."""
    (tmp_path / "loop").mkdir()
    loop = Loop(tmp_path / "loop", {"split.repeats": 1, "query_loop.budget": 40}).prepared()
    add_slow(loop, 0.4)
    return loop


@pytest.mark.slow
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_long_repeat_continues_in_its_middle(long, tmp_path, jobs):
    undisturbed = long.copy(tmp_path / "undisturbed")
    add_slow(undisturbed, 0.0)
    undisturbed.run("query_loop", "slow")
    process = long.start("query_loop", "slow", AL_JOBS=jobs)
    end = time.monotonic() + 120
    while not long.kept():
        assert time.monotonic() < end
        assert process.poll() is None
        time.sleep(0.1)
    kill(process)
    ((content, _),) = long.kept().values()
    known = n_queries(content)
    assert 0 < known < 40
    before = len(queries(long))
    long.run("query_loop", "slow", AL_JOBS=jobs)
    assert queries(long)[before:] == [str(number) for number in range(known, 40)]
    assert long.outputs() == undisturbed.outputs()


def workers(mark):
    """Worker processes whose environment has this mark."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            ours = mark in (folder / "environ").read_text("utf-8", "replace")
            if ours and "popen_loky" in (folder / "cmdline").read_text("utf-8", "replace"):
                found.append(int(folder.name))
    return found


def wait_until(condition, seconds):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.fixture(scope="module")
def two_long(tmp_path_factory):
    """Two repeats that take minutes."""
    path = tmp_path_factory.mktemp("loop")
    loop = Loop(path, {"split.repeats": 2, "query_loop.budget": 40}).prepared()
    add_slow(loop, 5.0)
    return loop


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks into /proc")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_workers_end_with_the_stage(two_long, number):
    known = len(queries(two_long))
    mark = f"worker-of-{os.getpid()}-{number.name}"
    process = two_long.start("query_loop", "slow", AL_JOBS="2", MARK=mark)
    wait_until(lambda: len(queries(two_long)) >= known + 2, seconds=120)
    assert len(workers(mark)) == 2
    if number == signal.SIGINT:
        os.killpg(process.pid, number)  # as a terminal does
    else:
        process.send_signal(number)
    out, err = process.communicate(timeout=30)
    if number == signal.SIGKILL:
        wait_until(lambda: not workers(mark), seconds=5)
    else:
        assert process.returncode == 128 + number
        assert (out, err) == ("", "interrupted; run it again to go on\n")
        assert workers(mark) == []
    assert list(two_long.path.rglob("*.part*")) == []


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["generate", "split", "compare"])
def test_nothing_half_written(tmp_path, stage):
    (tmp_path / "loop").mkdir()
    loop = Loop(tmp_path / "loop", {"generate.synthetic.n_samples": 3000}).prepared()
    for earlier in (["baseline"], ["query_loop", "least_confidence"], ["query_loop", "random"]):
        loop.run(*earlier)
    began = time.monotonic()
    loop.run(stage)
    took = time.monotonic() - began
    whole = loop.outputs("data") | loop.outputs("metrics")
    moments = random.Random(stage)
    for _ in range(8):
        process = loop.start(stage)
        # What is written is written at the end.
        time.sleep(took * moments.uniform(0.5, 1.05))
        kill(process)
        assert loop.outputs("data") | loop.outputs("metrics") == whole
    loop.run(stage)
    assert loop.outputs("data") | loop.outputs("metrics") == whole


@pytest.mark.slow
def test_two_at_once_in_one_folder(tmp_path):
    params = {"split.repeats": 8, "query_loop.budget": 6}
    (tmp_path / "loop").mkdir()
    loop = Loop(tmp_path / "loop", params).prepared()
    other = loop.copy(tmp_path / "other")
    both = [loop.start("query_loop", "margin", AL_JOBS="1") for _ in range(2)]
    for process in both:
        _, err = process.communicate()
        assert process.returncode == 0, err
    other.run("query_loop", "margin", AL_JOBS="1")
    assert loop.outputs() == other.outputs()
    contents = {name: content for name, (content, _) in loop.kept().items()}
    assert contents == {name: content for name, (content, _) in other.kept().items()}
    assert all(store.read(path) for path in (loop.path / ".al_cache").rglob("*.npz"))
    assert list(loop.path.rglob("*.part*")) == []
