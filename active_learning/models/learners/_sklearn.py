"""Adapter of classifiers that are not plug-ins, such as ``sklearn.svm.LinearSVC``."""

from functools import cache
from typing import Any, Self

from pydantic import model_validator
from sklearn.base import is_classifier

from active_learning.core.bases import Learner
from active_learning.core.errors import PluginError
from active_learning.core.plugins import Adapted

_SEED = "random_state"


@cache
def adapt(path: str, cls: Any) -> type["Adapter"]:
    """Plug-in for the classifier at this import path; its options are those of the classifier.

    Raises
    ------
    PluginError
        If it is no classifier, or cannot be made without arguments.
    """
    try:
        estimator = cls()
        accepted = estimator.get_params(deep=False)
        reason = "" if is_classifier(estimator) else "it is no classifier to scikit-learn"
    except Exception as error:
        reason = " ".join(str(error).split())
    if reason:
        raise PluginError(f"{path} cannot be used as a learner: {reason}.")
    adapter = Adapter.of(path, cls, accepted)
    adapter.STOCHASTIC = _SEED in accepted
    return adapter


class Adapter(Learner, Adapted):
    """A classifier of another package; an option that is not given has its default there."""

    @model_validator(mode="after")
    def _check_options(self) -> Self:
        """Have scikit-learn check the options, which it does before it misses the rows."""
        try:
            estimator = self.build(0)
        except Exception as error:
            raise ValueError(" ".join(str(error).split())) from error
        try:
            estimator.fit([], [])
        except Exception as error:
            if isinstance(error, ValueError) and isinstance(error, TypeError):
                reason = " ".join(str(error).split())
                raise ValueError(reason) from None  # noqa: TRY004 - pydantic explains these only
        return self

    def build(self, seed: int) -> Any:
        """Unfitted classifier; the seed is its ``random_state``, unless the options give one."""
        return self.adapted(**({_SEED: seed} if self.STOCHASTIC else {}) | self.options)
