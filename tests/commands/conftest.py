"""Git repositories with two revisions."""

import shutil
from copy import copy

import pytest

from scripts.forks import environment
from tests.commands.repository import Repository


@pytest.fixture(autouse=True)
def _fresh_machine(monkeypatch, tmp_path_factory):
    """No settings of this machine's."""
    for name, value in environment(tmp_path_factory.mktemp("home")).items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="session")
def first_run(tmp_path_factory):
    """Repository with the metrics of a first run committed on main; not to be changed."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name, value in environment(tmp_path_factory.mktemp("home")).items():
            monkeypatch.setenv(name, value)
        made = Repository(tmp_path_factory.mktemp("first_run"))
        made.run()
        made.commit()
    return made


@pytest.fixture
def repository(first_run, tmp_path, monkeypatch):
    """Copy of it as the current folder."""
    made = copy(first_run)
    made.path = tmp_path / "project"
    shutil.copytree(first_run.path, made.path)
    monkeypatch.chdir(made.path)
    return made


@pytest.fixture
def branch(repository):
    """The same on a branch of it, where the next run goes."""
    repository.git("switch", "--quiet", "--create", "feature")
    return repository
