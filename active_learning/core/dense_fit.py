"""Fitting logistic regression to dense rows of two classes, without scikit-learn's overhead."""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Beyond this number of rows, scikit-learn's checks hardly matter.
_LARGEST = 10_000

# Options that a model may have; all others must be the defaults.
_FREE = ("C", "max_iter", "random_state", "tol")


def fit_two_classes(model: Any, features: Any, labels: NDArray[Any]) -> Any | None:
    """Fit scikit-learn's logistic regression to two classes in half the time.

    The coefficients are those of scikit-learn, to the last bit where the compiler fuses no
    operations: the same solver minimises the same loss, computed in the same steps.

    Parameters
    ----------
    model : scikit-learn classifier
    features : ndarray, CSR array or DataFrame of shape (n_rows, n_features)
    labels : ndarray of shape (n_rows,)

    Returns
    -------
    fitted classifier or None
        ``None`` if the model or the features are others, if scikit-learn is to validate them, or if
        the solver does not converge, of which scikit-learn warns.
    """
    if not (_is_plain(model) and _is_small(features)):
        return None
    classes = np.unique(labels)
    if len(classes) != 2:
        return None
    result = _minimise(model, features, labels == classes[1])
    if not (result.success and np.isfinite(result.x).all()):
        return None
    model.classes_, model.n_features_in_ = classes, features.shape[1]
    model.coef_, model.intercept_ = result.x[None, :-1], result.x[-1:]
    model.n_iter_ = np.array([result.nit], dtype=np.int32)
    return model


def _is_plain(model: Any) -> bool:
    """Whether it is an unfitted ``LogisticRegression`` that needs no checks."""
    if getattr(model, "solver", None) != "lbfgs":
        return False
    import sklearn
    from sklearn.linear_model import LogisticRegression

    if type(model) is not LogisticRegression:
        return False
    trusted = sklearn.get_config()["skip_parameter_validation"]
    free = dict.fromkeys(_FREE)
    return bool(trusted and vars(model) | free == _defaults() | free)


@cache
def _defaults() -> dict[str, Any]:
    from sklearn.linear_model import LogisticRegression

    return dict(vars(LogisticRegression()))


def _is_small(features: Any) -> bool:
    """Whether it is a matrix of few rows in double precision, which scikit-learn would not copy."""
    if not isinstance(features, np.ndarray) or features.ndim != 2:
        return False
    if features.dtype != np.float64 or not features.flags.c_contiguous:
        return False
    return features.size > 0 and len(features) <= _LARGEST


def _minimise(model: Any, features: NDArray[np.float64], positive: NDArray[np.bool_]) -> Any:
    """Result of L-BFGS; its solution ends with the intercept."""
    from scipy.optimize import minimize

    n_rows, n_features = features.shape
    signs = np.where(positive, -1.0, 1.0)
    penalty = 1.0 / (model.C * n_rows)

    def loss(solution: Any) -> tuple[float, NDArray[np.float64]]:
        weights = solution[:-1]
        losses, slopes = _logistic_loss(features @ weights + solution[-1], positive, signs)
        slopes /= n_rows
        gradient = np.empty_like(solution)
        gradient[:-1] = features.T @ slopes + penalty * weights
        gradient[-1] = slopes.sum()
        return float(losses.sum() / n_rows) + 0.5 * penalty * float(weights @ weights), gradient

    # The options that scikit-learn sets.
    options: Any = {"maxiter": model.max_iter, "gtol": model.tol, "maxls": 50, "ftol": 2.0**-46}
    start = np.zeros(n_features + 1)
    with np.errstate(over="ignore", invalid="ignore"):  # a failure shows in the result
        return minimize(loss, start, method="L-BFGS-B", jac=True, options=options)


def _logistic_loss(
    values: NDArray[np.float64], positive: NDArray[np.bool_], signs: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Log loss of each row, log(1 + exp(±value)), and its derivative in the value."""
    # With parameter 0, the exponential and log1p of the C library, which scikit-learn calls, too;
    # the last bits of NumPy's are others.
    from scipy.special import boxcox1p, inv_boxcox

    low = values <= -2  # where scikit-learn changes to another form of the loss
    power = inv_boxcox(np.where(low, values, -values), 0)
    is_small = low ^ positive
    losses = np.where(values > 18, power, boxcox1p(power, 0))  # as scikit-learn
    losses += np.where(is_small, 0, signs * values)
    slopes = signs * np.where(is_small, power, 1) / (1 + power)
    # Where scikit-learn no longer divides; a difference of classes may round to another last bit.
    return losses, np.where(values <= -37, power - positive, slopes)
