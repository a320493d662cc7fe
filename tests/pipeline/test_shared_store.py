"""The store of runs under DVC: what it has is not computed again, wherever an experiment runs."""

import shutil
import signal
import subprocess

import numpy as np
import pytest

from stages.params import yaml
from tests.pipeline.clone import Clone, ran

pytestmark = pytest.mark.slow

OUTPUTS = ("data", "metrics", "plots")
COUNTED = '''
"""Writes down every call, in the main repository."""

import os
from pathlib import Path

from active_learning.strategies.random import Random


class Counted(Random):
    """Counts."""

    def query(self, model, pool, n, generator):
        with Path(os.environ["DVC_ROOT"], "calls.tmp").open("a") as file:
            file.write("call\\n")
        return super().query(model, pool, n, generator)
'''


@pytest.fixture(scope="session")
def counted(made, finished):
    """A finished project with a strategy of its own that counts its calls; not to be changed."""

    def add(clone):
        (clone.path / "counted.py").write_text(COUNTED, encoding="utf-8")
        clone.set_params({"query_loop.strategies": ["counted.Counted", "random"]})
        clone.repro()
        assert calls(clone) == 9
        clone.commit()

    return made("calls", finished, add)


@pytest.fixture
def clone(tmp_path, counted):
    return counted.copy(tmp_path / "clone")


def calls(clone):
    """Count the queries since the last time this was asked."""
    path = clone.path / "calls.tmp"
    n = len(path.read_text("utf-8").splitlines()) if path.exists() else 0
    path.unlink(missing_ok=True)
    return n


def stores(clone):
    """Folders that hold kept runs, within the project."""
    return {
        path.parents[1].relative_to(clone.path).as_posix() for path in clone.path.rglob("*.npz")
    }


def lengths(clone):
    """Labels bought in each kept run, the baselines left out."""
    found = []
    for path in clone.path.rglob("*.npz"):
        with np.load(path) as arrays:
            found += [len(arrays["rows"])] if "rows" in arrays else []
    return sorted(found)


def experiment(clone, *arguments):
    return ran(clone.dvc("exp", "run", *arguments))


def test_an_experiment_in_a_folder_of_its_own(clone):
    before = clone.content(*OUTPUTS)
    budget = ("-S", "query_loop.budget=4")
    stages = {"query-loop", "compare", "plot"}
    assert experiment(clone, "--temp", "--name", "longer", *budget) == stages
    assert calls(clone) == 3  # one more in each repeat
    assert stores(clone) == {".al_cache/runs"}
    assert lengths(clone) == [3] * 3 + [4] * 6  # of least confidence, and of the two that ran
    assert clone.content(*OUTPUTS) == before
    assert clone.dvc("exp", "apply", "longer")
    assert clone.repro() == set()
    assert clone.content(*OUTPUTS) != before
    clone.set_params({"query_loop.budget": 3})
    clone.dvc("repro", "--no-run-cache")
    assert clone.content(*OUTPUTS) == before
    assert calls(clone) == 0


def test_two_jobs_of_the_queue_on_the_same_runs(clone):
    shutil.rmtree(clone.path / ".al_cache")
    for budget in (5, 6):
        setting = f"query_loop.budget={budget}"
        clone.dvc("exp", "run", "--queue", "--name", f"of-{budget}", "-S", setting)
    clone.dvc("queue", "start", "--jobs", "2")  # ends with the last job, since it prints to a pipe
    assert clone.dvc("queue", "status").count("Success") == 2
    assert stores(clone) == {".al_cache/runs"}
    assert lengths(clone) == [6] * 6
    assert 3 * 6 <= calls(clone) <= 3 * (5 + 6)
    for budget in (5, 6):
        clone.dvc("exp", "apply", f"of-{budget}")
        queued = clone.content(*OUTPUTS)
        shutil.rmtree(clone.path / ".al_cache")
        clone.dvc("repro", "--force", "--single-item", "query-loop")
        assert clone.content(*OUTPUTS) == queued
        assert calls(clone) == 3 * budget


def test_another_branch_and_back(clone):
    before = clone.content(*OUTPUTS)
    clone.run("git", "checkout", "--quiet", "-b", "longer")
    clone.set_params({"query_loop.budget": 4})
    clone.repro()
    clone.commit()
    assert calls(clone) == 3
    clone.run("git", "checkout", "--quiet", "main")
    # Even if DVC's own cache has lost what was there.
    shutil.rmtree(clone.path / ".dvc/cache")
    clone.dvc("repro")
    assert calls(clone) == 0
    assert clone.content(*OUTPUTS) == before
    assert clone.changed_in_git() == []


