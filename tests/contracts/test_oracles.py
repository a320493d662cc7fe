"""What every oracle keeps to; a new file in oracles/ is tested with no new test."""

import numpy as np
import pytest

from active_learning.core import plugins, rng
from active_learning.core.pool import ABSTAINED
from tests import examples

TRUTH = examples.fixed(np.arange(400) % 4)


@pytest.fixture(params=plugins.available("oracles"))
def name(request):
    return request.param


@pytest.fixture
def oracle(name):
    """Oracle that errs more than by default: every probability that it takes is a half."""
    cls = plugins.load("oracles", name)
    takes = cls.model_fields.items()
    return cls(**{option: 0.5 for option, field in takes if isinstance(field.default, float)})


def ask(oracle, truth=TRUTH, n_classes=4, seed=0):
    answer = oracle.start(len(truth), n_classes, rng.generator(seed, "oracle"))
    return answer(np.arange(len(truth)), truth)


@pytest.mark.parametrize("n_classes", [2, 4])
def test_says_a_class_or_nothing_of_every_row(oracle, n_classes):
    answers = ask(oracle, TRUTH % n_classes, n_classes)
    assert answers.shape == TRUTH.shape
    assert np.issubdtype(answers.dtype, np.integer)
    assert set(answers) <= {ABSTAINED, *range(n_classes)}


def test_same_seed_same_answers_and_the_truth_is_not_changed(oracle):
    truth = TRUTH.copy()
    np.testing.assert_array_equal(ask(oracle, truth, seed=8), ask(oracle, truth, seed=8))
    np.testing.assert_array_equal(truth, TRUTH)


def test_with_its_defaults_it_is_mostly_right(name):
    answers = ask(plugins.load("oracles", name)())
    assert np.mean(answers == TRUTH) > 0.5


@pytest.mark.parametrize(
    "other",
    [
        {"strategy": "least_confidence", "seed": 1, "batch_size": 5},
        {"strategy": "random", "seed": 2},
    ],
    ids=["another strategy", "another seed"],
)
def test_answers_depend_on_the_row_and_the_seed_of_the_oracle_only(oracle, other):
    """Every row is bought by both, in another order."""
    task = examples.task(n_classes=3)
    settings = {"oracle": oracle, "budget": 48}
    first = examples.run(task, "random", seed=1, **settings)
    second = examples.run(task, **other, **settings)
    assert first.rows.tolist() != second.rows.tolist()
    by_row = np.argsort(first.rows), np.argsort(second.rows)
    np.testing.assert_array_equal(first.answers[by_row[0]], second.answers[by_row[1]])
