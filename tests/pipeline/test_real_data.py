"""A table of our own, from the file to the figures."""

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