def test_a_fresh_clone(clone, tmp_path):
    clone.run("dvc", "remote", "add", "--default", "local", str(tmp_path / "remote"))
    clone.commit()
    clone.dvc("push")
    clone.run("git", "clone", "--quiet", str(clone.path), str(tmp_path / "fresh"))
    fresh = Clone(tmp_path / "fresh", clone.env)
    fresh.dvc("pull")
    assert fresh.content("data") == clone.content("data")
    assert fresh.repro() == set()
    fresh.set_params({"query_loop.budget": 4})
    clone.set_params({"query_loop.budget": 4})
    for longer in (fresh, clone):
        assert longer.repro() == {"query-loop", "compare", "plot"}
    assert (calls(fresh), calls(clone)) == (3 * 4, 3 * 1)
    assert fresh.content(*OUTPUTS, "dvc.lock") == clone.content(*OUTPUTS, "dvc.lock")


KILL = """
import os
import signal
import sys

if "stages.query_loop" in sys.orig_argv:
    replace, renamed = os.replace, []

    def replace_and_die(source, target):
        replace(source, target)
        renamed.append(target)
        if len(renamed) == int(os.environ["RENAMES"]):
            open(f"{target}.left.part.parquet", "w").close()
            os.killpg(0, signal.SIGKILL)

    os.replace = replace_and_die
"""


@pytest.mark.parametrize("renames", [3, 8])  # among the runs, among the outputs
def test_dvc_and_the_loop_killed(clone, tmp_path, renames):
    (tmp_path / "sitecustomize.py").write_text(KILL, encoding="utf-8")
    clone.set_params({"query_loop.budget": 4})
    shutil.rmtree(clone.path / ".al_cache")
    kill = {"PYTHONPATH": str(tmp_path), "RENAMES": str(renames)}
    process = subprocess.run(
        ["dvc", "repro"], cwd=clone.path, env=clone.env | kill, start_new_session=True, check=False
    )
    assert process.returncode == -signal.SIGKILL
    done = calls(clone)
    assert done > 0
    assert ran(clone.dvc("repro", "--single-item", "query-loop")) == {"query-loop"}
    assert done + calls(clone) == 12
    continued = clone.content("data")
    shutil.rmtree(clone.path / ".al_cache")
    clone.dvc("repro", "--force", "--single-item", "query-loop")
    assert calls(clone) == 12
    assert clone.content("data") == continued


def test_a_strategy_that_fails(clone):
    code = clone.path / "failing.py"
    mended = COUNTED.replace("Counted", "Failing")
    failing = mended.replace("return super()", "raise OSError('no')\n        super()")
    code.write_text(failing, encoding="utf-8")
    names = ["counted.Counted", "failing.Failing", "random"]
    clone.set_params({"query_loop.strategies": names, "query_loop.budget": 4})
    output = clone.dvc("repro", ok=False)
    assert (
        "error: failing.Failing failed: strategy Failing raised OSError: no. The other 2 "
        "strategies finished and are stored. The tracebacks are in "
        f"{clone.path}/.al_cache/runs/failures.log.\n"
    ) in output
    assert "Traceback" not in output
    assert calls(clone) == 3 + 3
    code.write_text(mended, encoding="utf-8")
    assert clone.repro() == {"query-loop", "compare", "plot"}
    assert calls(clone) == 3 * 4


def test_a_project_with_what_an_earlier_version_left(clone, tmp_path):
    # Of the loop's stages as they were: `query-loop@` with the name of a strategy.
    old = clone.path / ".al_cache/query_loop/random/0123456789abcdef"
    old.mkdir(parents=True)
    np.savez(old / "0.npz", rows=np.arange(3))
    stale = {
        "cmd": "python -m stages.query_loop random",
        "deps": [{"path": "data/raw", "hash": "md5", "md5": "0" * 32 + ".dir"}],
        "outs": [{"path": "data/query_loop/random", "hash": "md5", "md5": "1" * 32 + ".dir"}],
    }
    path = clone.path / "dvc.lock"
    lock = yaml.read(path)
    lock["stages"]["query-loop@random"] = stale
    path.write_text(yaml.dump(lock), encoding="utf-8")
    clone.run("dvc", "remote", "add", "--default", "local", str(tmp_path / "remote"))
    clone.commit()
    assert clone.stale() == set()
    assert clone.repro() == set()
    clone.dvc("push")
    assert "in sync" in clone.dvc("status", "--cloud")
    shutil.rmtree(clone.path / ".dvc/cache")
    clone.dvc("pull")
    clone.dvc("checkout")
    stages = {"query-loop", "compare", "plot"}
    assert experiment(clone, "-S", "query_loop.budget=4") == stages
    assert experiment(clone, "--temp", "-S", "query_loop.budget=5") == stages
    assert clone.lock()["query-loop@random"] == stale
