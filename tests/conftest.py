"""What all tests share: one thread, since fits are small, and an environment for commands."""

import os

import pytest
from threadpoolctl import threadpool_limits

from scripts.forks import environment, preimported


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    with threadpool_limits(limits=1):
        yield


@pytest.fixture(scope="session")
def shared(tmp_path_factory):
    """Folder that is the same for all workers."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def env(shared):
    """Environment of every command."""
    with preimported(shared / f"bin-{os.getpid()}", environment(shared / "home")) as env:
        yield env
