"""Fits this small are faster on one thread, above all with two workers on two cores."""

import pytest
import sklearn
from threadpoolctl import threadpool_limits


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    with threadpool_limits(limits=1):
        yield


@pytest.fixture
def as_in_the_loop():
    """Without scikit-learn's checks of rows and options, which take most of the time of a fit."""
    with sklearn.config_context(assume_finite=True, skip_parameter_validation=True):
        yield
