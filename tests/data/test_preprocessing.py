"""From mixed columns to features: what is learnt, and from which rows."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import issparse

from active_learning.core import plugins
from active_learning.core.errors import DataError
from active_learning.data.dataset import Dataset
from active_learning.data.preprocessing import Preprocess, preprocessor
from active_learning.data.table import validate_table
from active_learning.models.task import Task
from tests import examples

NUMBER, FLAG, DAY, CATEGORY, TEXT = "number", "boolean", "date", "category", "text"
NAN = np.nan
FOX_AND_HEN = "the fox and the hen"
ONE = Preprocess(min_frequency=1)
ROLES = ("test", "initial", "pool")


def dataset(kinds, rows, labels=()):
    """Data set of features as they are loaded: floats, categories and texts."""
    frame = pd.DataFrame(
        {
            str(i): pd.Series(values, dtype="str" if kind in {CATEGORY, TEXT} else float)
            for i, (kind, values) in enumerate(zip(kinds, zip(*rows, strict=True), strict=True))
        }
    )
    features = frame if {CATEGORY, TEXT} & set(kinds) else examples.fixed(frame)
    return Dataset(
        features, examples.fixed(labels), ["a", "b"], dict(zip(frame, kinds, strict=True))
    )


def features(kinds, seen, later, options=ONE, standardize=False):
    """Features of rows that came later, after learning from those that were seen."""
    data = dataset(kinds, [*seen, *later])
    rows = data.features.iloc if isinstance(data.features, pd.DataFrame) else data.features
    made = preprocessor(data, options, standardize=standardize).fit(rows[: len(seen)])
    return made.transform(rows[len(seen) :])


@pytest.mark.parametrize(
    ("kinds", "seen", "later", "expected"),
    [
        # A gap takes the median of what was seen, and is told.
        (
            (NUMBER, FLAG),
            [[1, 0], [2, 1], [9, 1], [NAN, 1]],
            [[NAN, 0], [5, NAN]],
            [[2, 0, 1], [5, 1, 0]],
        ),
        ((NUMBER, FLAG), [[1, 0], [3, 1]], [[NAN, 1]], [[2, 1]]),  # a new gap is filled too
        ((NUMBER, FLAG), [[NAN, 0], [NAN, 1]], [[4, 1]], [[4, 1, 0]]),  # a column of gaps only
        # A missing category is one of its own, and a new one is none.
        ((CATEGORY,), [["x"], ["x"], [NAN]], [["x"], [NAN], ["z"]], [[1, 0], [0, 1], [0, 0]]),
    ],
)
def test_gaps_and_categories(kinds, seen, later, expected):
    assert features(kinds, seen, later).tolist() == expected


def test_numbers_are_scaled_by_what_was_seen_and_categories_are_not():
    scaled = features((NUMBER, CATEGORY), [[2, "x"], [6, "y"]], [[8, "y"]], standardize=True)
    assert scaled.tolist() == [[2, 0, 1]]


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
    words = features((TEXT,), [["red fox"], ["red hen"]], [["red fox"], [FOX_AND_HEN], [NAN]])
    rare, often = np.log(1.5) + 1, 1.0
    length = np.hypot(rare, often)
    expected = [[rare / length, 0, often / length], [0.5**0.5, 0.5**0.5, 0], [0, 0, 0]]
    np.testing.assert_allclose(words, expected)


@pytest.mark.parametrize(
    ("kinds", "seen", "later", "min_frequency", "expected"),
    [
        ((CATEGORY,), [["x"], ["x"], ["y"]], [["x"], ["y"], ["z"]], 2, [[1, 0], [0, 1], [0, 1]]),
        # A word that is twice in one row is in one row: fox counts, red does not.
        ((TEXT,), [["red fox"], [FOX_AND_HEN]], [["red hen"], [FOX_AND_HEN]], 2, [[0], [1]]),
        ((NUMBER, TEXT), [[1, "red red"], [2, "hen"]], [[3, "red"]], 2, [[3]]),
        # No word is frequent enough, beside numbers and beside categories.
        ((NUMBER, TEXT), [[1, "red fox"], [2, "red hen"]], [[3, FOX_AND_HEN]], 3, [[3]]),
        (
            (CATEGORY, TEXT),
            [[x, f"a{i}"] for i in range(2) for x in "xxyy"],
            [["x", "a0"]],
            5,
            [[1]],
        ),
        (
            (CATEGORY, TEXT),
            [[x, f"a{i}"] for i, x in enumerate("xxxyyy")],
            [["x", "a0"]],
            3,
            [[1, 0]],
        ),
    ],
)
def test_rare_categories_share_a_feature_and_rare_words_have_none(
    kinds, seen, later, min_frequency, expected
):
    made = features(kinds, seen, later, Preprocess(min_frequency=min_frequency))
    assert made.tolist() == expected


def test_rows_are_the_same_to_the_last_bit_when_fitted_and_later():
    lines = [" ".join(np.random.default_rng(i).permutation(list("qwertz"))) for i in range(40)]
    rows = [[line.replace(" ", f"{i % 7} ")] for i, line in enumerate(lines)]
    data = dataset((TEXT,), rows)
    made = preprocessor(data, ONE, standardize=False)
    np.testing.assert_array_equal(made.fit_transform(data.features), made.transform(data.features))


@pytest.mark.parametrize(("sparse", "is_sparse"), [("auto", False), (True, True), (False, False)])
def test_sparse_where_asked_for_with_the_same_values(sparse, is_sparse):
    seen = [[1, "x", "red fox"], [2, "y", "red hen"], [NAN, "z", FOX_AND_HEN]]
    columns = (NUMBER, CATEGORY, TEXT)
    made = features(columns, seen, seen, Preprocess(min_frequency=1, sparse=sparse))
    assert issparse(made) is is_sparse
    dense = features(columns, seen, seen)
    np.testing.assert_array_equal(made.toarray() if is_sparse else made, dense)


def mixed(n_rows=120):
    """Two classes that a category and a word tell, with gaps, in rows nobody can change."""
    generator = np.random.default_rng(0)
    labels = np.arange(n_rows) % 2
    numbers = np.where(generator.random(n_rows) < 0.2, NAN, generator.normal(size=n_rows))
    categories, texts = (np.where(generator.random(n_rows) < 0.8, labels, 2) for _ in range(2))
    words = ["red fox", "red hen", FOX_AND_HEN]
    rows = [(n, "xyz"[c], words[t]) for n, c, t in zip(numbers, categories, texts, strict=True)]
    return dataset((NUMBER, CATEGORY, TEXT), rows, labels)


def task(data, options, learner="logistic_regression", standardize=False):
    n = len(data.labels)
    parts = dict(zip(ROLES, np.split(np.arange(n), [n // 3, n // 2]), strict=True))
    return Task.from_dataset(
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


def test_preprocessing_does_not_learn_from_test_rows():
    data = mixed()
    changed = data.features.copy()
    changed.iloc[:40] = [1e6, NAN, NAN]
    first, second = (
        task(replace(data, features=frame), ONE, standardize=True)
        for frame in (data.features, changed)
    )
    np.testing.assert_array_equal(first.features[40:], second.features[40:])


def test_preprocessing_learns_from_the_pool_unless_only_labelled_rows_are_visible():
    data = mixed()
    changed = data.features.copy()
    changed.iloc[70:, 0] *= 1000
    for visible, same in (("pool", False), ("labelled", True)):
        models = [
            task(
                replace(data, features=frame),
                Preprocess(visible=visible, min_frequency=1),
                standardize=True,
            )
            for frame in (data.features, changed)
        ]
        said = [one.fit_rows("initial").predict_proba(one.features[:40]) for one in models]
        assert (said[0] == said[1]).all() == same


@pytest.mark.parametrize("visible", ["pool", "labelled"])
@pytest.mark.parametrize("sparse", [True, False])
@pytest.mark.parametrize("learner", ["logistic_regression", "svm_rbf", "random_forest"])
def test_whole_loop(visible, sparse, learner):
    options = Preprocess(visible=visible, sparse=sparse, min_frequency=1)
    made = task(mixed(), options, learner)
    assert issparse(made.features) == (sparse and visible == "pool")
    run = examples.run(made, "margin", batch_size=2)
    assert len(set(run.rows.tolist())) == 6
    assert run.scores[-1] > 0.6


@pytest.mark.parametrize("visible", ["pool", "labelled"])
@pytest.mark.parametrize("sparse", [True, False])
def test_single_precision_stays_that(visible, sparse):
    data = mixed()
    single = replace(data, features=data.features.astype({"0": np.float32}))
    options = Preprocess(visible=visible, sparse=sparse, min_frequency=1, dtype="float32")
    made = task(single, options, standardize=True)
    model = made.fit_rows("initial")
    seen = made.features if visible == "pool" else model[:-1].transform(made.features)
    assert seen.dtype == np.float32
    if visible == "pool":
        double = options.model_copy(update={"dtype": "float64"})
        expected = task(data, double, standardize=True).features
        if sparse:
            seen, expected = seen.toarray(), expected.toarray()
        np.testing.assert_allclose(seen, expected, rtol=1e-5, atol=1e-6)
    assert examples.run(made).scores[-1] > 0.6


def test_scales_of_single_precision_are_summed_in_double():
    column = np.full((2_000_000, 1), 1000.1, dtype=np.float32)
    column[::2] += 1
    data = Dataset(examples.fixed(column), np.empty(0), ["a", "b"])
    made = preprocessor(data, ONE, standardize=True).fit(column).transform(column)
    assert made.dtype == np.float32
    np.testing.assert_allclose(np.unique(made), [-1, 1], atol=1e-3)


def test_learner_that_takes_no_sparse_features_says_so():
    made = task(mixed(), Preprocess(sparse=True, min_frequency=1), "gaussian_nb")
    with pytest.raises(DataError, match=r"^GaussianNB cannot be fitted to 20 rows: Sparse data"):
        made.fit_rows("initial")


@pytest.mark.parametrize("visible", ["pool", "labelled"])
def test_a_table_without_features_is_one_line(visible):
    texts = [[f"word{row} other{row}"] for row in range(30)]
    data = dataset((TEXT,), texts, np.arange(30) % 2)
    with pytest.raises(DataError, match=r"^the table must have a column that gives a feature"):
        task(data, Preprocess(visible=visible)).fit_rows("initial")


def test_booleans_and_dates_are_scaled_and_categories_are_not():
    rows = [[0, 0, "x"], [0, 10, "x"], [1, 20, "y"], [1, 30, "y"]]
    made = features((FLAG, DAY, CATEGORY), rows, rows, standardize=True)
    np.testing.assert_allclose(made[:, 0], [-1, -1, 1, 1])
    np.testing.assert_allclose(made[:, 1].mean(), 0, atol=1e-9)
    assert set(made[:, -1]) == {0, 1}


def test_vectors_stay_as_they_are_beside_other_columns():
    vectors = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
    frame = pd.DataFrame({"v": list(vectors), "age": [1.0, NAN] * 20, "town": ["Ulm", "Bonn"] * 20})
    data = Dataset.from_table(
        validate_table(frame.assign(y=["a", "b"] * 20), target="y"), np.float32
    )
    options = Preprocess(min_frequency=1, sparse=False, dtype="float32")
    made = preprocessor(data, options, standardize=False).fit_transform(data.features)
    assert made.shape == (40, 3 + 1 + 1 + 2)  # one more for the gaps of age, and two towns
    np.testing.assert_array_equal(made[:, :3], vectors)
