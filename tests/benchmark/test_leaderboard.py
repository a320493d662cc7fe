"""The leaderboard of many cells."""

from dataclasses import replace

import numpy as np
import pytest

from active_learning.analysis.benchmark import leaderboard
from active_learning.core.errors import ParamsError
from stages.leaderboard import compare
from stages.params.benchmark import Benchmark, Leaderboard
from tests.benchmark import conftest

NAMES = list(conftest.STRATEGIES)


def test_every_cell_has_every_strategy(board):
    pairs = [(dataset, name) for dataset in conftest.DATASETS for name in conftest.LEARNERS]
    assert [(cell["dataset"], cell["learner"]) for cell in board["cells"]] == pairs
    for cell in board["cells"]:
        assert list(cell["strategies"]) == NAMES
        assert (cell["labels"], cell["n_repeats"], cell["ceiling"]) == ([20, 50], 12, 0.95)


def test_numbers_of_a_cell_are_those_of_its_comparison(cells, board):
    pair = "banana", "svm_rbf"
    comparison = cells[pair]
    cell = next(cell for cell in board["cells"] if (cell["dataset"], cell["learner"]) == pair)
    row = cell["strategies"]["k_center_greedy"]
    curve = comparison.curve("k_center_greedy")
    assert row["aulc"]["mean"] == pytest.approx(curve.aulc.mean(), abs=1e-6)
    assert row["final"]["sd"] == pytest.approx(curve.final.std(ddof=1), abs=1e-6)
    # Step 0 left out, 29 intervals over 30 queries.
    area = np.trapezoid(curve.scores[:, 1:], axis=1) / 30
    assert row["aubc_lu2023"]["mean"] == pytest.approx(area.mean(), abs=1e-6)
    against = comparison.differences()["k_center_greedy"]["aulc"]
    assert row["vs_control"]["difference"] == pytest.approx(against["difference"], abs=1e-6)
    assert row["vs_control"]["verdict"] == against["verdict"] == "worse"
    assert "repeats" not in row["vs_control"]


def test_ranks_are_over_the_data_sets_of_one_learner(board):
    for together in board["learners"].values():
        assert together["n_datasets"] == len(conftest.DATASETS)
        assert list(together["average_ranks"]) == [*NAMES[:2], "random", "k_center_greedy"]
        # The first two share ranks 1 and 2 everywhere.
        assert together["average_ranks"]["margin"] == 1.5
        assert together["p_friedman"] < 0.001
        assert len(together["pairs"]) == 6
        assert ["least_confidence", "margin"] in together["alike"]


def test_wins_ties_and_losses_are_counted(board):
    for learner, together in board["learners"].items():
        counts = together["against_control"]
        assert list(counts) == NAMES[:3]
        assert counts["least_confidence"]["better"] == 8
        assert counts["k_center_greedy"]["worse"] == 8
        for name, row in counts.items():
            assert row["better"] + row["undecided"] + row["worse"] == 8
            differences = [
                cell["strategies"][name]["vs_control"]["difference"]
                for cell in board["cells"]
                if cell["learner"] == learner
            ]
            assert row["mean_difference"] == pytest.approx(np.mean(differences), abs=1e-6)
            assert row["worst_difference"] == min(differences)
            assert row["best_difference"] == max(differences)


def test_area_of_lu2023_only_where_labels_are_bought_one_by_one(cells):
    comparison = cells["wine", "svm_rbf"]
    curves = {
        name: {
            scorer: replace(curve, labels=curve.labels[::5], scores=curve.scores[:, ::5])
            for scorer, curve in by_scorer.items()
        }
        for name, by_scorer in comparison.curves.items()
    }
    batches = {("wine", "svm_rbf"): replace(comparison, curves=curves)}
    (cell,) = leaderboard.leaderboard(batches)["cells"]
    assert "aubc_lu2023" not in cell["strategies"]["random"]


def test_curves_at_a_few_points(cells):
    curves = leaderboard.curve_table(cells)
    one = curves.query("dataset == 'iris' and learner == 'svm_rbf' and strategy == 'random'")
    assert len(one) == 25
    assert one["labels"].iloc[[0, -1]].tolist() == [20, 50]
    assert one["score"].iloc[-1] == cells["iris", "svm_rbf"].curve("random").mean[-1]


def test_another_control():
    strategies = {"least_confidence": 0.03, "pool_order": 0.0}
    comparison = conftest.comparison(0, strategies, control="pool_order")
    board = leaderboard.leaderboard({("wine", "svm_rbf"): comparison})
    assert board["control"] == "pool_order"
    row = board["cells"][0]["strategies"]["least_confidence"]
    assert row["vs_control"]["verdict"] == "better"
    assert board["learners"]["svm_rbf"]["against_control"]["least_confidence"]["better"] == 1


@pytest.mark.parametrize(
    ("strategies", "message"),
    [
        (
            ["random"],
            "strategies must name another one beside leaderboard.control; got 'random' only",
        ),
        (["margin"], "leaderboard.control must be one of strategies; got 'random'"),
    ],
)
def test_needs_the_control_and_another_strategy(strategies, message):
    cells = Benchmark(datasets=["wine"], learners=["svm_rbf"], strategies=strategies)
    judged = Leaderboard(
        control="random", seed=0, confidence=0.95, power=0.8, difference=0.01, n_resamples=100
    )
    with pytest.raises(ParamsError, match=message):
        compare(cells, judged)
