"""Clones of the project as it is now: DVC never runs in the project's own folder.

Runs that several tests need are made once: the first worker that comes makes them, the others wait.
A test takes a copy, which has the outputs, the history and DVC's cache, so that it continues where
the run ended.
"""

import fcntl
import shutil
from pathlib import Path

import pytest

from tests.pipeline.clone import SMALL, STAGES, Clone


def once(folder: Path, name: str, make) -> Path:
    """Let the first worker that comes make a folder, and the others wait for it."""
    path, done = folder / name, folder / f"{name}.done"
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(path, ignore_errors=True)
            make(path)
            done.touch()
    return path


@pytest.fixture(scope="session")
def made(shared, env):
    """Make a clone once: from a copy of another, by a function that changes it."""

    def make(name, source, change):
        return Clone(once(shared, name, lambda path: change(source.copy(path))), env)

    return make


@pytest.fixture(scope="session")
def project(shared, env):
    """The project as it is now, committed, without outputs that DVC keeps; not to be changed."""
    return Clone(once(shared, "project", lambda path: Clone.of_project(path, env)), env)


@pytest.fixture(scope="session")
def unfinished(made, project):
    """The project with small params, before its first run; not to be changed."""

    def shrink(clone):
        clone.set_params(SMALL)
        clone.commit()

    return made("unfinished", project, shrink)


@pytest.fixture(scope="session")
def finished(made, unfinished):
    """The project with small params after its first run, committed; not to be changed."""

    def run(clone):
        assert clone.repro() == set(STAGES)
        clone.commit()

    return made("finished", unfinished, run)


@pytest.fixture
def clone(tmp_path, finished):
    """A copy of the finished project to do anything with."""
    return finished.copy(tmp_path / "clone")


@pytest.fixture
def two(tmp_path, made, finished):
    """A clone with two experiments, the second of them applied; what they printed is in files."""

    def run(clone):
        for name, setting in (
            ("budget", "query_loop.budget=4"),
            ("pair", "query_loop.strategies=[margin,random]"),
        ):
            clone.run("git", "checkout", "--quiet", ".")
            output = clone.dvc("exp", "run", "--name", name, "-S", setting)
            clone.path.with_name(f"two.{name}").write_text(output, encoding="utf-8")

    original = made("two", finished, run)
    clone = original.copy(tmp_path / "clone")
    clone.printed = {
        name: original.path.with_name(f"two.{name}").read_text("utf-8")
        for name in ("budget", "pair")
    }
    return clone
