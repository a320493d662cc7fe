"""What contracts are tried with: learners and classes, on one thread, as the loop runs them."""

import pytest
import sklearn
from threadpoolctl import threadpool_limits

# Decision values and probabilities, decision values only, probabilities only.
LEARNERS = (
    "logistic_regression",
    pytest.param("svm_rbf", marks=pytest.mark.slow),
    pytest.param("gaussian_nb", marks=pytest.mark.slow),
)
SITUATIONS = {"two classes": (2, False), "four": (4, False), "two seen of four": (4, True)}


@pytest.fixture(params=SITUATIONS.values(), ids=SITUATIONS)
def situation(request):
    """How many classes there are, and whether some are not seen before the first query."""
    return request.param


@pytest.fixture(params=LEARNERS)
def learner(request):
    return request.param


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """Fits this small are faster on one thread, above all with two workers on two cores."""
    with threadpool_limits(limits=1):
        yield


@pytest.fixture
def as_in_the_loop():
    """Without scikit-learn's checks of rows and options, which take most of the time of a fit."""
    with sklearn.config_context(assume_finite=True, skip_parameter_validation=True):
        yield
