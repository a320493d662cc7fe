"""The features in single precision, for a first pass that leaves few rows to compute exactly."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from active_learning.core.pool import Pool


def single_precision(pool: Pool) -> NDArray[np.float32]:
    """Features of the whole table in single precision, copied once a run: (n_rows, n_features)."""
    return pool.remember(_copy)


def _copy(pool: Pool) -> NDArray[np.float32]:
    features: Any = pool.features
    return np.asarray(features, dtype=np.float32)
