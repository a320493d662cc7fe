"""A fork of what has imported the libraries behaves as an interpreter that starts afresh."""

import signal
import subprocess
import time
from pathlib import Path

import pytest

PROBE = '''
"""Tells how it was started, and ends as it is told."""

import os
import signal
import subprocess
import sys
import warnings

import numpy as np
import sklearn
from threadpoolctl import threadpool_info

main = sys.modules["__main__"]
end = sys.argv[1]
if end == "tell":
    print(sys.argv, sys.orig_argv, sys.path, os.getcwd())
    print(sorted(item for item in os.environ.items() if item[0] != "AL_TEST_FRESH"))
    print(__name__, main.__spec__.name, main.__file__, main.__dict__ is globals())
    print({m for m in sys.modules if m.startswith(("active_learning", "stages", "tests"))})
    print([signal.getsignal(number) for number in range(1, 20)], np.geterr(), sys.flags)
    print([(f.name, f.encoding, f.errors, f.isatty()) for f in (sys.stdin, sys.stdout, sys.stderr)])
    print({pool["num_threads"] for pool in threadpool_info() if "numpy" in pool["filepath"]})
    print([f for f in warnings.filters if "sklearn" in str(f)], warnings.filters[-5:])
    print(sys.stdin.read())
elif end == "wait":
    print(os.getpid(), flush=True)
    signal.pause()
elif end == "lots":
    print(np.random.randint(2**31), np.random.default_rng().integers(2**31))
elif end == "raise":
    raise ValueError("no")
elif end == "start":
    subprocess.run([sys.executable, "-m", "stages.probe", "fork"], check=True)
elif end == "fork":
    print("skops" in sys.modules)
elif end == "kill":
    os.kill(os.getpid(), signal.SIGKILL)
else:
    sys.exit(int(end))
'''


@pytest.fixture
def probe(tmp_path, env):
    """Start the probe, as a fork unless told otherwise."""
    (tmp_path / "stages").mkdir()
    (tmp_path / "stages/__init__.py").touch()  # or the one that set-up puts into .venv comes first
    (tmp_path / "stages/probe.py").write_text(PROBE, encoding="utf-8")

    def start(end, **variables):
        return subprocess.Popen(
            ["python", "-m", "stages.probe", end],
            cwd=tmp_path, env=env | variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    return start


def outcome(process):
    """Exit status, output, and the last line of the errors."""
    out, err = process.communicate("typed")
    return process.returncode, out.splitlines(), err.splitlines()[-1:]


@pytest.mark.parametrize(
    "end", [pytest.param(end, marks=pytest.mark.slow) for end in ("7", "kill", "raise")] + ["tell"]
)
def test_a_fork_is_as_a_fresh_start(probe, end):
    assert outcome(probe(end)) == outcome(probe(end, AL_TEST_FRESH="1"))


def test_each_fork_has_random_numbers_of_its_own(probe):
    assert outcome(probe("lots"))[1] != outcome(probe("lots"))[1]


def test_signals_reach_a_fork_and_it_ends_with_who_asked_for_it(probe):
    process = probe("wait")
    process.stdout.readline()
    process.terminate()
    assert outcome(process)[0] == -signal.SIGTERM
    process = probe("wait")
    fork = int(process.stdout.readline())
    assert fork != process.pid
    process.kill()
    process.communicate()
    end = time.monotonic() + 20
    while Path(f"/proc/{fork}").exists():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_what_a_fork_starts_is_a_fork(probe):
    assert outcome(probe("start")) == (0, ["True"], [])
    assert outcome(probe("start", AL_TEST_FRESH="1")) == (0, ["False"], [])


def test_dvc_as_a_module_is_dvc(tmp_path, env):
    command, module = (
        subprocess.run(
            [*start, "--version"],
            cwd=tmp_path,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        for start in (["dvc"], ["python", "-m", "dvc"])
    )
    assert command.returncode == module.returncode == 0
    assert command.stdout == module.stdout != ""
