import pytest

from active_learning.core.errors import UserError
from speed.comparison import below_goal, in_turn, ratio


def test_first_different_query_is_named():
    runs = {"ours": lambda: [3, 1, 4], "textbook": lambda: [3, 5, 4]}
    message = "textbook must query the rows of ours on a table; query 2 is row 5, not 1"
    with pytest.raises(UserError, match=message):
        in_turn(runs, 1, "a table")


def test_quick_loops_take_more_rounds_than_slow_ones():
    runs = {"ours": lambda: [1], "textbook": lambda: [1]}
    assert {len(times) for times in in_turn(runs, 2, "a table", enough=0).values()} == {2}
    assert {len(times) for times in in_turn(runs, 2, "a table").values()} == {25}


def test_ratio_is_the_median_of_the_ratios_within_each_round():
    assert ratio([2.0, 30.0, 8.0], [1.0, 10.0, 1.0]) == 3


def test_missed_goals_are_named():
    lines = [
        {"workload": name, "other loop": "textbook", "× as fast": ratio, "goal": goal}
        for name, ratio, goal in (("a", 2.0, 2), ("b", 1.25, 2), ("c", 0.5, None))
    ]
    assert below_goal(lines) == "Goals not reached: b against textbook (1.25 instead of 2).\n"
    assert below_goal(lines[:1]) == "Goals not reached: none.\n"
