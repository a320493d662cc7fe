"""The nearest rows: those of a full search, to the last bit, whatever was remembered."""

from collections import Counter
from fractions import Fraction
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from active_learning.strategies import _boundary as boundary
from active_learning.strategies._boundary import Boundary, magnitudes, max_abs, rounding_error
from active_learning.strategies._ranking import highest


def nearest(search, weights, intercept, n):
    rows, distances = search.nearest(weights, intercept, n)
    return rows[highest(-distances, n)].tolist()


def exactly(features, open_rows, weights, intercept, n):
    """The same by a stable sort of every open row, each summed in the same order."""
    products = features.astype(np.float64) * weights
    distances = np.abs(products.sum(axis=1) + intercept)
    order = np.argsort(np.where(open_rows, distances, np.inf), kind="stable")
    return order[:n].tolist()


@pytest.fixture
def small(monkeypatch):
    """Shortlists on tables of any size, and for however little they save."""
    monkeypatch.setattr(boundary, "_SMALL", 10)
    monkeypatch.setattr(boundary, "_LARGEST_SHARE", 1.0)
    monkeypatch.setattr(boundary._Costs, "build", lambda *_: 0)
    monkeypatch.setattr(boundary._Costs, "scan", lambda _, rows: rows)


@pytest.fixture
def counted(monkeypatch):
    """How often every row was searched, and how often the shortlist was enough."""
    counts = Counter()

    def count(method):
        def counted(*arguments):
            rows = method(*arguments)
            counts[method.__name__] += rows is not None
            return rows

        return counted

    for name in ("_among_all", "_among_few"):
        monkeypatch.setattr(Boundary, name, count(getattr(Boundary, name)))
    return counts


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("cached", "order"),
    [(2**25, "C"), (0, "C"), (0, "F")],
    ids=["small", "large by rows", "large by columns"],
)
@given(data=st.data())
@settings(max_examples=100)
def test_is_a_full_search_whatever_was_searched_before(cached, order, data):
    """Ties, duplicates, zero weights, jumps and slow drifts of the plane, rows closed by others."""
    with patch.object(boundary, "_CACHED", cached), patch.object(boundary, "_PART", 2):
        search_and_compare(data, order)


def search_and_compare(data, order):
    generator = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    n_rows, n_features = data.draw(st.integers(20, 300)), data.draw(st.integers(1, 6))
    dtype = data.draw(st.sampled_from([np.float64, np.float32]))
    features = generator.normal(size=(n_rows, n_features)) * 10.0 ** data.draw(st.integers(-3, 3))
    if data.draw(st.booleans()):
        features = np.round(features, data.draw(st.integers(0, 1)))
    if data.draw(st.booleans()):
        features[:, 0] = 1.0
    features = features[generator.integers(0, n_rows, n_rows)].astype(dtype, order=order)
    open_rows = generator.random(n_rows) < 0.9
    open_rows[:8] = True
    search = Boundary(features, open_rows, max_abs(features))
    step = 10.0 ** data.draw(st.integers(-6, 0))
    weights, intercept = generator.normal(size=n_features), generator.normal()
    for _ in range(data.draw(st.integers(1, 25))):
        n = min(data.draw(st.sampled_from([1, 1, 2, 7])), int(open_rows.sum()))
        if n == 0:
            break
        rows = nearest(search, weights, intercept, n)
        assert rows == exactly(features, open_rows, weights, intercept, n)
        open_rows[rows] = False
        if data.draw(st.booleans()):
            open_rows[generator.integers(0, n_rows)] = False
        weights = weights + step * generator.normal(size=n_features)
        intercept += step * generator.normal()
        if data.draw(st.integers(0, 9)) == 0:
            weights = np.round(weights)


@pytest.mark.usefixtures("small")
@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=50)
def test_rounding_within_its_bound_changes_nothing(seed):
    """However distances are summed, here with errors near the bound."""
    generator = np.random.default_rng(seed)
    features = generator.normal(size=(60, 3))[generator.integers(0, 60, 200)]
    open_rows = np.ones(200, dtype=bool)
    search = Boundary(features, open_rows, max_abs(features))
    plain = boundary._margins
    weights, intercept = generator.normal(size=3), generator.normal()

    def rounded(features, weights, intercept, out=None):
        margins = plain(features, weights, intercept, out)
        error = rounding_error(weights, intercept, search._largest, np.float64)
        margins += 0.9 * error * generator.choice([-1, 1], len(margins))
        return margins

    with patch.object(boundary, "_margins", rounded):
        for _ in range(12):
            rows = nearest(search, weights, intercept, 3)
            assert rows == exactly(features, open_rows, weights, intercept, 3)
            open_rows[rows[0]] = False
            weights = weights + 1e-4 * generator.normal(size=3)


@given(seed=st.integers(0, 2**32 - 1), n_features=st.integers(1, 8))
def test_no_row_moves_further_than_its_norm_allows_and_one_can_move_as_far(seed, n_features):
    generator = np.random.default_rng(seed)
    features = generator.normal(size=(50, n_features)) * generator.uniform(0.1, 9, n_features) + 4
    geometry = boundary._Geometry(features)
    to_plane = np.array([geometry.plane(unit[:-1], unit[-1]) for unit in np.eye(n_features + 1)]).T
    rows = np.column_stack([features, np.ones(50)])
    target = np.linalg.solve(to_plane.T, rows[7])  # row 7 in the geometry's space
    for move in (generator.normal(size=n_features + 1), np.linalg.solve(to_plane, target)):
        moved = np.abs(rows @ move)
        allowed = np.linalg.norm(geometry.plane(move[:-1], move[-1])) * geometry.norms
        assert (moved <= allowed).all()
    assert moved[7] == pytest.approx(allowed[7], rel=1e-4)


