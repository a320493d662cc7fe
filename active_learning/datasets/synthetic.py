"""Synthetic data: Gaussian clusters at the corners of a hypercube."""

from typing import Annotated, Self

import pandas as pd
from pydantic import Field, model_validator
from sklearn.datasets import make_classification

from active_learning.base.plugins import Plugin

Count = Annotated[int, Field(ge=1)]


class Synthetic(Plugin):
    """scikit-learn's ``make_classification``; the defaults are the tutorial's data.

    Reference: Guyon, "Design of experiments for the NIPS 2003 variable selection benchmark", 2003.
    """

    n_samples: Annotated[int, Field(ge=10)] = 1000
    """Rows."""

    n_features: Count = 10
    """Features in all; those that are neither informative nor redundant are noise."""

    n_informative: Count = 5
    """Features that tell the classes apart."""

    n_redundant: Annotated[int, Field(ge=0)] = 0
    """Features that are linear combinations of the informative ones."""

    n_classes: Annotated[int, Field(ge=2)] = 2
    """Classes, of equal size."""

    n_clusters_per_class: Count = 1
    """Clusters that each class is made of."""

    flip_y: Annotated[float, Field(ge=0, le=1)] = 0.1
    """Share of the rows whose class is drawn at random."""

    class_sep: Annotated[float, Field(gt=0)] = 1.0
    """Half the side of the hypercube: larger is easier."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        told = self.n_informative + self.n_redundant
        if told > self.n_features:
            raise ValueError(
                f"must have n_informative + n_redundant ({told}) at most n_features "
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
        """Make the table: features ``x0``, ``x1``, …, and the column ``target``."""
        features, target = make_classification(**dict(self), random_state=seed)
        table = pd.DataFrame(features, columns=[f"x{i}" for i in range(self.n_features)])
        table["target"] = target
        return table
