"""Commands that run the pipeline: in other ways, with other params, on other data."""

import os
import re
import signal
import subprocess
import time

import pytest

from tests.recipes.pages import recipes

pytestmark = pytest.mark.slow

(FIRST,) = recipes("README.md", "Active learning, measured")
(COLD_START,) = recipes("docs/cold_start.md", "Cold start: choosing the initial set")
(JOBS,) = recipes("docs/running.md", "Running on more cores and machines")
(CLUSTER,) = recipes("docs/running.md", "A Dask cluster")


def test_the_first_commands(clone):
    clone.link_environment()
    printed = clone.shell(FIRST, PYTEST_ADDOPTS="-n 0 tests/core/test_rng.py")
    assert "Data and pipelines are up to date." in printed
    assert re.search(r"\b\d+ passed\b", printed)
    assert (clone.path / "plots/report.html").is_file()


def test_another_initial_set(clone):
    clone.shell(COLD_START)
    assert clone.summary()["labels"] == 20 + 3


@pytest.fixture
def background(tmp_path, env):
    """Start commands that go on, and wait until they print something; gives what that was."""
    processes = []

    def start(folder, command, pattern):
        log = tmp_path / f"{len(processes)}.log"
        with log.open("w", encoding="utf-8") as file:
            process = subprocess.Popen(
                ["bash", "-c", command], cwd=folder, stdout=file, stderr=subprocess.STDOUT,
                env=env | {"DASK_TEMPORARY_DIRECTORY": str(tmp_path)}, start_new_session=True,
            )  # fmt: skip
        processes.append(process)
        end = time.monotonic() + 100
        while not (match := re.search(pattern, log.read_text("utf-8"))):
            assert time.monotonic() < end, log.read_text("utf-8")
            time.sleep(0.1)
        return match[0]

    yield start
    for process in reversed(processes):
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


@pytest.mark.extras
def test_results_do_not_depend_on_where_they_are_computed(clone, tmp_path, background):
    clone.set_params({"learner.logistic_regression.C": 0.5})
    other = clone.copy(tmp_path / "other")
    clone.shell(JOBS)
    lines = re.sub(" +#.*", "", CLUSTER).replace("\\\n", "").replace("--nworkers 8", "--nworkers 1")
    scheduler, *lines = lines.splitlines()
    here = "--host 127.0.0.1 --port 0 --no-dashboard"
    address = background(other.path, f"{scheduler} {here}", r"tcp://127.0.0.1:\d+")
    worker, repro = (line.replace("tcp://scheduler-host:8786", address) for line in lines)
    background(other.path, f"{worker} --no-dashboard", "Registered to")
    assert "Running stage 'query-loop'" in other.shell(repro)
    results = ("data", "metrics")
    assert other.content(*results) == clone.content(*results)
