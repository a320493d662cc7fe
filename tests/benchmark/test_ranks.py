"""Ranks over data sets: by hand, and against the figures of Demšar 2006."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from active_learning.analysis.benchmark import ranks

# Demšar 2006, Table 6: AUC of C4.5 with default, tuned m, tuned cf, both, on 14 data sets.
# Two that he prints as .975 had different ranks, so one has a digit more here.
DEMSAR = {
    "C4.5": [.763, .599, .954, .628, .882, .936, .661, .583, .775, 1.0, .940, .619, .972, .957],
    "C4.5+m": [.768, .591, .971, .661, .888, .931, .668, .583, .838, 1.0, .962, .666, .981, .978],
    "C4.5+cf":
        [.771, .590, .968, .654, .886, .916, .609, .563, .866, 1.0, .965, .614, .9751, .946],
    "C4.5+m+cf":
        [.798, .569, .967, .657, .898, .931, .685, .625, .875, 1.0, .962, .669, .975, .970],
}  # fmt: skip


def ranked(scores, greater_is_better=True, confidence=0.95):
    arrays = {name: np.array(values, dtype=float) for name, values in scores.items()}
    return ranks.rank(arrays, greater_is_better=greater_is_better, confidence=confidence)


def test_average_ranks_and_friedman_of_demsars_example():
    result = ranked(DEMSAR)
    expected = {"C4.5": 3.143, "C4.5+m": 2.000, "C4.5+cf": 2.893, "C4.5+m+cf": 1.964}
    assert result["average_ranks"] == pytest.approx(expected, abs=0.001)
    assert next(iter(result["average_ranks"])) == "C4.5+m+cf"
    # His 9.28, before the correction for ties: 12 N / (k (k + 1)) (Σ R² − k (k + 1)² / 4).
    squares = sum(value**2 for value in result["average_ranks"].values())
    assert 12 * 14 / (4 * 5) * (squares - 4 * 25 / 4) == pytest.approx(9.28, abs=0.005)
    p_value = stats.friedmanchisquare(*DEMSAR.values()).pvalue
    assert result["p_friedman"] == pytest.approx(p_value)
    assert p_value < stats.chi2.sf(9.28, 3)


def test_critical_difference_of_demsars_example():
    # q.05 for four is 2.569: 2.569 √(4 · 5 / (6 · 14)) = 1.25.
    assert ranks.nemenyi(4, 14, 0.95) == pytest.approx(1.25, abs=0.005)
    assert ranks.nemenyi(2, 14, 0.95) == pytest.approx(1.960 * math.sqrt(1 / 14), abs=0.001)
    assert math.isnan(ranks.nemenyi(1, 14, 0.95))


def test_ties_share_their_ranks():
    result = ranked({"a": [0.5, 0.5], "b": [0.5 + 1e-15, 0.4], "c": [0.1, 0.6]})
    assert list(result["average_ranks"].items()) == [("a", 1.75), ("c", 2.0), ("b", 2.25)]


def test_lower_is_better_for_a_loss():
    result = ranked({"a": [0.5, 0.5, 0.6], "b": [0.4, 0.4, 0.4]}, greater_is_better=False)
    assert list(result["average_ranks"].items()) == [("b", 1.0), ("a", 2.0)]


def test_wilcoxon_of_every_pair_with_holm():
    steps = np.arange(1.0, 9)  # eight data sets, all differences of one sign: p = 2 / 2^8
    result = ranked({"a": 3 * steps, "b": 2 * steps, "c": steps})
    p_holm = {"".join(pair["pair"]): pair["p_holm"] for pair in result["pairs"]}
    assert p_holm == pytest.approx(dict.fromkeys(["ab", "ac", "bc"], 3 * 2 / 2**8))
    assert result["alike"] == []


def test_who_cannot_be_told_apart():
    steps = np.arange(1.0, 11)
    signs = np.where(np.arange(10) % 2, 1, -1)
    result = ranked({"a": 5 + 0.01 * signs * steps, "b": np.full(10, 5.0), "c": -steps})
    assert [sorted(run) for run in result["alike"]] == [["a", "b"]]
    assert ranked({"a": [1, 2, 3], "b": [2, 3, 1], "c": [3, 1, 2]})["alike"] == [["a", "b", "c"]]


def test_runs_may_overlap_but_not_contain_each_other():
    differ = {("a", "c"), ("a", "d"), ("b", "d"), ("c", "d")}
    assert ranks.alike("abcd", differ) == [["a", "b"], ["b", "c"]]


def test_too_little_for_a_test():
    one = ranked({"a": [0.5], "b": [0.4], "c": [0.3]})
    assert math.isnan(one["p_friedman"])
    assert all(math.isnan(pair["p_holm"]) for pair in one["pairs"])
    assert one["alike"] == [["a", "b", "c"]]
    assert ranked({"a": [1.0] * 4, "b": [1.0] * 4, "c": [1.0] * 4})["p_friedman"] == 1.0


@settings(max_examples=30)
@given(st.lists(st.lists(st.integers(0, 4), min_size=4, max_size=4), min_size=2, max_size=8))
def test_ranks_add_up(rows):
    table = np.array(rows, dtype=float)
    result = ranked({name: table[:, i] for i, name in enumerate("abcd")})
    average_ranks = list(result["average_ranks"].values())
    assert sum(average_ranks) == pytest.approx(10)
    assert average_ranks == sorted(average_ranks)
    assert all(len(run) > 1 for run in result["alike"])
