from dataclasses import replace

import numpy as np
import pytest

from active_learning.core.errors import UserError
from speed.comparison import below_goal, in_turn, ratio, require_same, same_rows
from speed.data import Data
from speed.workloads import Workload


def test_first_different_query_is_named():
    message = "textbook must query the rows of ours on a table; query 2 is row 5, not 1"
    with pytest.raises(UserError, match=message):
        require_same([3, 1, 4], [3, 5, 4], "textbook", "a table")
    require_same([3, 1, 4], [3, 1, 4], "textbook", "a table")


def test_other_rows_are_accepted_only_where_rounding_cannot_tell_them_apart():
    features = np.array([[-1.0], [1.0], [0.001], [0.002], [0.5]])
    table = Data(features, np.array([0, 1, 1, 0, 1]), n_initial=2, n_test=0)
    work = Workload("a", lambda: table, 1, 1, rounding=0.01)
    assert same_rows(work, table, [2], [2], "by index") == "all"
    assert same_rows(work, table, [2], [3], "by index") == "first 0"
    with pytest.raises(UserError, match="query 1 is row 4, not 2"):
        same_rows(work, table, [2], [4], "by index")
    with pytest.raises(UserError, match="query 1 is row 3, not 2"):
        same_rows(replace(work, rounding=0.0), table, [2], [3], "by index")


def test_quick_loops_take_more_rounds_than_slow_ones():
    runs = {"ours": lambda: [1], "textbook": lambda: [2]}
    times, rows = in_turn(runs, 2, enough=0)
    assert {len(seconds) for seconds in times.values()} == {2}
    assert rows == {"ours": [1], "textbook": [2]}
    times, _ = in_turn(runs, 2)
    assert {len(seconds) for seconds in times.values()} == {25}


def test_ratio_is_the_median_of_the_ratios_within_each_round():
    assert ratio([2.0, 30.0, 8.0], [1.0, 10.0, 1.0]) == 3


def test_missed_goals_are_named():
    lines = [
        {"workload": name, "other loop": "textbook", "× as fast": ratio, "goal": goal}
        for name, ratio, goal in (("a", 1.998, 2), ("b", 1.25, 2), ("c", 0.5, None))
    ]
    assert below_goal(lines) == "Goals not reached: b against textbook (1.25 instead of 2).\n"
    assert below_goal(lines[:1]) == "Goals not reached: none.\n"
