"""``--help`` prints help and does nothing; another Python says in a line what to do."""

import os
import signal
import subprocess
import sys

import pytest

from tests.examples import ROOT

MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__main__")
    for folder in ("stages", "commands")
    for path in (ROOT / folder).rglob("*.py")
    if "__name__ ==" in path.read_text("utf-8")
)


def run(folder, env, *command, **variables):
    return subprocess.run(
        command, cwd=folder, env=env | {"PYTHONPATH": str(ROOT)} | variables, capture_output=True,
        text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("module", MODULES)
def test_help_does_nothing_else(tmp_path, env, module):
    done = run(tmp_path, env, "python", "-m", module, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"usage: python -m {module} ")
    assert list(tmp_path.iterdir()) == []


def test_a_stage_refuses_arguments(tmp_path, env):
    done = run(tmp_path, env, "python", "-m", "stages.split", "seed=7")
    assert done.returncode == 2
    assert done.stderr.endswith("error: unrecognized arguments: seed=7\n")


@pytest.mark.parametrize("module", ["stages.generate", "commands.rank"])
def test_a_python_without_packages(tmp_path, env, module):
    done = run(tmp_path, env, sys.executable, "-S", "-m", module)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "activate the environment: `. .venv/bin/activate`" in done.stderr


@pytest.mark.parametrize("module", ["stages.generate", "commands.rank"])
def test_ctrl_c_while_packages_are_imported(tmp_path, env, module):
    (tmp_path / "active_learning.py").write_text("raise KeyboardInterrupt")
    folders = f"{tmp_path}{os.pathsep}{ROOT}"
    done = run(tmp_path, env, sys.executable, "-m", module, PYTHONPATH=folders)
    assert done.returncode == -signal.SIGINT
    assert done.stderr == "interrupted; run it again to continue\n"


def test_an_unexpected_error_keeps_its_traceback(tmp_path, env):
    (tmp_path / "active_learning.py").write_text("raise OSError")
    folders = f"{tmp_path}{os.pathsep}{ROOT}"
    done = run(tmp_path, env, sys.executable, "-m", "stages.generate", PYTHONPATH=folders)
    assert done.stderr.startswith("Traceback")
