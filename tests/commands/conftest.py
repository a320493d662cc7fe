"""Git repositories with two revisions."""

import pytest

from tests.commands.repository import Repository
from tests.pipeline.clone import environment


@pytest.fixture(autouse=True)
def _fresh_machine(monkeypatch, tmp_path_factory):
    """No settings of this machine's."""
    for name, value in environment(tmp_path_factory.mktemp("home")).items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """Repository with the metrics of a first run committed on main, as the current folder."""
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    made = Repository(folder)
    made.run()
    made.commit()
    return made


@pytest.fixture
def branch(repository):
    """The same on a branch of it, where the next run goes."""
    repository.git("switch", "--quiet", "--create", "feature")
    return repository
