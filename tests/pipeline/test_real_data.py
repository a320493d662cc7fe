"""Real data sets, from the table to the figures."""

import pytest

from tests.pipeline.clone import STAGES


def run(clone, **params):
    clone.set_params({name.replace("__", "."): value for name, value in params.items()})
    assert clone.repro() == set(STAGES)
    return clone.summary(), clone.json("data/raw/card.json")


@pytest.mark.slow
def test_a_table(clone):
    # The example has a column of text, the target, and three classes.
    summary, card = run(
        clone, generate__dataset="table", generate__table__path="tables/example.csv"
    )
    assert (card["rows"], len(card["classes"])) == (150, 3)
    assert summary["labels"] == 13 + 3
    assert summary["ceiling"] > 0.9
    assert set(clone.json("metrics/strategies.json")["legends"]) == {"least_confidence", "random"}


@pytest.mark.slow
def test_breast_cancer(clone):
    summary, card = run(clone, generate__dataset="toy", learner__standardize=True)
    assert card["classes"] == {"benign": 357, "malignant": 212}
    assert summary["labels"] == 51 + 3
    assert summary["ceiling"] > 0.95


@pytest.mark.slow
def test_digits(clone):
    summary, card = run(
        clone,
        generate__dataset="toy",
        generate__toy__name="digits",
        learner__standardize=True,
        query_loop__budget=20,
        query_loop__batch_size=10,
        query_loop__strategies=["least_confidence", "random"],
    )
    assert (card["rows"], list(card["classes"])) == (1797, [str(digit) for digit in range(10)])
    assert summary["labels"] == 161 + 20
    assert summary["ceiling"] > 0.93
