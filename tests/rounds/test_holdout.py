"""Hold-out, accuracy, agreement and the dealing of rows."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from active_learning.rounds.agreement import cohen_kappas, krippendorff_alpha
from active_learning.rounds.deal import rank_annotators
from active_learning.rounds.holdout import choose_holdout, measure_accuracy, place

ROWS = [f"row {number}" for number in range(2000)]


@given(st.permutations(ROWS[:100]), st.integers(0, 99))
def test_the_holdout_does_not_depend_on_the_order_and_only_grows(rows, n):
    whole = choose_holdout(rows, 0.3, 1)
    assert whole == choose_holdout(ROWS[:100], 0.3, 1)
    part = choose_holdout(rows[:n], 0.3, 1)
    assert part == [row for row in whole if row in set(rows[:n])]


def test_the_holdout_is_a_uniform_sample_of_the_size_that_is_asked_for():
    places = np.array([place(row, 42) for row in ROWS])
    assert np.histogram(places, bins=10, range=(0, 1))[0] == pytest.approx(200, abs=50)
    assert len(choose_holdout(ROWS, 0.1, 42)) == np.count_nonzero(places < 0.1)
    assert choose_holdout(ROWS, 0.1, 42) != choose_holdout(ROWS, 0.1, 43)


def measure(labels):
    """Accuracy of predictions that are all ``a``; ``-`` is undecided, ``?`` not yet asked."""
    order = [str(number) for number in range(10)]
    pairs = zip(order, labels, strict=False)
    decided = {row: None if label == "-" else label for row, label in pairs if label != "?"}
    return measure_accuracy(order, decided, dict.fromkeys(order, "a"))


def test_accuracy_counts_the_decided_beginning_only():
    accuracy = measure("aab-a?aaaa")
    assert (accuracy.n, accuracy.n_correct, accuracy.n_undecided) == (4, 3, 1)
    assert accuracy.value == 0.75
    assert accuracy.bounds == (0.6, 0.8)


def test_interval_is_that_of_wilson():
    z, n, p = 1.959963984540054, 10, 0.8
    middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    accuracy = measure("aaaaaaaabb")
    assert (accuracy.low, accuracy.high) == pytest.approx((middle - half, middle + half))


def test_without_labels_there_is_no_accuracy():
    for labels in ("", "?aaa", "--"):
        accuracy = measure(labels)
        assert (accuracy.value, accuracy.low, accuracy.high) == (None, None, None)
    assert measure("--").bounds == (0, 1)
    assert measure("").bounds is None


def test_alpha_by_hand():
    rows = [{"a": "x", "b": "x"}, {"a": "x", "b": "x"}, {"a": "y", "b": "y"}, {"a": "x", "b": "y"}]
    # 5 x and 3 y: expected (64 - 25 - 9) / 7; observed 2, one pair in both directions.
    assert krippendorff_alpha(rows) == pytest.approx(1 - 2 / (30 / 7))
    assert krippendorff_alpha([*rows, {"a": "y"}, {}]) == krippendorff_alpha(rows)
    assert krippendorff_alpha([{"a": "x", "b": "x"}, {"a": "y", "b": "y"}]) == 1
    for none in ([{"a": "x", "b": "x"}] * 3, [{"a": "x"}], []):
        assert krippendorff_alpha(none) is None


@given(st.lists(st.lists(st.sampled_from("xyz"), min_size=2, max_size=4), min_size=1, max_size=30))
def test_alpha_is_one_less_observed_by_expected_disagreement(labels):
    rows = [{str(i): label for i, label in enumerate(each)} for each in labels]
    values = [label for each in labels for label in each]
    observed = sum(
        (each[i] != each[j]) / (len(each) - 1)
        for each in labels
        for i, j in np.argwhere(~np.eye(len(each), dtype=bool))
    ) / len(values)
    pairs = np.argwhere(~np.eye(len(values), dtype=bool))
    expected = np.mean([values[i] != values[j] for i, j in pairs])
    alpha = krippendorff_alpha(rows)
    assert alpha is None if expected == 0 else alpha == pytest.approx(1 - observed / expected)


def test_kappa_of_each_two_who_labelled_the_same_rows():
    rows = [{"a": "x", "b": "x"}, {"a": "x", "b": "y", "c": "x"}, {"a": "y", "b": "y"}, {"c": "y"}]
    kappas = cohen_kappas(rows)
    assert kappas["a", "b"] == pytest.approx(cohen_kappa_score([*"xxy"], [*"xyy"]))
    assert kappas["a", "c"] is None
    assert kappas.keys() == {("a", "b"), ("a", "c"), ("b", "c")}


@given(st.permutations(["ann", "bob", "cy"]))
def test_dealing_does_not_depend_on_the_order_of_names(names):
    assert rank_annotators("row 1", names) == rank_annotators("row 1", ["ann", "bob", "cy"])


def test_dealing_is_even_and_moves_only_the_rows_of_who_leaves():
    first = {row: rank_annotators(row, ["ann", "bob", "cy"])[0] for row in ROWS}
    assert min(Counter(first.values()).values()) > 600
    for row, name in first.items():
        assert rank_annotators(row, ["ann", "bob"])[0] == name or name == "cy"
