"""Labels that cost something: what a run can afford, and its curve over cost."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from active_learning.analysis import costs
from active_learning.data.dataset import Dataset
from active_learning.data.files import rounded
from active_learning.data.table import validate_table
from stages.params.sections import QueryLoop
from tests import examples
from tests.analysis.test_comparison import comparison

COSTS = examples.fixed(1.0 + np.arange(90) % 4)


def query_loop(**options):
    return QueryLoop.model_validate(examples.PARAMS["query_loop"] | options)


@pytest.mark.parametrize("classes", [[0, 1], [1.0, 2.0], [True, False], ["no", "yes"]], ids=str)
def test_costs_by_class_are_named_as_in_the_target(classes):
    table = pd.DataFrame({"x": 0.0, "y": classes})
    names = validate_table(table, target="y").labels.tolist()
    costs = query_loop(class_costs=dict.fromkeys(classes, 2.0)).class_costs
    assert costs == dict.fromkeys(names, 2.0)


def test_costs_by_class_are_those_of_the_rows():
    params = query_loop(class_costs={10: 1.0, 2: 3.0})
    data = Dataset(np.zeros((3, 1)), np.array([0, 1, 1]), ["2", "10"])
    assert params.row_costs(data).tolist() == [3, 1, 1]


def test_costs_change_nothing_but_where_a_run_ends():
    task, options = examples.task(), {"budget": 9, "batch_size": 2}
    plain = examples.run(task, **options)
    for paid in ({"costs": COSTS}, {"costs": COSTS, "cost_budget": 99.0}):
        assert examples.same_run(examples.run(task, **options, **paid), plain)


@pytest.mark.parametrize("strategy", ["random", "margin"])
@pytest.mark.parametrize("batch_size", [1, 3])
def test_a_run_ends_before_the_batch_that_costs_too_much(strategy, batch_size):
    task = examples.task()
    options = {"strategy": strategy, "batch_size": batch_size, "costs": COSTS}
    whole = examples.run(task, budget=30, **options)
    paid = whole.paid(COSTS)
    np.testing.assert_allclose(paid[-1], COSTS[whole.rows].sum())
    for cost_budget in (0.5, 7.0, 20.0, float(paid[4])):
        run = examples.run(task, budget=30, cost_budget=cost_budget, **options)
        steps = int((paid <= cost_budget).sum()) - 1
        assert run.paid(COSTS).tolist() == paid[: steps + 1].tolist()
        np.testing.assert_array_equal(run.rows, whole.rows[: steps * batch_size])
        np.testing.assert_array_equal(run.scores, whole.scores[: steps + 1])


def test_rounding_of_sums_keeps_nothing_from_being_bought():
    """Ten times 0.1 is a little less than 1, three times a little more than 0.3."""
    tenth = np.full(90, 0.1)
    for cost_budget, bought in ((1.0, 10), (0.3, 3), (0.7, 7)):
        run = examples.run(examples.task(), budget=30, costs=tenth, cost_budget=cost_budget)
        assert len(run.rows) == bought


@settings(max_examples=40)
@given(first=st.floats(0.5, 60), then=st.floats(0.5, 60), batch_size=st.integers(1, 4))
def test_continuing_gives_what_a_fresh_run_gives(first, then, batch_size):
    task = examples.task(learner="gaussian_nb")
    options = {"strategy": "random", "budget": 12, "batch_size": batch_size, "costs": COSTS}
    resumed = examples.run(task, cost_budget=first, **options)
    fresh = examples.run(task, cost_budget=then, **options)
    continued = examples.run(task, cost_budget=then, resumed=resumed, **options)
    assert examples.same_run(continued, fresh)


# Two repeats, in which each label costs 1 in the first and 2 in the second.
RUNS = pd.DataFrame(
    {
        "repeat": [0, 0, 0, 1, 1, 1],
        "cost": [0.0, 1, 2, 0, 2, 4],
        "accuracy": [0.5, 0.7, 0.9, 0.4, 0.6, 0.8],
    }
)


def test_curve_over_cost_by_hand():
    curve = costs.cost_curve(RUNS, "accuracy", greater_is_better=True, end=3)
    assert len(curve.labels) == 101
    assert curve.labels[[0, -1]].tolist() == [0, 3]
    at_one_and_a_half = curve.scores[:, 50]
    np.testing.assert_allclose(at_one_and_a_half, [0.8, 0.55])
    # The first ended at 2 and keeps 0.9; the second is at 0.7 when it has paid 3.
    np.testing.assert_allclose(curve.final, [0.9, 0.7])
    # (.5 + .7) / 2 + (.7 + .9) / 2 + .9 = 2.3; 2 · (.4 + .6) / 2 + (.6 + .7) / 2 = 1.65.
    np.testing.assert_allclose(curve.aulc, [2.3 / 3, 1.65 / 3])


def over_cost(**options):
    scores = RUNS["accuracy"].to_numpy().reshape(2, 3)
    made = comparison(margin=scores + 0.05, random=scores)
    tables = {
        "margin": RUNS.assign(accuracy=RUNS["accuracy"] + 0.05, cost=RUNS["cost"] * 2),
        "random": RUNS,
    }
    return costs.over_cost(made, tables, **options)


@pytest.mark.parametrize(("early_ends", "end"), [(False, 2), (True, 8)])
def test_curves_over_cost_have_one_width(early_ends, end):
    """Runs of 2, 4 (random), 4 and 8: what none can have made up, or all of it."""
    made = over_cost(early_ends=early_ends)
    for name in ("margin", "random"):
        assert made.curve(name).labels[-1] == end
    result = rounded(costs.to_dict(made))
    assert result["end"] == end
    ours, theirs = (result["strategies"][name]["aulc"]["repeats"] for name in ("margin", "random"))
    against = result["strategies"]["margin"]["vs_random"]
    assert against["repeats"] == pytest.approx(np.subtract(ours, theirs), abs=2e-6)
    assert result["strategies"]["random"]["vs_random"] is None
    # To the half of what random paid, and the whole of what it paid in the first repeat.
    if not early_ends:
        assert theirs == pytest.approx([0.7, 0.5])
        assert ours == pytest.approx([0.65, 0.5])


def test_table_has_both_curves_with_their_intervals():
    table = costs.table(over_cost(early_ends=False))
    assert list(table) == ["strategy", "cost", "score", "low", "high"]
    assert table.groupby("strategy").size().tolist() == [101, 101]
    last = table[(table["strategy"] == "random") & (table["cost"] == 2)]
    assert last["score"].tolist() == pytest.approx([0.75])


def test_sentences():
    made = over_cost(early_ends=False)
    first, second = costs.sentences(rounded(costs.to_dict(made)), "accuracy")
    assert first.startswith(
        "margin: mean accuracy 0.5750 up to a cost of 2, -0.0250 against random"
    )
    assert second == "random: mean accuracy 0.6000 up to a cost of 2; the control."


def test_without_costs_there_is_nothing_over_cost():
    made = comparison(random=[[0.5, 0.6, 0.7]])
    table = RUNS[RUNS["repeat"] == 0]
    assert costs.over_cost(made, {"random": table.drop(columns="cost")}, early_ends=False) is None
    free = table.assign(cost=0.0).iloc[:1]
    assert costs.over_cost(made, {"random": free}, early_ends=True) is None
    assert list(costs.table(None)) == ["strategy", "cost", "score", "low", "high"]
    assert len(costs.table(None)) == 0
    assert "over_cost" not in made.to_dict()


def test_loss_over_cost():
    made = comparison(greater_is_better=False, random=[[0.5, 0.6, 0.7]] * 2)
    table = RUNS.rename(columns={"accuracy": "loss"})
    compared = costs.over_cost(made, {"random": table}, early_ends=False)
    assert not compared.curve("random").greater_is_better
    assert compared.headline == "loss"
