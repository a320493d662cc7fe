"""The small run of tests/pipeline, and clones of it that know only what git tells them."""

import pytest

from tests.pipeline.clone import Clone
from tests.pipeline.conftest import *  # noqa: F403 - its fixtures need one another


@pytest.fixture
def fresh_clone(tmp_path):
    """Clone a repository by git: no outputs, no cache, no local configuration."""

    def clone_of(source: Clone, name: str) -> Clone:
        path = tmp_path / name
        source.run("git", "clone", "--quiet", str(source.path), str(path))
        assert not (path / "data").exists()
        return Clone(path, source.env)

    return clone_of
