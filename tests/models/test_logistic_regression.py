"""The default learner."""

import pytest
import sklearn
from sklearn.exceptions import ConvergenceWarning

from active_learning.core import plugins
from tests import examples


def test_says_that_it_did_not_converge():
    data = examples.table()
    model = plugins.load("learners", "logistic_regression")(max_iter=1).build(0)
    checks_off = {"assume_finite": True, "skip_parameter_validation": True}
    with sklearn.config_context(**checks_off), pytest.warns(ConvergenceWarning, match="lbfgs"):
        model.fit(data.features, data.labels)
