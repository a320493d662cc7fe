"""Expected model change: query the row whose label is expected to change the model most.

Reference: Settles, Craven & Ray, "Multiple-instance active learning", 2008, §4 (expected gradient
length, there for logistic regression); Settles, "Active learning literature survey", 2009, §3.3.
"""

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from active_learning.core.bases import Strategy
from active_learning.core.errors import ParamsError
from active_learning.core.pool import Pool, Query
from active_learning.core.prediction import Prediction
from active_learning.strategies._geometry import model_space
from active_learning.strategies._ranking import query_highest
from active_learning.strategies._screen import query_screened, rounding, softmax


def expected_gradient_length(
    probabilities: NDArray[np.float64], squared_norms: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Expected norm Σ_y p(y|x) ‖∇L(x, y)‖ of the gradient of the log loss of one row.

    The gradient with respect to the coefficients of class k is (p(k|x) − [k = y]) (x, 1), with 1
    for the intercept, so its norm is ‖p − e_y‖ √(|x|² + 1). The gradient of the training loss is 0
    at the optimum, so only the new row contributes. Deviations: the penalty is ignored, and two
    classes have two vectors of coefficients, which makes every length √2 larger.

    Parameters
    ----------
    probabilities : ndarray of shape (n_rows, n_classes)
    squared_norms : ndarray of shape (n_rows,)
        |x|² of every row.
    """
    # From differences, since Σp² − 2p + 1 loses all digits where p is close to 1.
    lengths = [
        np.linalg.norm(probabilities - answer, axis=1) for answer in np.eye(probabilities.shape[1])
    ]
    surprise = (probabilities * np.column_stack(lengths)).sum(axis=1)
    return np.asarray(surprise * np.sqrt(squared_norms + 1))


def bound_surprise(values: NDArray[Any], error: float) -> tuple[NDArray[Any], float]:
    """Σ_y p(y|x) ‖p − e_y‖ by the decision values of one model, and a bound on its error.

    The sum of its absolute derivatives in the decision values is at most √2.

    Parameters
    ----------
    values : ndarray of shape (1, n_classes, n_rows)
    error : float
        Bound on the error of the values.
    """
    (probabilities,) = softmax(values)
    slack = 2**0.5 * error + rounding(values)
    if len(probabilities) == 2:  # both ‖p − e_y‖ are √2 times the other probability
        return 2**1.5 * probabilities[0] * probabilities[1], slack
    surprise = np.zeros_like(probabilities[0])
    for answer, probability in zip(np.eye(len(probabilities)), probabilities, strict=True):
        change = probabilities - answer[:, None].astype(values.dtype)
        surprise += probability * np.sqrt((change**2).sum(axis=0))
    return surprise, slack


class ExpectedModelChange(Strategy):
    """Query the row of largest expected gradient length; for learners with coefficients."""

    STOCHASTIC: ClassVar[bool] = False

    def query(self, model: Any, pool: Pool, n: int, generator: np.random.Generator) -> Query:
        """Query the ``n`` open rows of largest expected gradient length.

        Raises
        ------
        ParamsError
            If the model is not linear.
        """
        space = model_space(model, pool)
        if not hasattr(space.model, "coef_"):
            raise ParamsError(
                "estimator must be a linear model for expected_model_change; "
                f"{type(space.model).__name__} has no coefficients."
            )
        if space.inputs is not pool.features or space.features is not pool.features:
            probabilities = space.predict(pool).probabilities
            lengths = expected_gradient_length(probabilities, _squared_norms(space.features))
            return query_highest(pool, lengths, n)

        def score(features: Any) -> NDArray[np.float64]:
            prediction = Prediction(space.model, features, pool.classes, ties=True)
            return expected_gradient_length(prediction.probabilities, _squared_norms(features))

        def bounds(
            values: NDArray[Any], error: float, block: slice
        ) -> tuple[NDArray[Any], NDArray[Any]]:
            surprise, slack = bound_surprise(values, error)
            norms = pool.remember(_norms)[block]
            return (surprise - slack) * norms, (surprise + slack) * norms

        return query_screened(pool, n, [space.model], score, bounds)


def _norms(pool: Pool) -> NDArray[np.float32]:
    """Norm of (x, 1) for every row, in single precision: (n_rows,)."""
    return np.asarray(np.sqrt(_squared_norms(pool.features) + 1), dtype=np.float32)


def _squared_norms(features: Any) -> NDArray[Any]:
    from sklearn.utils.extmath import row_norms

    return np.asarray(row_norms(features, squared=True))
