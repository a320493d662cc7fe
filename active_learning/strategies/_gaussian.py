"""Screen for the most uncertain rows of Gaussian naive Bayes.

The logarithm of the joint probability of a row and a class is a quadratic form without mixed terms,
so two products of matrices yield it for the whole pool. The bound on the rounding error of the
uncertainty leaves few rows to the model itself.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from active_learning.strategies._softmax import Measure

_BLOCK = 4096


def gaussian_uncertainty(
    model: Any,
    features: NDArray[Any],
    labelled: NDArray[Any],  # noqa: ARG001 - the fitted model holds all that counts
    measure: Measure,
) -> tuple[NDArray[Any], Any] | None:
    """Approximate uncertainty of each row, and a bound on its error.

    Parameters
    ----------
    model : fitted scikit-learn GaussianNB
    features : ndarray of shape (n_rows, n_features)
    labelled : ndarray of shape (n_labelled, n_features)
    measure : callable
        As for ``_softmax.least_sure``. With two classes that of least confidence replaces it, which
        ranks the same.

    Returns
    -------
    values : ndarray of shape (n_rows,), or None
        ``None`` if the model knows a single class.
    error : float
    """
    from scipy.special import softmax

    n_classes, n_features = model.theta_.shape
    if n_classes == 1 or features.shape[1] != n_features:
        return None
    squares, slopes = -0.5 / model.var_, model.theta_ / model.var_
    terms = np.hstack(
        [
            np.log(model.class_prior_)[:, None],
            -0.5 * np.log(2 * np.pi * model.var_),
            -0.5 * model.theta_ * slopes,
        ]
    )
    constants = terms.sum(axis=1, keepdims=True)
    values = np.empty(len(features), dtype=np.float32)
    largest = 0.0
    for start in range(0, len(features), _BLOCK):
        block = slice(start, start + _BLOCK)
        chosen = features[block].astype(np.float64, copy=False)
        # Classes as rows, since long rows are faster.
        joint = squares @ np.square(chosen).T
        largest = max(largest, -float(joint.min()))
        joint += slopes @ chosen.T
        joint += constants
        if n_classes == 2:  # noqa: PLR2004
            uncertainty = 1 / (1 + np.exp(np.abs(joint[1] - joint[0]).astype(np.float32)))
        else:
            joint -= joint.max(axis=0)
            uncertainty = measure(softmax(joint.astype(np.float32), axis=0).T)
        values[block] = uncertainty
    return values, _error(terms, largest, n_features)


def _error(terms: NDArray[np.float64], largest: float, n_features: int) -> float:
    """Bound on the rounding error of an uncertainty, by the model itself too.

    Reference: Higham, "Accuracy and stability of numerical algorithms", 2002, §3.1.

    Parameters
    ----------
    terms : ndarray of shape (n_classes, n_terms)
        What does not depend on the row.
    largest : float
        Largest sum of squares. The products with the slopes add up to no more than it and the terms
        together.
    n_features : int
    """
    n_classes = len(terms)
    size = 8 * (largest + float(np.abs(terms).sum(axis=1).max()))
    double = (n_features + 8) * float(np.finfo(np.float64).eps) * size
    single = 16 * n_classes * float(np.finfo(np.float32).eps)
    return (1 + float(np.log(n_classes)) / 2) * (double + single)
