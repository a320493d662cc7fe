"""What stages read of each other's outputs."""

import numpy as np
import pytest

from active_learning.data import files, splits
from stages import paths, results


def test_test_rows_for_each_other_row(tmp_path):
    one = {"test": np.arange(2), "initial": np.array([2]), "pool": np.arange(3, 6)}
    other = {"test": np.arange(3), "initial": np.array([3]), "pool": np.arange(4, 6)}
    (tmp_path / paths.SPLITS).parent.mkdir()
    files.write_table(tmp_path / paths.SPLITS, splits.to_table([one, other]))
    assert results.read_test_per_train(tmp_path) == pytest.approx((2 / 4 + 3 / 3) / 2)
