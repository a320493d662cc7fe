"""Screen for the most uncertain rows of Gaussian naive Bayes.

The logarithm of the joint probability of a row and a class is a quadratic form without mixed terms,
so two products of matrices yield it for the whole pool. The bound on the rounding error of the
uncertainty leaves few rows to the model itself.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from active_learning.strategies._softmax import Measure

_BLOCK = 8192


def gaussian_uncertainty(
    model: Any,
    features: NDArray[Any],
    labelled: NDArray[Any],  # noqa: ARG001 - the fitted model holds all that counts
    largest: NDArray[np.float64],
    measure: Measure,
) -> tuple[NDArray[Any], Any] | None:
    """Approximate uncertainty of every row, and a bound on its error.

    Reference: Higham, "Accuracy and stability of numerical algorithms", 2002, §3.1.

    Parameters
    ----------
    model : fitted scikit-learn GaussianNB
    features : ndarray of shape (n_rows, n_features)
    labelled : ndarray of shape (n_labelled, n_features)
    largest : ndarray of shape (n_features,)
        Largest |x| of each feature.
    measure : callable
        As for ``_softmax.least_sure``. With two classes that of least confidence replaces it, which
        ranks the same.

    Returns
    -------
    values : ndarray of shape (n_rows,), or None
        ``None`` if the model knows a single class.
    error : float
    """
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
    size = np.abs(squares) @ largest**2 + np.abs(slopes) @ largest + np.abs(terms).sum(axis=1)
    # Also covers the error of the model itself.
    double = 16 * (n_features + 8) * np.finfo(np.float64).eps * size.max()
    single = 16 * n_classes * np.finfo(np.float32).eps
    error = (1 + np.log(n_classes) / 2) * (double + single)
    return _uncertainty(squares, slopes, terms.sum(axis=1), features, measure), float(error)


def _uncertainty(
    squares: NDArray[np.float64],
    slopes: NDArray[np.float64],
    constants: NDArray[np.float64],
    features: NDArray[Any],
    measure: Measure,
) -> NDArray[np.float32]:
    """Uncertainty of every row, given the coefficients of each class: (n_rows,)."""
    from scipy.special import softmax

    if two := len(constants) == 2:  # noqa: PLR2004 - their difference is enough
        squares, slopes, constants = (
            np.diff(each, axis=0) for each in (squares, slopes, constants)
        )
    uncertainty = np.empty(len(features), dtype=np.float32)
    for start in range(0, len(features), _BLOCK):
        block = slice(start, start + _BLOCK)
        rows = features[block].astype(np.float64, copy=False)
        # Classes as rows, since long rows are faster.
        joint = squares @ np.square(rows).T
        joint += slopes @ rows.T
        joint += constants[:, None]
        if two:
            uncertainty[block] = 1 / (1 + np.exp(np.abs(joint[0]).astype(np.float32)))
        else:
            joint -= joint.max(axis=0)
            uncertainty[block] = measure(softmax(joint.astype(np.float32), axis=0).T)
    return uncertainty
