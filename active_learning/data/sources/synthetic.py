"""Synthetic data: clusters on a hypercube, half moons, blobs or a checkerboard."""

from typing import Annotated, Any, Literal, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field, model_validator

from active_learning.data.source import Source

Features = Annotated[int, Field(ge=1, le=10**5)]
MAX_VALUES = 10**8  # 0.8 GB


class Synthetic(Source):
    """Randomly generated data; the defaults are those of the tutorial.

    Reference: Guyon, "Design of experiments for the NIPS 2003 variable selection benchmark", 2003,
    for the shape ``classification``.
    """

    shape: Literal["classification", "moons", "blobs", "checkerboard"] = "classification"
    """scikit-learn's make_classification, make_moons or make_blobs, or a checkerboard."""

    n_samples: Annotated[int, Field(ge=10, le=10**7)] = 1000
    """Rows."""

    n_features: Features = 10
    """Number of features; ignored by moons and checkerboard, which have two."""

    n_informative: Features = 5
    """Features that separate the classes; the others are noise. classification only."""

    n_redundant: Annotated[int, Field(ge=0, le=10**5)] = 0
    """Features that are linear combinations of the informative ones. classification only."""

    n_classes: Annotated[int, Field(ge=2, le=1000)] = 2
    """Classes of equal size; ignored by moons, which have two."""

    n_clusters_per_class: Annotated[int, Field(ge=1, le=100)] = 1
    """Clusters per class. classification only."""

    flip_y: Annotated[float, Field(ge=0, le=1)] = 0.1
    """Share of rows with a random class."""

    class_sep: Annotated[float, Field(gt=0)] = 1.0
    """Half the side of the hypercube: larger is easier. classification only."""

    noise: Annotated[float, Field(ge=0)] = 0.2
    """Standard deviation of a blob, or of the noise around the moons. blobs and moons only."""

    squares: Annotated[int, Field(ge=2, le=1000)] = 4
    """Squares along each side. checkerboard only."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.n_samples * self.n_features > MAX_VALUES:
            raise ValueError(
                f"must have n_samples * n_features ({self.n_samples * self.n_features}) at most "
                f"{MAX_VALUES}"
            )
        if self.shape != "classification":
            return self
        useful = self.n_informative + self.n_redundant
        if useful > self.n_features:
            raise ValueError(
                f"must have n_informative + n_redundant ({useful}) at most n_features "
                f"({self.n_features})"
            )
        clusters = self.n_classes * self.n_clusters_per_class
        if clusters > 2**self.n_informative:
            raise ValueError(
                f"must have n_classes * n_clusters_per_class ({clusters}) at most "
                f"2**n_informative ({2**self.n_informative})"
            )
        return self

    def load(self, seed: int) -> pd.DataFrame:
        """Generate the table: features ``x0``, ``x1``, …, and the column ``target``."""
        from sklearn.utils import check_random_state

        rng = check_random_state(seed)
        features, target = self._sample(rng)
        if self.shape != "classification":  # make_classification flips labels itself
            flipped = rng.uniform(size=self.n_samples) < self.flip_y
            target[flipped] = rng.randint(target.max() + 1, size=flipped.sum())
        table = pd.DataFrame(features, columns=[f"x{i}" for i in range(features.shape[1])])
        table["target"] = target
        return table

    def _sample(self, rng: Any) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        from sklearn import datasets

        if self.shape == "checkerboard":
            features = rng.uniform(0, self.squares, size=(self.n_samples, 2))
            return features, features.astype(np.int64).sum(axis=1) % self.n_classes
        options: dict[str, Any] = {
            "classification": self.model_dump(exclude={"shape", "noise", "squares"}),
            "moons": {"n_samples": self.n_samples, "noise": self.noise},
            # Centres in a box of side 2, so that noise is comparable to that of the moons.
            "blobs": {
                "n_samples": self.n_samples, "n_features": self.n_features,
                "centers": self.n_classes, "cluster_std": self.noise, "center_box": (-1, 1),
            },
        }[self.shape]  # fmt: skip
        features, target = getattr(datasets, f"make_{self.shape}")(**options, random_state=rng)
        return features, target
