"""The reproducibility check, with real reruns and with simulated ones."""

import hashlib
import json
import shutil

import pytest

from active_learning.core.errors import UserError
from commands import reproduce
from commands.checks import lock
from scripts.forks import environment
from stages.params import yaml
from tests.commands.repository import Repository
from tests.pipeline.clone import SMALL, Clone

TABLE = "data/table.csv"
SUMMARY = "metrics/summary.json"
MAKE = """\
import json, os, pathlib
assert not os.environ.get("AL_STORE")
for name in ("data", "metrics"):
    pathlib.Path(name).mkdir(exist_ok=True)
pathlib.Path("data/table.csv").write_text("row,value\\n0,0.5\\n")
pathlib.Path("metrics/summary.json").write_text(json.dumps({"aulc": 0.5}))
"""


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """Project with a pipeline of one stage, run and committed; not to be changed."""
    folder = tmp_path_factory.mktemp("made")
    env = environment(tmp_path_factory.mktemp("made-home"))
    Repository(folder)
    stage = {"cmd": "python make.py", "deps": ["make.py"], "outs": [TABLE]}
    stage["metrics"] = [{SUMMARY: {"cache": False}}]
    (folder / "dvc.yaml").write_text(yaml.dump({"stages": {"make": stage}}))
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
    monkeypatch.setenv("AL_STORE", str(tmp_path / "store"))
    return clone


def write_results(project, value, *names):
    """Write what a run with another value would leave."""
    lock_file = yaml.read(project / "dvc.lock")
    texts = {TABLE: f"row,value\n0,{value!r}\n", SUMMARY: json.dumps({"aulc": round(value, 6)})}
    for out in lock_file["stages"]["make"]["outs"]:
        path, text = project / out["path"], texts[out["path"]]
        if out["path"] in names:
            path.parent.mkdir(exist_ok=True)
            path.unlink(missing_ok=True)  # it may be a link to the cache
            path.write_text(text)
            out["md5"] = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
            out["size"] = len(text)
    (project / "dvc.lock").write_text(yaml.dump(lock_file))


@pytest.fixture
def simulate(monkeypatch):
    """Let the rerun give this value."""

    def simulate(value):
        monkeypatch.setattr(
            reproduce, "rerun", lambda fresh: write_results(fresh, value, TABLE, SUMMARY)
        )

    return simulate


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


def test_another_machine_differs_in_bits(project, simulate, capfd):
    simulate(0.5 + 1e-9)
    status, text = outcome(capfd)
    assert status == 0
    assert "gives the committed values within 1e-06" in text
    assert f"Only in bits differ:\n  {TABLE}: largest difference 1e-09, at value" in text
    # Data that is nowhere to be had cannot be compared.
    shutil.rmtree(project.path / ".dvc/cache")
    status, text = outcome(capfd)
    assert status == 1
    assert f"{TABLE}: its hash differs, and the committed content is not here" in text


def test_metrics_that_were_edited_with_their_lock_file(project, simulate, capfd):
    """What `dvc status` cannot see."""
    write_results(project.path, 0.9, SUMMARY)
    assert lock.stale() is None
    project.commit()
    simulate(0.5)
    status, text = outcome(capfd)
    assert status == 1
    assert f"does not give what is committed:\n  {SUMMARY}: largest difference 0.4, at aulc" in text


def test_a_pipeline_that_fails(project):
    (project.path / "make.py").write_text("raise SystemExit(3)")
    project.commit()
    with pytest.raises(UserError) as error:
        reproduce.main([])
    assert str(error.value) == "`dvc repro` in a clean clone failed with exit status 255."


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
    assert "FAIL `first_repeat." in done.stdout
    assert "`pipeline`" not in done.stdout
