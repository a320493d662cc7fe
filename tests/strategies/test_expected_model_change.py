"""Expected gradient length, by hand and by the gradients themselves."""

import numpy as np

from active_learning.strategies.expected_model_change import expected_gradient_length
from tests import examples


def test_by_hand():
    probabilities = np.array([[0.5, 0.5, 0], [0.9, 0.1, 0], [0.5, 0.3, 0.2]])
    # (.5, .5): both gradients √.5 long; (.9, .1): .9 √.02 + .1 √1.62.
    # Three classes: Σp² = .38, so .5 √.38 + .3 √.78 + .2 √.98.
    surprise = np.array([0.70711, 0.25456, 0.77116])
    no_features = expected_gradient_length(probabilities, np.zeros(3))
    np.testing.assert_allclose(no_features, surprise, atol=1e-5)
    # x = (3, 4): with the 1 of the intercept √26 long.
    longer = expected_gradient_length(probabilities, np.full(3, 25.0))
    np.testing.assert_allclose(longer, surprise * np.sqrt(26), atol=1e-4)


def test_is_the_mean_length_of_the_gradients():
    generator = np.random.default_rng(0)
    p, X = generator.dirichlet(np.ones(4), 20), generator.normal(size=(20, 3))
    expected = np.zeros(20)
    for row in range(20):
        for answer in range(4):
            gradient = np.outer(p[row] - np.eye(4)[answer], np.append(X[row], 1))
            expected[row] += p[row, answer] * np.linalg.norm(gradient)
    np.testing.assert_allclose(expected_gradient_length(p, (X**2).sum(axis=1)), expected)


def test_a_model_that_is_nearly_sure_still_ranks_rows():
    doubt = np.array([1e-6, 1e-9, 1e-12])
    lengths = expected_gradient_length(np.column_stack([1 - doubt, doubt]), np.zeros(3))
    # Both gradients: (1 − q) √2 q + q √2 (1 − q).
    np.testing.assert_allclose(lengths, 2 * np.sqrt(2) * doubt * (1 - doubt), rtol=1e-4)


def test_of_rows_of_one_opinion_the_longest_is_queried():
    pool, model = examples.pool_and_model()
    model.coef_ = np.zeros_like(model.coef_)  # the same probabilities for every row
    lengths = np.where(pool.open, np.linalg.norm(pool.features, axis=1), -np.inf)
    query = examples.query("expected_model_change", model, pool, 4)
    assert query.rows.tolist() == np.argsort(-lengths)[:4].tolist()
