"""From mixed columns to features: what is learnt, and from which rows."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import issparse

from active_learning.base import plugins
from active_learning.base.columns import Column
from active_learning.base.errors import DataError
from active_learning.base.files import Dataset
from active_learning.training.preprocessing import Preprocess, Preprocessor, Standardizer
from active_learning.training.task import Task
from tests import examples

NUMBER, FLAG, DAY = Column("n", "number"), Column("b", "boolean"), Column("d", "date")
CATEGORY = Column("c", "category", ("x", "y", "z"))
TEXT = Column("t", "text", ("red fox", "red hen", "the fox and the hen"))
NAN = np.nan
ONE = Preprocess(min_frequency=1)
ROLES = ("test", "initial", "pool")


def features(columns, seen, later, options=ONE, standardize=False):
    """Features of rows that came later, after learning from those that were seen."""
    made = Preprocessor(
        columns,
        min_frequency=options.min_frequency,
        sparse=options.sparse,
        standardize=standardize,
    ).fit(np.array(seen, dtype=float))
    return made.transform(np.array(later, dtype=float))


def test_gap_takes_the_median_of_what_was_seen_and_is_told():
    found = features((NUMBER, FLAG), [[1, 0], [2, 1], [9, 1], [NAN, 1]], [[NAN, 0], [5, NAN]])
    assert found.tolist() == [[2, 0, 1], [5, 1, 0]]


def test_gap_that_is_new_is_filled_too():
    assert features((NUMBER, FLAG), [[1, 0], [3, 1]], [[NAN, 1]]).tolist() == [[2, 1]]


def test_column_of_gaps_only():
    assert features((NUMBER, FLAG), [[NAN, 0], [NAN, 1]], [[4, 1]]).tolist() == [[4, 1, 0]]


def test_numbers_are_scaled_by_what_was_seen_and_categories_are_not():
    found = features((NUMBER, CATEGORY), [[2, 0], [6, 1]], [[8, 1]], standardize=True)
    assert found.tolist() == [[2, 0, 1]]


def test_category_that_is_missing_is_one_of_its_own_and_a_new_one_is_none():
    seen = [[0], [0], [NAN]]
    assert features((CATEGORY,), seen, [[0], [NAN], [2]]).tolist() == [[1, 0], [0, 1], [0, 0]]


def test_rare_and_new_categories_share_a_feature():
    seen = [[0], [0], [1]]
    found = features((CATEGORY,), seen, [[0], [1], [2]], Preprocess(min_frequency=2))
    assert found.tolist() == [[1, 0], [0, 1], [0, 1]]


def test_date_is_years_since_2000_and_where_in_year_and_week_it_is():
    year = 365.2425
    ((years, sin_year, cos_year, *week),) = features((DAY,), [[0]], [[2.25 * year]])
    assert (years, sin_year) == (2.25, pytest.approx(1))
    assert cos_year == pytest.approx(0, abs=1e-9)
    assert np.hypot(*week) == pytest.approx(1)
    (first,), (later,) = features((DAY,), [[0]], [[3]]), features((DAY,), [[0]], [[10]])
    np.testing.assert_allclose(first[3:], later[3:])


def test_words_are_those_of_the_rows_that_were_seen():
    # red 2 of 2 rows, fox and hen 1 of 2: weights ln(3/3)+1 and ln(3/2)+1, of length 1 together
    found = features((TEXT,), [[0], [1]], [[0], [2], [NAN]])
    rare, often = np.log(1.5) + 1, 1.0
    length = np.hypot(rare, often)
    expected = [[rare / length, 0, often / length], [0.5**0.5, 0.5**0.5, 0], [0, 0, 0]]
    np.testing.assert_allclose(found, expected)


def test_text_without_a_word_that_is_frequent_enough():
    found = features((NUMBER, TEXT), [[1, 0], [2, 1]], [[3, 2]], Preprocess(min_frequency=3))
    assert found.tolist() == [[3]]


@pytest.mark.parametrize(("sparse", "is_sparse"), [("auto", False), (True, True), (False, False)])
def test_sparse_where_asked_for_with_the_same_values(sparse, is_sparse):
    seen = [[1, 0, 0], [2, 1, 1], [NAN, 2, 2]]
    columns = (NUMBER, CATEGORY, TEXT)
    found = features(columns, seen, seen, Preprocess(min_frequency=1, sparse=sparse))
    assert issparse(found) is is_sparse
    dense = features(columns, seen, seen)
    np.testing.assert_array_equal(found.toarray() if is_sparse else found, dense)


def mixed(n_rows=120):
    """Two classes that a category and a word tell, with gaps, in rows nobody can change."""
    generator = np.random.default_rng(0)
    labels = np.arange(n_rows) % 2
    matrix = np.column_stack(
        [
            np.where(generator.random(n_rows) < 0.2, NAN, generator.normal(size=n_rows)),
            np.where(generator.random(n_rows) < 0.8, labels, 2),
            np.where(generator.random(n_rows) < 0.8, labels, 2),
        ]
    )
    columns = (NUMBER, CATEGORY, TEXT)
    return Dataset(examples.fixed(matrix), examples.fixed(labels), ["a", "b"], columns)


def task(data, options, learner="logistic_regression", standardize=False):
    n = len(data.labels)
    parts = dict(zip(ROLES, np.split(np.arange(n), [n // 3, n // 2]), strict=True))
    return Task.of(
        data,
        parts,
        plugins.load("learners", learner)(),
        {"accuracy": plugins.load("scorers", "accuracy")()},
        standardize=standardize,
        seed=0,
        preprocess=options,
    )


def test_complete_numbers_are_passed_on_uncopied():
    data = examples.table()
    for visible in ("pool", "labelled"):
        made = task(data, Preprocess(visible=visible))
        assert made.features is data.features
        assert made.preprocessor is None


def test_test_rows_teach_nothing():
    data = mixed()
    changed = data.features.copy()
    changed[:40] = [1e6, NAN, NAN]
    first, second = (
        task(Dataset(matrix, data.labels, data.classes, data.columns), ONE, standardize=True)
        for matrix in (data.features, changed)
    )
    np.testing.assert_array_equal(first.features[40:], second.features[40:])


def test_pool_teaches_unless_only_labelled_rows_are_visible():
    data = mixed()
    changed = data.features.copy()
    changed[70:, 0] *= 1000
    for visible, same in (("pool", False), ("labelled", True)):
        models = [
            task(
                Dataset(matrix, data.labels, data.classes, data.columns),
                Preprocess(visible=visible, min_frequency=1),
                standardize=True,
            )
            for matrix in (data.features, changed)
        ]
        said = [one.fit_rows("initial").predict_proba(one.features[:40]) for one in models]
        assert (said[0] == said[1]).all() == same


@pytest.mark.parametrize("visible", ["pool", "labelled"])
@pytest.mark.parametrize("sparse", [True, False])
@pytest.mark.parametrize("strategy", ["least_confidence", "margin", "entropy", "random"])
@pytest.mark.parametrize("learner", ["logistic_regression", "svm_rbf", "random_forest"])
def test_whole_loop(visible, sparse, strategy, learner):
    options = Preprocess(visible=visible, sparse=sparse, min_frequency=1)
    made = task(mixed(), options, learner)
    assert issparse(made.features) == (sparse and visible == "pool")
    run = examples.run(made, strategy, batch_size=2)
    assert len(set(run.rows.tolist())) == 6
    assert run.scores[-1] > 0.6


def test_sparse_and_dense_features_make_the_same_queries():
    runs = [
        examples.run(task(mixed(), Preprocess(sparse=sparse, min_frequency=1)), budget=20)
        for sparse in (True, False)
    ]
    assert runs[0].rows.tolist() == runs[1].rows.tolist()


@pytest.mark.parametrize("visible", ["pool", "labelled"])
@pytest.mark.parametrize("sparse", [True, False])
def test_single_precision_stays_that(visible, sparse):
    exact, data = mixed(), mixed()
    data = replace(data, features=examples.fixed(data.features.astype(np.float32)))
    options = Preprocess(visible=visible, sparse=sparse, min_frequency=1)
    made, double = (task(one, options, standardize=True) for one in (data, exact))
    assert made.features.dtype == np.float32
    if visible == "pool":
        wanted, found = (one.features for one in (double, made))
        if sparse:
            wanted, found = wanted.toarray(), found.toarray()
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-6)
    assert examples.run(made).scores[-1] > 0.6


def test_scales_of_single_precision_are_summed_in_double():
    column = np.full((2_000_000, 1), 1000.1, dtype=np.float32)
    column[::2] += 1
    made = Standardizer().fit(column).transform(column)
    assert made.dtype == np.float32
    np.testing.assert_allclose(np.unique(made), [-1, 1], atol=1e-3)


def test_learner_that_takes_no_sparse_features_says_so():
    made = task(mixed(), Preprocess(sparse=True, min_frequency=1), "gaussian_nb")
    with pytest.raises(DataError, match=r"GaussianNb .* Set preprocess\.sparse to false"):
        made.fit_rows("initial")
