"""Repeats on a real Dask cluster: the same bytes as here, even when a worker dies."""

import os
import re
import signal
import subprocess
import sys
import time

import pytest

from tests.stages.loops import Loop, kill
from tests.stages.test_kill import add_slow

WAIT = 240.0


class Cluster:
    """A scheduler and worker processes on loopback, in a folder without the project's code."""

    def __init__(self, folder):
        self.folder = folder
        self.processes = []
        self.env = {
            name: value
            for name, value in os.environ.items()
            if name != "PYTHONPATH" and not name.startswith(("AL_", "DASK_"))
        }
        folder.mkdir()
        self.scheduler = self.start(
            "scheduler", "dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"
        )
        self.address = self.wait("scheduler", r"Scheduler at: +(tcp://\S+)")

    def start(self, name, module, *arguments):
        with (self.folder / f"{name}.log").open("w", encoding="utf-8") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.{module}", *arguments],
                cwd=self.folder, env=self.env, start_new_session=True,
                stdout=log, stderr=subprocess.STDOUT, text=True,
            )  # fmt: skip
        self.processes.append(process)
        return process

    def add_worker(self, name):
        """Start a worker process of one thread, without a nanny that would start it again."""
        process = self.start(
            name, "dask_worker", self.address, "--no-nanny", "--nthreads", "1",
            "--no-dashboard", "--local-directory", str(self.folder),
        )  # fmt: skip
        self.wait(name, r"(Registered to)")
        return process

    def wait(self, name, pattern):
        end = time.monotonic() + WAIT
        log = self.folder / f"{name}.log"
        while not (found := re.search(pattern, log.read_text("utf-8"))):
            assert time.monotonic() < end, log.read_text("utf-8")
            time.sleep(0.1)
        return found[1]

    def stop(self):
        for process in self.processes:
            kill(process)


@pytest.fixture
def cluster(tmp_path):
    made = Cluster(tmp_path / "cluster")
    yield made
    made.stop()


@pytest.fixture
def loop(tmp_path):
    (tmp_path / "loop").mkdir()
    loop = Loop(tmp_path / "loop", {"split.repeats": 4, "query_loop.budget": 10}).prepared()
    add_slow(loop, 0.4)
    return loop


def on(cluster):
    return {"AL_BACKEND": "dask", "AL_DASK_SCHEDULER": cluster.address}


def children(pid):
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    return listed.stdout.split()


@pytest.mark.slow
@pytest.mark.extras
def test_a_worker_is_killed_half_way(cluster, loop, tmp_path):
    here = loop.copy(tmp_path / "here")
    here.run("query_loop", "slow", AL_BACKEND="sequential")
    first = cluster.add_worker("first")
    cluster.add_worker("second")
    process = loop.start("query_loop", "slow", **on(cluster))
    end = time.monotonic() + WAIT
    while not loop.kept() or not children(first.pid):  # half way, and the worker has work
        assert time.monotonic() < end
        assert process.poll() is None
        time.sleep(0.05)
    os.kill(first.pid, signal.SIGKILL)
    _, err = process.communicate(timeout=WAIT)
    assert process.returncode == 0, err
    assert loop.outputs() == here.outputs()
    assert {name: content for name, (content, _) in loop.kept().items()} == {
        name: content for name, (content, _) in here.kept().items()
    }
    assert "Remove worker" in (cluster.folder / "scheduler.log").read_text("utf-8")

    # Nothing is left to do, so the cluster need not even be there.
    kept = loop.kept()
    cluster.stop()
    loop.run("query_loop", "slow", **on(cluster))
    assert loop.kept() == kept
    assert loop.outputs() == here.outputs()


@pytest.mark.slow
@pytest.mark.extras
def test_errors_are_one_line(cluster, loop):
    process = loop.start("query_loop", "slow", **on(cluster))
    _, err = process.communicate(timeout=WAIT)
    assert process.returncode == 1
    expected = f"error: the Dask cluster at {cluster.address} has no worker, after 10 s."
    assert err.strip().splitlines()[-1] == expected

    cluster.add_worker("only")
    path = loop.path / "active_learning/strategies/slow.py"
    path.write_text(
        "from active_learning.base.plugins import Plugin\n\n\n"
        "class Slow(Plugin):\n"
        "    def query(self, model, pool, n, generator):\n"
        "        from active_learning.loop.pool import Query\n"
        "        return Query(pool.labelled_rows[:n], pool.labels[:n] * 1.0)\n",
        encoding="utf-8",
    )
    process = loop.start("query_loop", "slow", **on(cluster))
    _, err = process.communicate(timeout=WAIT)
    assert process.returncode == 1
    assert "error: strategy Slow must query 1 different open rows; got" in err
    assert "Traceback" not in err
