"""Losses after one more label: those of real refits, and the same queries as by them."""

from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from active_learning.core.pool import Pool
from active_learning.models.learners._newton import NewtonClassifier
from active_learning.strategies import expected_error_reduction as module
from active_learning.strategies._refits import losses_after
from active_learning.strategies.expected_error_reduction import LOSSES, ExpectedErrorReduction


def pool_of(generator, n_labelled, n_features, *, n_rows=60, scale=1.0, kind=np.float64):
    """Two clouds with noisy labels, and rows that occur several times."""
    labels = np.arange(n_rows) % 2
    features = scale * (labels[:, None] + generator.normal(size=(n_rows, n_features)))
    features[n_labelled:] = features[generator.integers(n_labelled, n_rows, n_rows - n_labelled)]
    rows = np.arange(n_rows)
    labels[2:] = np.where(generator.random(n_rows - 2) < 0.1, 1 - labels[2:], labels[2:])
    return Pool(
        features.astype(kind),
        rows[n_labelled:],
        initial=rows[:n_labelled],
        initial_labels=labels[:n_labelled],
        classes=2,
        budget=3,
    )


def model_of(pool, **options):
    return NewtonClassifier(**options).fit(pool.labelled_features, pool.labels)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize(("n_labelled", "C"), [(30, 1.0), (30, 1e4), (12, 0.01)])
def test_are_the_losses_of_real_refits(n_labelled, C, name):
    pool, loss = pool_of(np.random.default_rng(0), n_labelled, 3), LOSSES[name]
    model, rows = model_of(pool, C=C), pool.features[pool.open]
    losses, errors = losses_after(model, pool, rows, rows[:20], loss)
    assert np.isfinite(errors).mean() > 0.75
    assert errors[np.isfinite(errors)].max() < 1e-5
    for row, of_row, bounds in zip(rows, losses, errors, strict=True):
        for answer in (0, 1):
            features = np.vstack([pool.labelled_features, row])
            refit = model_of(pool, C=C).fit(features, np.append(pool.labels, answer))
            assert abs(loss(refit.predict_proba(rows[:20])) - of_row[answer]) <= bounds[answer]


def ask(pool, model, n, seed, **options):
    """Query of the strategy, and how many candidates it refits for."""
    contenders, numbers = module._contenders, []

    def count(*arguments):
        rows = contenders(*arguments)
        numbers.append(len(rows))
        return rows

    strategy = ExpectedErrorReduction(candidates=12, evaluation=20, **options)
    with patch.object(module, "_contenders", count):
        return strategy.query(model, pool, n, np.random.default_rng(seed)), numbers[0]


@given(data=st.data())
@settings(max_examples=40)
def test_is_the_query_of_real_refits(data):
    """Duplicates, few labels, features of any size, float32, all batch sizes."""
    seed = data.draw(st.integers(0, 2**32 - 1))
    pool = pool_of(
        np.random.default_rng(seed),
        data.draw(st.sampled_from([4, 10, 30])),
        data.draw(st.integers(1, 4)),
        scale=data.draw(st.sampled_from([1e-3, 1, 1, 100])),
        kind=data.draw(st.sampled_from([np.float64, np.float32])),
    )
    model = model_of(pool, C=data.draw(st.sampled_from([0.01, 1, 1, 100])))
    n, loss = data.draw(st.integers(1, 5)), data.draw(st.sampled_from(list(LOSSES)))
    fast, _ = ask(pool, model, n, seed, loss=loss)
    with patch.object(module, "losses_after", return_value=None):
        slow, n_refits = ask(pool, model, n, seed, loss=loss)
    assert n_refits == 12
    np.testing.assert_array_equal(fast.rows, slow.rows)
    np.testing.assert_array_equal(fast.informativeness, slow.informativeness)


@pytest.mark.parametrize(
    "kind", [np.asarray, lambda features: pd.DataFrame(features, dtype=object)]
)
def test_few_candidates_are_refitted(kind):
    pool = pool_of(np.random.default_rng(0), 30, 3)
    pool = Pool(
        kind(pool.features),
        pool.open_rows,
        initial=pool.labelled_rows,
        initial_labels=pool.labels,
        classes=2,
        budget=3,
    )
    assert ask(pool, model_of(pool), 1, 0)[1] <= 5  # a row may occur several times


@pytest.mark.parametrize("scale", [1e160, 1e-200])
def test_all_are_refitted_where_the_steps_do_not_converge(scale):
    pool = pool_of(np.random.default_rng(0), 30, 3)
    model = model_of(pool)
    model.coef_ = scale * model.coef_
    far = 1 / scale if scale < 1 else 1
    _, errors = losses_after(model, pool, far * pool.features, pool.features, LOSSES["log_loss"])
    assert not np.isfinite(errors).any()


def test_an_answer_of_probability_0_needs_no_refit():
    beliefs = np.array([[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]])
    losses, errors = np.full((3, 2), 0.2), np.array([[0.01, np.inf], [0.01, 0.01], [np.inf, 0.01]])
    losses[1] = 0.3
    assert module._contenders(beliefs, (losses, errors), 1).tolist() == [0, 2]


def other_models():
    class Subclass(NewtonClassifier):
        pass

    yield Subclass()
    yield NewtonClassifier(class_weight="balanced")
    yield NewtonClassifier(max_iter=49)


def test_other_models_are_refitted_for_every_candidate():
    pool = pool_of(np.random.default_rng(0), 30, 3)
    for model in other_models():
        model.fit(pool.labelled_features, pool.labels)
        assert ask(pool, model, 1, 0)[1] == 12


def test_where_a_third_class_is_unseen_every_candidate_is_refitted():
    pool = pool_of(np.random.default_rng(0), 30, 3)
    pool.classes = np.arange(3)
    assert ask(pool, model_of(pool), 1, 0)[1] == 12
