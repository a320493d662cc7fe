"""Newton's method: a scikit-learn classifier that ends at the optimum."""

import numpy as np
import pytest
import sklearn
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.utils.estimator_checks import parametrize_with_checks

from active_learning.core.prediction import linear_decision
from active_learning.models.learners._newton import NewtonClassifier
from tests import examples


@parametrize_with_checks([NewtonClassifier(), NewtonClassifier(C=0.3, warm_start=True)])
def test_is_a_classifier_as_scikit_learn_wants_it(estimator, check):
    check(estimator)


def gradient(model, features, labels, C, weights):
    """Gradient of the loss at a fitted model: its coefficients, and the intercept."""
    rows = np.column_stack([features, np.ones(len(labels))])
    solution = np.column_stack([model.coef_, model.intercept_])
    values = rows @ solution.T
    if len(solution) == 1:  # with two classes, the value of the first is 0
        values = np.column_stack([np.zeros(len(labels)), values])
    excess = softmax(values, axis=1) - np.eye(values.shape[1])[labels]
    excess = C * weights[:, None] * excess[:, -len(solution) :]
    return excess.T @ rows + np.column_stack([model.coef_, np.zeros(len(solution))])


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("C", [0.125, 1.0, 32.0])
@pytest.mark.parametrize("class_weight", [None, "balanced"])
def test_ends_at_the_optimum_to_ten_digits(n_classes, C, class_weight):
    """The gradient is 0, and the loss is convex, so this is the only optimum."""
    data = examples.table(n_classes)
    rows = data.labels * np.arange(90) % 7 < 3  # of uneven classes
    features, labels = data.features[rows], data.labels[rows]
    weights = np.ones(len(labels))
    if class_weight == "balanced":
        weights = len(labels) / (n_classes * np.bincount(labels)[labels])
    model = NewtonClassifier(C=C, class_weight=class_weight).fit(features, labels)
    assert np.abs(gradient(model, features, labels, C, weights)).max() < 1e-10 * max(1, C)
    assert abs(model.intercept_.sum()) < 1e-12 or n_classes == 2
    options = {"solver": "newton-cholesky", "tol": 1e-13, "max_iter": 1000}
    theirs = LogisticRegression(C=C, class_weight=class_weight, **options).fit(features, labels)
    expected = theirs.predict_proba(data.features)
    np.testing.assert_allclose(model.predict_proba(data.features), expected, atol=1e-8)


@given(seed=st.integers(0, 2**32 - 1), scale=st.sampled_from([1e-3, 1.0, 30.0, 1e4]))
@settings(max_examples=60)
def test_converges_from_anywhere(seed, scale):
    """Separable rows, features of any size, a start far off: Newton's steps alone would diverge."""
    generator = np.random.default_rng(seed)
    n_classes = generator.integers(2, 5)
    features = scale * generator.normal(size=(40, 3))
    labels = np.concatenate(
        [np.arange(n_classes), generator.integers(0, n_classes, 40 - n_classes)]
    )
    cold = NewtonClassifier().fit(features, labels)
    warm = NewtonClassifier(warm_start=True).fit(features, labels)
    warm.coef_ = warm.coef_ + generator.normal(size=warm.coef_.shape) * 10 / scale
    warm.intercept_ = warm.intercept_ + generator.normal() * 10
    warm.fit(features, labels)
    size = np.abs(cold.coef_).max()
    np.testing.assert_allclose(warm.coef_, cold.coef_, atol=1e-10 + 1e-7 * size)


def extreme(seed):
    """Features of any size and offset, few rows, any penalty: many Hessians are near singular."""
    rng = np.random.default_rng(seed)
    n_rows, n_features = int(rng.integers(4, 60)), int(rng.integers(1, 12))
    n_classes = int(rng.integers(2, 4))
    features = rng.normal(size=(n_rows, n_features))
    features *= 10.0 ** rng.uniform(-4, 4, size=n_features)
    features += 10.0 ** rng.uniform(-2, 3) * rng.integers(0, 2)
    labels = np.concatenate([np.arange(n_classes), rng.integers(0, n_classes, n_rows - n_classes)])
    weight = "balanced" if seed % 3 == 0 else None
    return NewtonClassifier(C=10.0 ** rng.uniform(-4, 8), class_weight=weight), features, labels


