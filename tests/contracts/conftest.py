"""What contracts are tried with: learners and classes, as the loop runs them."""

import pytest
import sklearn

# Decision values and probabilities, decision values only, probabilities only.
LEARNERS = ("logistic_regression", "svm_rbf", "gaussian_nb")
SITUATIONS = {"two classes": (2, False), "four": (4, False), "two seen of four": (4, True)}


@pytest.fixture(params=SITUATIONS.values(), ids=SITUATIONS)
def situation(request):
    """How many classes there are, and whether some are not seen before the first query."""
    return request.param


@pytest.fixture
def learner(situation, name):
    """Another one in each situation: each plug-in meets each situation and each learner."""
    turn = list(SITUATIONS.values()).index(situation) + len(name)
    return LEARNERS[turn % len(LEARNERS)]


@pytest.fixture
def as_in_the_loop():
    """Without scikit-learn's checks of rows and options, which take most of the time of a fit."""
    with sklearn.config_context(assume_finite=True, skip_parameter_validation=True):
        yield
