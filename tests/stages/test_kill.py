"""A stage that is killed leaves nothing half-written, and the loop continues."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from tests.stages.loops import Loop, kill

MOMENTS = ("half", "after")
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


def n_queries(content):
    return len(np.load(io.BytesIO(content))["rows"])


class Killer:
    """Runs stages of a loop that kill themselves at a rename."""

    def __init__(self, loop):
        self.process = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("killer.py")],
            cwd=loop.path, env=os.environ | {"AL_JOBS": "1", "OPENBLAS_NUM_THREADS": "1"},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def run(self, stage, *arguments, number=0, moment=""):
        """Run a stage; its exit status, and to which names it renames."""
        self.process.stdin.write(json.dumps([stage, arguments, number, moment]) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.communicate()


@pytest.fixture(scope="module")
def small(tmp_path_factory, env):
    """Two repeats of two steps."""
    params = {"split.repeats": 2, "query_loop.budget": 1, "plot.dpi": 50}
    return Loop(tmp_path_factory.mktemp("loop"), params, env).prepared()


@pytest.mark.slow
def test_the_loop_killed_at_every_rename(small):
    with Killer(small) as killer:
        status, renamed = killer.run("query_loop", "margin")
        outputs, kept = small.outputs(), contents(small)
        assert status == 0
        assert len(outputs) == 3 + 1
        assert len(renamed) == 1 + 4 + 4  # a check of the store, two steps a run, outputs
        for number, moment in product(range(1, 10), MOMENTS):
            for top in ("data/query_loop", ".al_cache"):
                shutil.rmtree(small.path / top)
            status, _ = killer.run("query_loop", "margin", number=number, moment=moment)
            assert status == -signal.SIGKILL
            assert small.outputs().items() <= outputs.items()
            steps = sum(n_queries(content) + 1 for content in contents(small).values())
            assert steps == min(max(number - 1 - (moment != "after"), 0), 4)
            status, again = killer.run("query_loop", "margin")
            assert (status, again) == (0, [*renamed[:1], *renamed[1 + steps :]][steps == 4 :])
            assert (small.outputs(), contents(small)) == (outputs, kept)


def contents(loop):
    """Every kept run: its file's bytes, by its name."""
    return {name: content for name, (content, _) in loop.kept().items()}


@pytest.mark.slow
def test_other_stages_killed_at_every_rename(small):
    with Killer(small) as killer:
        for stage in ("generate", "split", "baseline", "query_loop", "compare", "plot"):
            status, renamed = killer.run(stage)
            assert status == 0
            outputs = [name for name in renamed if not name.startswith(".al_cache")]
            assert outputs
            if stage == "query_loop":  # which has a test of its own
                continue
            whole = everything(small)
            assert whole.keys() >= set(outputs)
            for number, moment in product(range(1, len(renamed) + 1), MOMENTS):
                for name in outputs:
                    (small.path / name).unlink(missing_ok=True)
                status, _ = killer.run(stage, number=number, moment=moment)
                # The baseline takes what it kept, and renames less.
                assert status == -signal.SIGKILL or (stage, status) == ("baseline", 0)
                assert everything(small).items() <= whole.items()
            assert killer.run(stage)[0] == 0
            assert everything(small) == whole


def everything(loop):
    """Every output of every stage."""
    return loop.outputs("data") | loop.outputs("metrics") | loop.outputs("plots")


def queries(loop):
    path = loop.path / "queries.log"
    return path.read_text("utf-8").split() if path.exists() else []


@pytest.fixture
def long(tmp_path, env):
    """One repeat that takes half a minute."""
    (tmp_path / "loop").mkdir()
    loop = Loop(tmp_path / "loop", {"split.repeats": 1, "query_loop.budget": 40}, env).prepared()
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
def two_long(tmp_path_factory, env):
    """Two repeats that take minutes."""
    path = tmp_path_factory.mktemp("loop")
    loop = Loop(path, {"split.repeats": 2, "query_loop.budget": 40}, env).prepared()
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
    out, err = process.communicate(timeout=120)
    if number == signal.SIGKILL:
        wait_until(lambda: not workers(mark), seconds=5)
    else:
        assert process.returncode == 128 + number
        assert (out, err) == ("", "interrupted; run it again to continue\n")
        assert workers(mark) == []
    assert list(two_long.path.rglob("*.part*")) == []


@pytest.mark.slow
def test_a_shorter_and_a_longer_run_at_once_on_one_store(tmp_path, env):
    (tmp_path / "longer").mkdir()
    params = {"split.repeats": 4, "query_loop.budget": 6}
    longer = Loop(tmp_path / "longer", params, env).prepared()
    alone = longer.copy(tmp_path / "alone")
    shorter = longer.copy(tmp_path / "shorter")
    shorter.set({"split.repeats": 4, "query_loop.budget": 3})
    loops, store = [shorter, longer, longer], str(longer.path / ".al_cache/runs")
    processes = [loop.start("query_loop", "margin", AL_JOBS="1", AL_STORE=store) for loop in loops]
    for process in processes:
        _, err = process.communicate()
        assert process.returncode == 0, err
    alone.run("query_loop", "margin", AL_JOBS="1")
    assert longer.outputs() == alone.outputs()
    assert contents(longer) == contents(alone)
    alone.set({"split.repeats": 4, "query_loop.budget": 3})
    alone.run("query_loop", "margin", AL_JOBS="1")
    assert shorter.outputs() == alone.outputs()
    assert list(tmp_path.rglob("*.part*")) == []
