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
    found = ranked(DEMSAR)
    expected = {"C4.5": 3.143, "C4.5+m": 2.000, "C4.5+cf": 2.893, "C4.5+m+cf": 1.964}
    assert found.average_ranks == pytest.approx(expected, abs=0.001)
    assert next(iter(found.average_ranks)) == "C4.5+m+cf"
    # His 9.28, before the correction for ties: 12 N / (k (k + 1)) (Σ R² − k (k + 1)² / 4).
    squares = sum(value**2 for value in found.average_ranks.values())
    assert 12 * 14 / (4 * 5) * (squares - 4 * 25 / 4) == pytest.approx(9.28, abs=0.005)
    assert found.p_friedman == pytest.approx(stats.friedmanchisquare(*DEMSAR.values()).pvalue)
    assert found.p_friedman < stats.chi2.sf(9.28, 3)


def test_critical_difference_of_demsars_example():
    # q.05 for four is 2.569: 2.569 √(4 · 5 / (6 · 14)) = 1.25.
    assert ranks.nemenyi(4, 14, 0.95) == pytest.approx(1.25, abs=0.005)
    assert ranks.nemenyi(2, 14, 0.95) == pytest.approx(1.960 * math.sqrt(1 / 14), abs=0.001)
    assert math.isnan(ranks.nemenyi(1, 14, 0.95))


def test_ties_share_their_ranks():
    found = ranked({"a": [0.5, 0.5], "b": [0.5 + 1e-15, 0.4], "c": [0.1, 0.6]})
    assert found.average_ranks == {"a": 1.75, "c": 2.0, "b": 2.25}


def test_lower_is_better_for_a_loss():
    found = ranked({"a": [0.5, 0.5, 0.6], "b": [0.4, 0.4, 0.4]}, greater_is_better=False)
    assert found.average_ranks == {"b": 1.0, "a": 2.0}


def test_wilcoxon_of_every_pair_with_holm():
    steps = np.arange(1.0, 9)  # eight data sets, all differences of one sign: p = 2 / 2^8
    found = ranked({"a": 3 * steps, "b": 2 * steps, "c": steps})
    assert found.p_values == {
        pair: pytest.approx(3 * 2 / 2**8) for pair in [("a", "b"), ("a", "c"), ("b", "c")]
    }
    assert found.alike() == []
    assert found.p_value("c", "a") == found.p_value("a", "c")


def test_who_cannot_be_told_apart():
    steps = np.arange(1.0, 11)
    signs = np.where(np.arange(10) % 2, 1, -1)
    found = ranked({"a": 5 + 0.01 * signs * steps, "b": np.full(10, 5.0), "c": -steps})
    assert found.alike() == [["a", "b"]] or found.alike() == [["b", "a"]]
    assert ranked({"a": [1, 2, 3], "b": [2, 3, 1], "c": [3, 1, 2]}).alike() == [["a", "b", "c"]]


def test_runs_may_overlap_but_not_contain_each_other():
    made = ranks.Ranking(
        {"a": 1.0, "b": 2.0, "c": 3.0, "d": 4.0}, 9, 0.01,
        {("a", "b"): 0.5, ("a", "c"): 0.01, ("a", "d"): 0.01,
         ("b", "c"): 0.5, ("b", "d"): 0.01, ("c", "d"): 0.02},
        1.0, 0.95,
    )  # fmt: skip
    assert made.alike() == [["a", "b"], ["b", "c"]]


def test_too_little_for_a_test():
    one = ranked({"a": [0.5], "b": [0.4], "c": [0.3]})
    assert math.isnan(one.p_friedman)
    assert all(math.isnan(p) for p in one.p_values.values())
    assert one.alike() == [["a", "b", "c"]]
    assert ranked({"a": [1.0] * 4, "b": [1.0] * 4, "c": [1.0] * 4}).p_friedman == 1.0


@settings(deadline=None, max_examples=30)
@given(st.lists(st.lists(st.integers(0, 4), min_size=4, max_size=4), min_size=2, max_size=8))
def test_ranks_add_up(rows):
    table = np.array(rows, dtype=float)
    found = ranked({name: table[:, i] for i, name in enumerate("abcd")})
    assert sum(found.average_ranks.values()) == pytest.approx(10)
    assert list(found.average_ranks.values()) == sorted(found.average_ranks.values())
    for run in found.alike():
        assert len(run) > 1
