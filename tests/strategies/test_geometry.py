"""Distances to the nearest centre: those that are kept are those of all pairs, to the last bit."""

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from active_learning.core.pool import ABSTAINED, Pool
from active_learning.core.prediction import Prediction
from active_learning.strategies import _geometry as geometry
from tests import examples

FORMS = {
    "float64": np.asarray,
    "float32": np.float32,
    "by columns": np.asfortranarray,
    "sparse": csr_array,
    "sparse float32": lambda X: csr_array(X, dtype=np.float32),
}
SCALES = [1e-200, 1e-3, 1.0, 1e3, 1e15]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("n_features", [1, 3, 50, 300])
def test_a_distance_does_not_depend_on_the_other_rows(form, n_features):
    generator = np.random.default_rng(n_features)
    X = generator.normal(size=(60, n_features)) * (generator.random((60, n_features)) < 0.5)
    features = FORMS[form](X)
    whole = geometry.distances(features, features[:19])
    np.testing.assert_allclose(
        whole, np.linalg.norm(X[:, None] - X[:19], axis=2), rtol=1e-6, atol=1e-6
    )
    for _ in range(30):
        rows = generator.choice(60, generator.integers(1, 60), replace=False)
        centres = generator.choice(19, generator.integers(1, 19), replace=False)
        some = geometry.distances(features[rows], features[centres])
        np.testing.assert_array_equal(some, whole[np.ix_(rows, centres)])


@pytest.mark.parametrize(("form", "sizes"), [(np.asarray, [3, 3, 1]), (csr_array, [4, 3])])
def test_blocks_of_bounded_size(form, sizes, monkeypatch):
    monkeypatch.setattr(geometry, "_BLOCK", 16)
    slices = list(geometry.blocks(7, form(np.ones((4, 5)))))
    assert [len(range(7)[block]) for block in slices] == sizes


def table(generator, n_rows, scale=1.0):
    """Rows on a grid, many of them equal or at equal distances, or anywhere, some of them twice."""
    n_features = int(generator.integers(1, 5))
    if generator.integers(2):
        return scale * generator.integers(0, 3, (n_rows, n_features)).astype(float)
    rows = generator.normal(size=(n_rows, n_features)) * np.exp(generator.normal(size=(n_rows, 1)))
    return scale * rows[generator.integers(n_rows, size=n_rows)]


def small_steps(generator):
    """The sizes of steps and blocks that decide which distances are computed, and when."""
    sizes = {"_TOP": 4, "_STEP": 5, "_BLOCK": 40}
    return patch.multiple(
        geometry, **{name: int(generator.integers(1, most + 1)) for name, most in sizes.items()}
    )


def all_pairs(features, centres):
    if not len(centres):
        return np.full(features.shape[0], np.inf)
    return geometry.distances(features, features[centres]).min(axis=1)


@settings(max_examples=60)
@given(st.integers(0, 2**32), st.sampled_from(sorted(FORMS)), st.sampled_from(SCALES))
def test_the_largest_is_that_of_all_pairs(seed, form, scale):
    generator = np.random.default_rng(seed)
    features = FORMS[form](table(generator, 30, scale))
    other = generator.integers(0, 3, 30) / 3
    nearest, centres = geometry.Nearest(features), np.empty(0, dtype=np.int64)
    with small_steps(generator):
        for _ in range(4):
            more = generator.choice(30, generator.integers(0, 9), replace=False)
            nearest.add(more)
            centres = np.union1d(centres, more)
            candidates = generator.random(30) < generator.choice([0.1, 0.9])
            candidates[generator.integers(30)] = True
            share = generator.choice([0.0, 0.5, 1.0])

            def score(distance, rows, share=share):
                unlike = 1 - 1 / (1 + distance)
                return share * unlike + (1 - share) * other[rows]

            for own in (score, lambda distance, _: distance):
                scores = np.where(candidates, own(all_pairs(features, centres), slice(None)), -1)
                best = int(scores.argmax())
                assert nearest.largest(candidates, own) == (best, scores[best])


def k_center(features, pool, model, n):
    """k-center greedy from all pairs of open rows and centres."""
    left, centres, rows, values = pool.open.copy(), pool.labelled_rows, [], []
    for _ in range(n):
        scores = np.where(left, all_pairs(features, centres), -1)
        rows.append(int(scores.argmax()))
        values.append(scores.max())
        left[rows[-1]] = False
        centres = np.append(centres, rows[-1])
    return rows, values


def ranked_batch(features, pool, model, n):
    """Ranked batch from all pairs of open rows and centres."""
    last, inputs = (model[-1], features) if hasattr(model, "steps") else (model, pool.features)
    probabilities = Prediction(last, inputs, pool.classes, ties=True).probabilities
    left, centres, rows, values = pool.open.copy(), pool.labelled_rows, [], []
    total = left.sum() + pool.n_labelled
    for _ in range(n):
        share = left.sum() / total
        unlike = 1 - 1 / (1 + all_pairs(features, centres))
        scores = share * unlike + (1 - share) * (1 - probabilities.max(axis=1))
        scores[~left] = -1
        rows.append(int(scores.argmax()))
        values.append(scores.max())
        left[rows[-1]] = False
        centres = np.append(centres, rows[-1])
    return rows, values


@pytest.mark.parametrize("by_pairs", [k_center, ranked_batch])
@pytest.mark.parametrize("scaled", [False, True], ids=["fixed", "scaled anew"])
@settings(max_examples=25)
@given(st.integers(0, 2**32), st.sampled_from(sorted(FORMS)), st.booleans())
def test_a_pool_that_remembers_queries_what_a_new_one_does(
    by_pairs, scaled, seed, form, split_order
):
    """Whatever was labelled in between, and wherever it was not asked."""
    name = {k_center: "k_center_greedy", ranked_batch: "ranked_batch"}[by_pairs]
    generator = np.random.default_rng(seed)
    X = table(generator, 40)
    features = FORMS[form](X)
    order = generator.permutation(35)
    labels = np.empty(40, dtype=np.int64)
    labels[np.append(order, np.arange(35, 40))] = np.arange(40) % 2
    initial = {"initial": order[:6], "initial_labels": labels[order[:6]]}

    def pool():
        return Pool(features, order[6:], **initial, classes=2, budget=40, split_order=split_order)

    kept, closed = pool(), []
    with small_steps(generator):
        for _ in range(5):
            scale = StandardScaler(with_mean="sparse" not in form)
            last = LogisticRegression(C=0.1)
            model = make_pipeline(scale, last) if scaled else last
            model.fit(kept.labelled_features, kept.labels)
            space = model[0].transform(features) if scaled else features
            n = int(generator.integers(1, 5))
            rows, values = by_pairs(space, kept, model, n)
            fresh = pool()
            for batch in closed:
                fresh.close(*batch)
            for each in (kept, fresh)[generator.integers(2) :]:
                query = examples.query(name, model, each, n)
                assert (query.rows.tolist(), query.informativeness.tolist()) == (rows, values)
            answers = np.where(generator.random(n) < 0.2, ABSTAINED, labels[rows])
            closed.append((np.array(rows), answers))
            kept.close(*closed[-1])
