"""What `make repro` checks before DVC runs."""

import subprocess
import sys
from pathlib import Path

import pytest

from active_learning.core.errors import ParamsError
from commands import preflight
from stages.git import NoRepositoryError
from stages.params import Params, yaml
from tests.examples import ROOT, small_params


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    subprocess.run(["git", "init", "-q"], check=True)
    (tmp_path / "mine.csv").write_text("x,y\n1,a\n2,b\n")
    own = {"generate.dataset": "table", "generate.table.path": "mine.csv"}
    (tmp_path / "params.yaml").write_text(yaml.dump(small_params(own)))
    return tmp_path


def test_note_until_the_table_is_tracked(project, capsys):
    preflight.main(Params.read())
    assert "git does not track mine.csv" in capsys.readouterr().err
    subprocess.run(["git", "add", "mine.csv"], check=True)
    preflight.main(Params.read())
    assert capsys.readouterr().err == ""


def test_params_in_order_are_remembered_unless_there_is_a_note(project):
    preflight.main(Params.read())
    assert not preflight.CHECKED.exists()
    subprocess.run(["git", "add", "mine.csv"], check=True)
    preflight.main(Params.read())
    assert preflight.CHECKED.read_bytes() == Path("params.yaml").read_bytes()


def test_a_table_that_is_still_missing_is_looked_for_again(project):
    Path("mine.csv").rename("mine2.csv")
    with pytest.raises(ParamsError, match=r"table.path: no file 'mine.csv'; did you mean 'mine2"):
        preflight.main(Params.read())
    assert not preflight.CHECKED.exists()


def test_a_folder_that_cannot_be_written_is_no_error(project):
    subprocess.run(["git", "add", "mine.csv"], check=True)
    preflight.CHECKED.parent.touch()
    preflight.main(Params.read())


def test_a_table_that_dvc_tracks(project, capsys):
    (project / "mine.csv.dvc").write_text("")
    subprocess.run(["git", "add", "mine.csv.dvc"], check=True)
    preflight.main(Params.read())
    assert capsys.readouterr().err == ""


def test_no_repository(project, tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    (project / ".git").rename(project / "git")
    with pytest.raises(NoRepositoryError):
        preflight.main(Params.read())


def test_path_null(project):
    params = small_params({"generate.table.path": None})
    (project / "params.yaml").write_text(yaml.dump(params))
    done = subprocess.run(
        [sys.executable, "-m", "commands.preflight"],
        env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == ("error: params.yaml: generate.table.path must be a string; got null.\n")
