"""Fits this small are faster on one thread, above all with two workers on two cores."""

import pytest
from threadpoolctl import threadpool_limits


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    with threadpool_limits(limits=1):
        yield
