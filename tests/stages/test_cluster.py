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
    """A scheduler and worker processes on loopback; the scheduler is without the project's code."""

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

    def start(self, name, module, *arguments, **env):
        with (self.folder / f"{name}.log").open("w", encoding="utf-8") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.{module}", *arguments],
                cwd=self.folder, env=self.env | env, start_new_session=True,
                stdout=log, stderr=subprocess.STDOUT, text=True,
            )  # fmt: skip
        self.processes.append(process)
        return process

    def add_worker(self, name, project=None, nthreads=1):
        """Start a worker process, without a nanny that would start it again."""
        env = {} if project is None else {"PYTHONPATH": str(project)}
        process = self.start(
            name, "dask_worker", self.address, "--no-nanny", "--nthreads", str(nthreads),
            "--no-dashboard", "--local-directory", str(self.folder), **env,
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
def loop(tmp_path, env):
    (tmp_path / "loop").mkdir()
    loop = Loop(tmp_path / "loop", {"split.repeats": 4, "query_loop.budget": 10}, env).prepared()
    add_slow(loop, 0.4)
    return loop


def on(cluster):
    return {"AL_BACKEND": "dask", "AL_DASK_SCHEDULER": cluster.address}


@pytest.mark.slow
@pytest.mark.extras
def test_a_worker_is_killed_half_way(cluster, loop, tmp_path):
    here = loop.copy(tmp_path / "here")
    here.run("query_loop", "slow", AL_BACKEND="sequential")
    first = cluster.add_worker("first", loop.path)
    cluster.add_worker("second", loop.path)
    process = loop.start("query_loop", "slow", **on(cluster))
    end = time.monotonic() + WAIT
    while not loop.kept():  # half way
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
    kept = loop.kept().keys()
    cluster.stop()
    loop.run("query_loop", "slow", **on(cluster))
    assert loop.kept().keys() == kept
    assert loop.outputs() == here.outputs()


def error(cluster, loop):
    """Last line that the stage writes when it fails."""
    err = loop.run("query_loop", "slow", status=1, **on(cluster))
    assert "Traceback" not in err
    return err.strip().splitlines()[-1]


@pytest.mark.slow
@pytest.mark.extras
def test_errors_are_one_line(cluster, loop, tmp_path):
    expected = f"error: the Dask cluster at {cluster.address} has no worker after 10 s."
    assert error(cluster, loop) == expected

    worker = cluster.add_worker("bare")
    expected = "error: a Dask worker lacks the project's code: No module named 'active_learning'."
    assert error(cluster, loop) == expected
    kill(worker)

    worker = cluster.add_worker("threads", loop.path, nthreads=2)
    assert error(cluster, loop).endswith("more than one thread (start it with --nthreads 1).")
    kill(worker)

    other = loop.copy(tmp_path / "other")
    path = other.path / "active_learning/strategies/slow.py"
    path.write_text(
        "from active_learning.core.bases import Strategy\n\n\n"
        "class Slow(Strategy):\n"
        "    def query(self, model, pool, n, generator):\n"
        "        from active_learning.core.pool import Query\n"
        "        return Query(pool.labelled_rows[:n], pool.labels[:n] * 1.0)\n",
        encoding="utf-8",
    )
    cluster.add_worker("other", other.path)
    assert re.search(
        r"cannot be used: it has code of active_learning \w+, not", error(cluster, loop)
    )
    expected = "error: slow failed: strategy Slow must query 1 distinct open rows; got"
    assert error(cluster, other).startswith(expected)
