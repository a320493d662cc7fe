"""Shapes of synthetic data."""

import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.neighbors import KNeighborsClassifier

from active_learning.data.sources.synthetic import Synthetic


def test_defaults_are_the_data_of_the_tutorial():
    features, target = make_classification(
        n_samples=1000, n_features=10, n_informative=5, n_redundant=0, n_clusters_per_class=1,
        flip_y=0.1, class_sep=1.0, random_state=42,
    )  # fmt: skip
    table = Synthetic().load(42)
    np.testing.assert_array_equal(table.drop(columns="target"), features)
    np.testing.assert_array_equal(table["target"], target)


@pytest.mark.parametrize(
    ("options", "n_features", "n_classes"),
    [
        ({"shape": "moons"}, 2, 2),
        ({"shape": "blobs", "n_classes": 3, "n_features": 4}, 4, 3),
        ({"shape": "checkerboard"}, 2, 2),
        ({"shape": "checkerboard", "n_classes": 3, "squares": 3}, 2, 3),
    ],
)
def test_shapes_can_be_learnt_and_flips_make_them_harder(options, n_features, n_classes):
    scores = []
    for flip_y in (0.0, 0.5):
        table = Synthetic(**options, flip_y=flip_y).load(0)
        features, target = table.drop(columns="target").to_numpy(), table["target"].to_numpy()
        assert features.shape == (1000, n_features)
        assert set(target) == set(range(n_classes))
        model = KNeighborsClassifier(5).fit(features[:800], target[:800])
        scores.append(model.score(features[800:], target[800:]))
    assert scores[0] > 0.75 > scores[1]


@pytest.mark.parametrize("shape", ["moons", "blobs", "checkerboard"])
def test_a_flipped_row_may_be_of_any_class(shape):
    clean, flipped = (Synthetic(shape=shape, flip_y=flip).load(1) for flip in (0.0, 0.4))
    features = ["x0", "x1"]
    np.testing.assert_array_equal(flipped[features], clean[features])
    for name in (0, 1):  # half of the rows that are drawn get the other class
        rows = clean["target"] == name
        assert 0.15 < (flipped["target"][rows] != name).mean() < 0.25


def test_neighbouring_squares_of_a_checkerboard_differ():
    table = Synthetic(shape="checkerboard", flip_y=0.0).load(3)
    squares = table[["x0", "x1"]].to_numpy().astype(int)
    assert set(squares.ravel()) == {0, 1, 2, 3}
    np.testing.assert_array_equal(table["target"], squares.sum(axis=1) % 2)


def test_options_of_another_shape_are_not_checked():
    Synthetic(shape="moons", n_features=2)
    with pytest.raises(ValueError, match="must have n_informative"):
        Synthetic(n_features=2)
