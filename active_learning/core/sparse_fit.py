"""Fitting logistic regression to the features that its rows use, where most columns are empty."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

# Above this share of used columns, leaving out the others saves nothing.
_LARGEST_SHARE = 1 / 2


def fit_used_columns(model: Any, features: Any, labels: NDArray[Any]) -> Any | None:
    """Fit scikit-learn's logistic regression without the columns that are 0 in all these rows.

    Their coefficients are 0: the loss does not depend on them, and the solver starts from 0. The
    others are those of a fit to all columns, up to the order in which sums are rounded.

    Parameters
    ----------
    model : scikit-learn classifier
    features : ndarray, CSR array or DataFrame of shape (n_rows, n_features)
    labels : ndarray of shape (n_rows,)

    Returns
    -------
    fitted classifier or None
        ``None`` if the model or the features are others, or few columns are empty.
    """
    if getattr(features, "format", None) != "csr":
        return None
    from scipy.sparse import csr_array
    from sklearn.linear_model import LogisticRegression

    if type(model) is not LogisticRegression:
        return None
    # In single precision, rounding is enough for the solver to stop at another step.
    if model.solver != "lbfgs" or model.warm_start or features.dtype != np.float64:
        return None
    n_rows, n_features = features.shape
    is_used = np.zeros(n_features, dtype=bool)
    is_used[features.indices] = True
    used = np.flatnonzero(is_used)
    if not 0 < len(used) <= _LARGEST_SHARE * n_features:
        return None
    positions = (is_used.cumsum(dtype=features.indices.dtype) - 1)[features.indices]
    packed = csr_array((features.data, positions, features.indptr), shape=(n_rows, len(used)))
    model.fit(packed, labels)
    coefficients = np.zeros((len(model.coef_), n_features), dtype=model.coef_.dtype)
    coefficients[:, used] = model.coef_
    model.coef_, model.n_features_in_ = coefficients, n_features
    return model
