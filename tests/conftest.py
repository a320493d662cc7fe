"""What all tests share: one thread, since fits are small, and an environment for commands."""

import os
import shutil

import pytest
from hypothesis import HealthCheck, settings
from threadpoolctl import threadpool_limits

from scripts.forks import environment, preimported

# A busy machine is slow, not wrong.
settings.register_profile("tests", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tests")


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


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=15_000)  # a busy machine is slow, not wrong

    names = ("chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None and os.environ.get("AL_BROWSER") == "required":
        pytest.fail("no chromium on PATH, and AL_BROWSER=required")
    if path is None:
        pytest.skip("no chromium on PATH")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()
