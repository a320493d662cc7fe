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
        As for ``_softmax.least_sure``. With two classes in double precision, that of least
        confidence replaces it, which ranks the same.

    Returns
    -------
    values : ndarray of shape (n_rows,), or None
        ``None`` if the model knows a single class.
    error : float
    """
    n_classes, n_features = model.theta_.shape
    if n_classes == 1 or features.shape[1] != n_features:
        return None
    means, variances, priors = (
        each.astype(np.float64) for each in (model.theta_, model.var_, model.class_prior_)
    )
    squares, slopes = -0.5 / variances, means / variances
    terms = np.hstack(
        [np.log(priors)[:, None], -0.5 * np.log(2 * np.pi * variances), -0.5 * means * slopes]
    )
    # The bound also covers the model itself, which predicts in the precision of its fit.
    precision = model.theta_.dtype
    highest = np.square(largest.astype(precision)).astype(np.float64)  # infinite if it overflows
    size = np.abs(squares) @ highest + np.abs(slopes) @ largest + np.abs(terms).sum(axis=1)
    unit, tiny = np.finfo(precision).eps, np.finfo(precision).tiny
    joint = 16 * (n_features + 8) * (unit * size.max() + tiny / variances.min())
    single = 16 * n_classes * np.finfo(np.float32).eps
    error = (1 + np.log(n_classes) / 2) * (joint + single)
    constants = terms.sum(axis=1)
    if n_classes == 2 and precision == np.float64:  # their difference is enough
        squares, slopes, constants = (
            np.diff(each, axis=0) for each in (squares, slopes, constants)
        )
    return _uncertainty(squares, slopes, constants, features, measure), float(error)


def _uncertainty(
    squares: NDArray[np.float64],
    slopes: NDArray[np.float64],
    constants: NDArray[np.float64],
    features: NDArray[Any],
    measure: Measure,
) -> NDArray[np.float32]:
    """Uncertainty of every row, given the coefficients of each class, or of a difference."""
    from scipy.special import softmax

    uncertainty = np.empty(len(features), dtype=np.float32)
    for start in range(0, len(features), _BLOCK):
        block = slice(start, start + _BLOCK)
        rows = features[block].astype(np.float64, copy=False)
        # Classes as rows, since long rows are faster.
        joint = squares @ np.square(rows).T
        joint += slopes @ rows.T
        joint += constants[:, None]
        if len(constants) == 1:
            uncertainty[block] = 1 / (1 + np.exp(np.abs(joint[0]).astype(np.float32)))
        else:
            joint -= joint.max(axis=0)
            uncertainty[block] = measure(softmax(joint.astype(np.float32), axis=0).T)
    return uncertainty