@pytest.mark.parametrize("seed", [9, 57, 63, 141, 186, 3009])
def test_ends_where_rounding_allows_no_better(seed):
    model, features, labels = extreme(seed)
    model.fit(features, labels)  # a warning is an error


@pytest.mark.slow
def test_always_ends():
    for seed in range(5000):
        model, features, labels = extreme(seed)
        model.fit(features, labels)


@pytest.mark.parametrize("seed", [9, 13, 15, 57])
def test_an_offset_of_the_features_moves_the_intercept_only(seed):
    """It makes the Hessian near singular; the loss at the optimum is the same without it."""
    model, features, labels = extreme(seed)
    losses = []
    for shift in (0, features.mean(axis=0)):
        model.fit(features - shift, labels)
        rows = model.predict_proba(features - shift)[np.arange(len(labels)), labels]
        losses.append(-np.log(rows).sum() * model.C + (model.coef_**2).sum() / 2)
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-8)


def test_a_warm_start_takes_fewer_steps_to_the_same_end():
    data = examples.table()
    warm = NewtonClassifier(warm_start=True).fit(data.features[:-1], data.labels[:-1])
    first = warm.n_iter_
    warm.fit(data.features, data.labels)
    assert warm.n_iter_ < first
    cold = NewtonClassifier().fit(data.features, data.labels)
    np.testing.assert_allclose(warm.coef_, cold.coef_, atol=1e-10)


def test_a_class_that_is_new_begins_anew():
    data = examples.table(3)
    two = data.labels < 2
    warm = NewtonClassifier(warm_start=True).fit(data.features[two], data.labels[two])
    assert warm.coef_.shape == (1, 4)
    warm.fit(data.features, data.labels)
    assert warm.coef_.shape == (3, 4)


def test_rows_are_summed_in_blocks_to_the_same_end(monkeypatch):
    data = examples.table(3)
    whole = NewtonClassifier().fit(data.features, data.labels)
    monkeypatch.setattr("active_learning.models.learners._newton._BLOCK", 7)
    blocks = NewtonClassifier().fit(data.features, data.labels)
    np.testing.assert_allclose(blocks.coef_, whole.coef_, atol=1e-12)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_its_decision_values_are_computed_without_the_checks_of_scikit_learn(n_classes):
    data = examples.table(n_classes)
    model = NewtonClassifier().fit(data.features, data.labels)
    linear = linear_decision(model, data.features)
    assert linear is not None
    assert linear.softmax


def test_says_that_it_did_not_converge():
    data = examples.table()
    with pytest.warns(ConvergenceWarning, match="did not converge in 1 iterations"):
        NewtonClassifier(max_iter=1).fit(data.features, data.labels)


def test_checks_that_the_loop_makes_once_are_not_repeated():
    data = examples.table()
    bad = np.where(np.arange(90)[:, None] == 3, np.nan, data.features)
    with pytest.raises(ValueError, match="NaN"):
        NewtonClassifier().fit(bad, data.labels)
    with sklearn.config_context(assume_finite=True, skip_parameter_validation=True):
        trusted = NewtonClassifier().fit(data.features, data.labels)
    checked = NewtonClassifier().fit(data.features, data.labels)
    np.testing.assert_array_equal(trusted.coef_, checked.coef_)


@pytest.mark.parametrize("classes", [(-1, 10**12), (3, 5)])
def test_any_two_integers_are_classes_where_nothing_is_checked(classes):
    features, places = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([0, 1, 0, 1])
    with sklearn.config_context(skip_parameter_validation=True):
        model = NewtonClassifier().fit(features, np.array(classes)[places])
    assert model.classes_.tolist() == list(classes)
    expected = NewtonClassifier().fit(features, places)
    assert model.coef_.tolist() == expected.coef_.tolist()


@pytest.mark.parametrize("n_classes", [2, 3])
def test_a_run_that_continues_gives_the_very_bits(n_classes):
    """The last bits of a warm start depend on the fits before, so these are made again."""
    task = examples.task(n_classes, "logistic_newton", ["accuracy", "log_loss"])
    resumed, whole = (examples.run(task, "margin", budget=budget) for budget in (4, 9))
    assert examples.same_run(examples.run(task, "margin", budget=9, resumed=resumed), whole)
