from dataclasses import replace

import pytest

from speed import data
from speed.comparison import compare
from speed.workloads import PEERS, WORKLOADS

SMALL = {"embeddings": lambda: data.embeddings(800), "text": lambda: data.text(1500, 2000)}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda workload: workload.name)
def test_plain_loops_query_the_rows_of_ours(workload):
    kind = workload.name.partition(",")[0]
    plain = {name: loop for name, loop in workload.against.items() if name not in PEERS}
    small = replace(
        workload,
        data=SMALL.get(kind, lambda: data.table(1500, 10, n_initial=100)),
        against=plain,
        n_queries=2 if workload.strategy == "expected_error_reduction" else 6,
    )
    records = compare(small, rounds=1, enough=0)
    assert [record["other loop"] for record in records] == list(plain)
    assert all(record["× as fast"] > 0 for record in records)


def test_names_are_distinct_so_that_one_can_be_selected():
    names = [workload.name for workload in WORKLOADS]
    assert len(set(names)) == len(names)


def test_only_the_first_loop_and_the_libraries_have_a_goal():
    workload = next(workload for workload in WORKLOADS if workload.name == "100k×10")
    goals = {name: workload.goal_against(name) for name in workload.against}
    assert goals == {"textbook": 6, "by index": None, "scikit-activeml": 5, "small-text": 5}