def test_shortlist_ends_with_its_horizon():
    few = boundary._Shortlist(np.arange(2), np.eye(2), np.zeros(3), 0.5, 1.0, 0.0)
    assert few.holds(np.array([0.3, 0.0, 0.39]), 0.0)
    assert not few.holds(np.array([0.3, 0.0, 0.41]), 0.0)
    assert not few.holds(np.array([0.3, 0.0, 0.39]), 0.1)


def drifting(counts, n_rows=60_000, steps=40, step=1e-4):
    """Search a large table for a plane that drifts; how many searches of either kind it took."""
    generator = np.random.default_rng(0)
    features = generator.normal(size=(n_rows, 5)) * [1, 10, 0.1, 3, 1] + [0, 5, 1, 0, -3]
    open_rows = np.ones(n_rows, dtype=bool)
    search = Boundary(features, open_rows, max_abs(features))
    weights, intercept = generator.normal(size=5), 1.0
    for _ in range(steps):
        rows = nearest(search, weights, intercept, 1)
        assert rows == exactly(features, open_rows, weights, intercept, 1)
        open_rows[rows] = False
        weights = weights + step * generator.normal(size=5)
    return counts["_among_all"], counts["_among_few"]


def test_a_plane_that_moves_little_is_searched_on_the_shortlist(counted):
    of_all, of_few = drifting(counted)
    assert of_all + of_few == 40
    assert of_few > 25


@pytest.mark.parametrize("options", [{"step": 1.0}, {"n_rows": 1000}])
def test_a_plane_that_moves_far_or_a_small_table_is_searched_in_full(counted, options):
    assert drifting(counted, **options) == (40, 0)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("cached", "d", "terms"), [(2**25, 7, 7), (0, 7, 8), (0, 384, 100)])
def test_rounding_error_is_within_its_bound(dtype, cached, d, terms, monkeypatch):
    """Against sums of fractions, which do not round."""
    monkeypatch.setattr(boundary, "_CACHED", cached)
    generator = np.random.default_rng(1)
    features = generator.normal(size=(100, d)) * 10.0 ** generator.integers(-3, 4, d)
    features = features.astype(dtype)
    weights, intercept = generator.normal(size=d), 0.3
    assert boundary._n_terms(features) == terms
    bound = rounding_error(weights, intercept, max_abs(features), dtype, n_terms=terms)
    margins = boundary._margins(features, weights, intercept)
    for row, margin in zip(features, margins, strict=True):
        exact = sum(
            (Fraction(float(x)) * Fraction(w) for x, w in zip(row, weights, strict=True)),
            Fraction(intercept),
        )
        assert abs(abs(exact) - Fraction(float(margin))) <= Fraction(bound)


def test_equal_rows_tie_wherever_they_stand():
    """BLAS may sum the last rows of a block in another order than the first."""
    generator = np.random.default_rng(2)
    row = generator.normal(size=13)
    features = np.repeat(row[None], 1003, axis=0)
    open_rows = np.ones(1003, dtype=bool)
    open_rows[[0, 5]] = False
    search = Boundary(features, open_rows, max_abs(features))
    assert nearest(search, generator.normal(size=13), 0.1, 4) == [1, 2, 3, 4]


@pytest.mark.parametrize("n_features", [5, 200])
def test_a_shortlist_is_prepared_only_where_it_can_pay(n_features):
    """Not for a first search, nor for many features."""
    generator = np.random.default_rng(3)
    features = generator.normal(size=(21_000, n_features))
    search = Boundary(features, np.ones(21_000, dtype=bool), max_abs(features))
    weights = generator.normal(size=n_features)
    search.nearest(weights, 0.0, 1)
    assert "_geometry" not in vars(search)
    for _ in range(3):
        search.nearest(weights, 0.0, 1)
    assert ("_geometry" in vars(search)) == (n_features == 5)


def test_constant_table():
    features = np.zeros((30_000, 2))
    search = Boundary(features, np.ones(30_000, dtype=bool), max_abs(features))
    for weights in ([1.0, 2.0], [1.0, 2.1], [0.0, 0.0]):
        assert nearest(search, np.array(weights), 0.0, 2) == [0, 1]


@given(data=st.data())
def test_largest_is_that_of_each_feature(data):
    shape = data.draw(st.tuples(st.integers(1, 400), st.integers(1, 1200)))
    features = np.random.default_rng(0).normal(size=shape)
    for table in (features, np.asfortranarray(features), features[::2, ::-1]):
        assert max_abs(table).tolist() == np.abs(table).max(axis=0).tolist()


def test_many_features_of_one_size_have_one_bound():
    features = np.random.default_rng(0).normal(size=(5000, 200)).astype(np.float32)
    features[4000, 7] = -9
    assert magnitudes(features).tolist() == [9.0] * 200
    for table in (
        features[:, :20],
        np.asfortranarray(features),
        features * np.arange(1.0, 201) ** 4,
    ):
        assert magnitudes(table).tolist() == max_abs(table).tolist()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("n_features", [3, 200])
def test_bounds_are_not_finite_unless_all_features_are(bad, n_features):
    features = np.random.default_rng(0).normal(size=(5000, n_features))
    features[4000, 2] = bad
    assert not np.isfinite(magnitudes(features)).all()
