"""Epsilon-greedy: a mix of two strategies."""

import numpy as np
import pytest

from active_learning.core import plugins
from active_learning.core.errors import ParamsError
from tests import examples

NAME = "epsilon_greedy"


@pytest.fixture
def situation():
    return examples.pool_and_model(4)


def test_epsilon_of_zero_and_one(situation):
    pool, model = situation
    best = examples.query("least_confidence", model, pool, 8)
    never = examples.query(NAME, model, pool, 8, epsilon=0.0)
    assert never.rows.tolist() == best.rows.tolist()
    np.testing.assert_array_equal(never.informativeness, best.informativeness)
    far = examples.query("k_center_greedy", model, pool, 8)
    always = examples.query(NAME, model, pool, 8, epsilon=1.0, explore="k_center_greedy")
    assert always.rows.tolist() == far.rows.tolist()
    rows = [examples.query(NAME, model, pool, 5, seed, epsilon=1.0).rows for seed in (1, 2)]
    assert rows[0].tolist() != rows[1].tolist()  # exploration at random has its seed


def test_a_strategy_is_asked_only_if_one_of_its_rows_is_due():
    pool, model = examples.pool_and_model(learner="gaussian_nb")
    options = {"exploit": "expected_model_change", "epsilon": 1.0}
    examples.query(NAME, model, pool, 5, **options)
    with pytest.raises(ParamsError, match="linear model"):
        examples.query(NAME, model, pool, 5, **options | {"epsilon": 0.0})


def test_every_row_is_the_next_of_one_of_the_two(situation):
    pool, model = situation
    options = {"epsilon": 0.5, "explore": "k_center_greedy", "exploit": "entropy"}
    explored, mixed = 0, 0
    for seed in range(40):
        chosen = examples.query(NAME, model, pool, 6, seed, **options).rows.tolist()
        ranks = [
            examples.query(name, model, pool, 12).rows.tolist()
            for name in ("entropy", "k_center_greedy")
        ]
        before = explored
        for place, row in enumerate(chosen):
            nexts = [next(r for r in rank if r not in chosen[:place]) for rank in ranks]
            assert row in nexts
            explored += row == nexts[1] != nexts[0]
        mixed += 0 < explored - before < 6
    assert mixed > 30  # each row has a coin of its own
    assert 80 < explored < 160  # about half of 240, less where both want the same row


def test_share_of_exploration(situation):
    pool, model = situation
    best = examples.query("least_confidence", model, pool, 1).rows[0]
    options = {"epsilon": 0.2, "explore": "k_center_greedy"}
    firsts = [examples.query(NAME, model, pool, 1, seed, **options).rows[0] for seed in range(500)]
    assert abs(np.mean(np.array(firsts) != best) - 0.2) < 0.06


def test_a_strategy_with_options():
    """Whatever the name of the entry says."""
    entries = {"margin": {"use": "typiclust", "min_size": 7}, NAME: {"exploit": "margin"}}
    made = plugins.make("strategies", NAME, entries)
    assert made.exploit == plugins.load("strategies", "typiclust")(min_size=7)
    assert type(made.explore).__name__ == "Random"
    exploit = made.exploit.describe()
    assert (exploit["use"], exploit["min_size"]) == ("typiclust", 7)
    explore = {"use": "random"}
    assert made.model_dump() == {"epsilon": 0.1, "explore": explore, "exploit": exploit}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("entropi", "exploit: unknown strategy 'entropi'; available: badge, "),
        (7, "exploit must be the name of a strategy; got 7."),
        ({"margin": {}}, "exploit must be a name: put the options into an entry of strategies"),
        ("one", "exploit: one.members must be an int in [2, 1000]; got 1."),
        ("extra", "exploit: extra: unknown key 'n'; available: none."),
        ("own", f"call each other in a cycle; got {NAME} → own → {NAME}."),
        (NAME, f"call each other in a cycle; got {NAME} → {NAME}."),
    ],
)
def test_strategy_that_cannot_be_called(value, message):
    entries = {
        NAME: {"exploit": value},
        "one": {"use": "query_by_committee", "members": 1},
        "extra": {"use": "margin", "n": 1},
        "own": {"use": NAME, "explore": NAME},
    }
    with pytest.raises(ParamsError) as error:
        plugins.make("strategies", NAME, entries)
    assert str(error.value).startswith(f"{NAME}.exploit")
    assert message in str(error.value)
