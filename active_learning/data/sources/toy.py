"""Small real data sets that scikit-learn ships."""

from typing import Literal

import pandas as pd

from active_learning.data.source import Source


class Toy(Source):
    """One of scikit-learn's toy data sets."""

    name: Literal["breast_cancer", "digits", "wine", "iris"] = "breast_cancer"
    """Data set, by size: 569 rows of 2 classes, 1,797 of 10, 178 of 3, or 150 of 3."""

    def load(self, seed: int) -> pd.DataFrame:  # noqa: ARG002 - nothing is random
        """Load the table: the features under their names, and the column ``target``."""
        from sklearn import datasets

        bunch = getattr(datasets, f"load_{self.name}")()
        table = pd.DataFrame(bunch.data, columns=list(bunch.feature_names))
        return table.assign(target=bunch.target_names[bunch.target])
