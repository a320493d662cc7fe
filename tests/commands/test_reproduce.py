"""The reproducibility check with real reruns."""

import shutil
import sys

import pytest
import yaml

from commands import reproduce
from tests.commands.repository import Repository
from tests.pipeline.clone import SMALL, Clone, environment

# NOISE stands for another type of machine.
MAKE = """\
import json, os, pathlib
value = 0.5 + float(os.environ.get("NOISE", 0))
for name in ("data/table.csv", "metrics/summary.json"):
    pathlib.Path(name).parent.mkdir(exist_ok=True)
pathlib.Path("data/table.csv").write_text(f"row,value\\n0,{value!r}\\n")
pathlib.Path("metrics/summary.json").write_text(json.dumps({"aulc": round(value, 6)}))
"""


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """Project with a pipeline of one stage, run and committed; not to be changed."""
    folder = tmp_path_factory.mktemp("made")
    env = environment(tmp_path_factory.mktemp("made-home"))
    Repository(folder)
    stage = {"cmd": "python make.py", "deps": ["make.py"], "outs": ["data/table.csv"]}
    stage["metrics"] = [{"metrics/summary.json": {"cache": False}}]
    (folder / "dvc.yaml").write_text(yaml.safe_dump({"stages": {"make": stage}}))
    (folder / "make.py").write_text(MAKE)
    (folder / ".gitignore").write_text("/data/\n")
    clone = Clone(folder, env)
    clone.dvc("repro")
    clone.commit()
    return clone


@pytest.fixture
def project(made, tmp_path, monkeypatch):
    """Copy of it as the current folder."""
    clone = made.copy(tmp_path / "project")
    monkeypatch.chdir(clone.path)
    return clone


def outcome(capfd):
    try:
        reproduce.main([])
    except SystemExit as end:
        return end.code, capfd.readouterr().out
    return 0, capfd.readouterr().out


def test_the_same(project, capfd):
    commit = project.run("git", "rev-parse", "--short", "HEAD").stdout.strip()
    status, text = outcome(capfd)
    assert status == 0
    assert text == f"{commit}: a clean `dvc repro` leaves dvc.lock and metrics/ as committed.\n"
    assert project.changed_in_git() == []


def test_another_machine_differs_in_bits(project, capfd, monkeypatch):
    monkeypatch.setenv("NOISE", "1e-9")
    status, text = outcome(capfd)
    assert status == 0
    assert "gives the committed values within 1e-06" in text
    assert "Only in bits differ:\n  data/table.csv: largest difference 1e-09, at value" in text


@pytest.mark.slow
def test_data_that_is_nowhere_to_be_had_cannot_be_compared(project, capfd, monkeypatch):
    monkeypatch.setenv("NOISE", "1e-9")
    shutil.rmtree(project.path / ".dvc/cache")
    status, text = outcome(capfd)
    assert status == 1
    assert "the committed content is not here" in text


def test_other_values(project, capfd, monkeypatch):
    monkeypatch.setenv("NOISE", "0.1")
    status, text = outcome(capfd)
    assert status == 1
    assert "does not give what is committed" in text
    assert "  metrics/summary.json: largest difference 0.1, at aulc" in text


def test_metrics_that_were_edited_with_their_lock_file(project, capfd):
    """What `dvc status` cannot see."""
    path = project.path / "metrics/summary.json"
    path.write_text('{"aulc": 0.9}')
    project.dvc("commit", "--force")
    project.commit()
    assert project.stale() == set()
    status, text = outcome(capfd)
    assert status == 1
    assert "metrics/summary.json: largest difference 0.4, at aulc" in text


def test_a_pipeline_that_fails(project):
    (project.path / "make.py").write_text("raise SystemExit(3)")
    project.commit()
    done = project.run(sys.executable, "-m", "commands.reproduce", ok=False, **ROOT_PATH)
    assert done.stderr.splitlines()[-1] == (
        "error: `dvc repro` in a clean clone failed with exit status 255."
    )


ROOT_PATH = {"PYTHONPATH": str(reproduce.__file__).rsplit("/commands/", 1)[0]}


@pytest.mark.slow
def test_the_real_pipeline(tmp_path):
    (tmp_path / "project").mkdir()
    clone = Clone.of_project(tmp_path / "project", environment(tmp_path / "home"))
    clone.set_params(SMALL)
    clone.repro()
    clone.commit()
    done = clone.run("python", "-m", "commands.reproduce")
    assert "leaves dvc.lock and metrics/ as committed" in done.stdout
    done = clone.run("python", "-m", "commands.check", ok=False)
    assert "FAIL first_repeat." in done.stdout
    assert "ok pipeline: up to date" in done.stdout
