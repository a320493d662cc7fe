"""DVC's experiments replace files: what they take away comes back, and honest ones pass."""

import shutil
import sys
from pathlib import Path

import pytest

from tests.labels.repository import Repository

pytestmark = pytest.mark.slow

ROUNDS = f"""
stages:
  merge:
    wdir: ..
    cmd: {sys.executable} -m commands.labels check > rounds/count.txt
    deps: [rounds/labels]
    params: [rounds/params.yaml: [k]]
    outs: [rounds/count.txt: {{cache: false}}]
"""
ROOT_PIPELINE = """
stages:
  plot:
    cmd: echo ${title} > plot.txt
    outs: [plot.txt: {cache: false}]
"""


@pytest.fixture(scope="module")
def base(tmp_path_factory, env):
    """Labels 1 to 5; experiments of both pipelines that know the first three only."""
    with pytest.MonkeyPatch.context() as patch:
        project = Repository(tmp_path_factory.mktemp("base") / "project", patch, env)
        project.run("dvc", "init", "--quiet")
        project.give(1, 2, 3)
        Path("rounds/dvc.yaml").write_text(ROUNDS, encoding="utf-8")
        Path("rounds/params.yaml").write_text("k: 1\n", encoding="utf-8")
        Path("dvc.yaml").write_text(ROOT_PIPELINE, encoding="utf-8")
        Path("params.yaml").write_text("title: one\n", encoding="utf-8")
        project.run("dvc", "repro", "--quiet", "rounds/dvc.yaml", "dvc.yaml")
        project.commit()
        k = "rounds/params.yaml:k=2"
        project.run("dvc", "exp", "run", "--quiet", "-n", "rounds", "-S", k, "rounds/dvc.yaml")
        project.git("checkout", "--quiet", ".")
        project.run("dvc", "exp", "run", "--quiet", "-n", "root", "-S", "title=two", "dvc.yaml")
        project.git("checkout", "--quiet", ".")
        project.give(4, 5)
        project.git("commit", "--quiet", "--all", "--message", "Five")
        return project.path


@pytest.fixture
def project(base, tmp_path, monkeypatch, env):
    shutil.copytree(base, tmp_path / "project", symlinks=True)
    return Repository(tmp_path / "project", monkeypatch, env)


def counted(project, name):
    """What the stage wrote in an experiment."""
    ref = project.git("for-each-ref", "--format=%(refname)", f"refs/exps/**/{name}")
    return project.git("show", f"{ref}:rounds/count.txt")


@pytest.mark.parametrize("name", ["rounds", "root"])
def test_old_experiment_is_applied(project, labels, name):
    project.give(6, 7)
    project.give(8, by="a2")
    project.run("dvc", "exp", "apply", "--quiet", name)
    assert project.numbers() == [1, 2, 3, 8]  # a new file that is staged stays
    assert labels.fails("check").startswith("4 labels of a1 are missing")
    labels("recover")
    assert project.numbers() == [1, 2, 3, 4, 5, 6, 7, 8]


def test_two_experiments_are_applied_in_a_row(project, labels):
    project.give(6)
    project.run("dvc", "exp", "apply", "--quiet", "rounds")
    project.give(7)
    project.run("dvc", "exp", "apply", "--quiet", "root")
    assert labels.fails("check").startswith("4 labels of a1 are missing")
    shutil.rmtree(".git/al-labels")
    labels("recover")
    assert project.numbers() == [1, 2, 3, 4, 5, 6, 7]


def test_experiment_in_the_workspace(project):
    project.give(6)
    project.give(7, by="a2")
    project.run("dvc", "exp", "run", "--quiet", "rounds/dvc.yaml")
    assert Path("rounds/count.txt").read_text("utf-8").startswith("7 events")


def test_experiment_elsewhere_sees_every_label(project):
    project.give(6)
    project.give(7, by="a2")
    project.run("dvc", "exp", "run", "--quiet", "--temp", "-n", "other", "rounds/dvc.yaml")
    assert counted(project, "other").startswith("7 events")
    assert project.git("status", "--porcelain", "rounds/count.txt") == ""


def test_queued_experiments_see_every_label(project):
    project.give(6)
    project.give(7, by="a2")
    project.run("dvc", "exp", "run", "--quiet", "--queue", "-n", "other", "rounds/dvc.yaml")
    project.give(8, by="a3")
    project.run("dvc", "exp", "run", "--quiet", "--run-all")
    assert counted(project, "other").startswith("7 events")


def test_experiment_becomes_a_branch(project, labels):
    project.run("dvc", "exp", "branch", "--quiet", "rounds", "other")
    project.git("checkout", "--quiet", "other")
    assert project.numbers() == [1, 2, 3]
    assert "none is missing" in labels("check")
