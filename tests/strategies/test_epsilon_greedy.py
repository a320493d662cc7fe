"""Epsilon-greedy: a mix of two strategies."""

import numpy as np
import pytest
from pydantic import ValidationError

from active_learning.core import plugins
from tests import examples

NAME = "epsilon_greedy"


@pytest.fixture
def situation():
    return examples.pool_and_model(4)


def test_the_two_ends(situation):
    pool, model = situation
    best = examples.query("least_confidence", model, pool, 8)
    never = examples.query(NAME, model, pool, 8, epsilon=0.0)
    assert never.rows.tolist() == best.rows.tolist()
    np.testing.assert_array_equal(never.informativeness, best.informativeness)
    far = examples.query("k_center_greedy", model, pool, 8)
    always = examples.query(NAME, model, pool, 8, epsilon=1.0, explore="k_center_greedy")
    assert always.rows.tolist() == far.rows.tolist()


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


def test_exploration_draws_lots_of_its_own(situation):
    pool, model = situation
    rows = [
        examples.query(NAME, model, pool, 5, seed, epsilon=1.0).rows.tolist() for seed in (1, 2)
    ]
    assert rows[0] != rows[1]


def test_a_strategy_with_options():
    made = plugins.load("strategies", NAME)(exploit={"query_by_committee": {"members": 9}})
    assert type(made.exploit).__name__ == "QueryByCommittee"
    assert made.exploit.members == 9
    assert type(made.explore).__name__ == "Random"
    assert made.model_dump() == {
        "epsilon": 0.1,
        "explore": {"random": {}},
        "exploit": {"query_by_committee": {"measure": "consensus_kl", "members": 9}},
    }


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("entropi", "unknown strategy 'entropi'; available: badge, "),
        (7, "must be a name, or a mapping of one name to its options"),
        ({"margin": {}, "entropy": {}}, "must be a name, or a mapping of one name to its options"),
        (
            {"query_by_committee": {"members": 1}},
            "query_by_committee.members must be an int in [2, inf); got 1",
        ),
        ({"margin": {"n": 1}}, "margin: unknown key 'n'; available: none."),
    ],
)
def test_a_strategy_that_is_not_there(value, message):
    with pytest.raises(ValidationError) as error:
        plugins.load("strategies", NAME)(exploit=value)
    assert message in str(error.value)
