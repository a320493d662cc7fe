"""Classifiers that are not plug-ins, by import path or by instance."""

from functools import cache
from typing import Any, Self

from pydantic import model_validator
from sklearn.base import clone, is_classifier

from active_learning.core.bases import Learner
from active_learning.core.errors import PluginError, one_line, shown
from active_learning.core.plugins import Adapted, make
from active_learning.core.pool import set_seed

_SEED = "random_state"


@cache
def adapt(path: str, cls: Any) -> type["Adapter"]:
    """Plug-in for the classifier at this import path, with the classifier's options.

    Raises
    ------
    PluginError
        If it is not a classifier, or cannot be created without arguments.
    """
    try:
        estimator = cls()
        accepted = estimator.get_params(deep=False)
        reason = "" if is_classifier(estimator) else "it is not a scikit-learn classifier"
    except Exception as error:
        reason = one_line(error)
    if reason:
        raise PluginError(f"{path} cannot be used as a learner: {reason}.")
    adapter = Adapter.create(path, cls, accepted)
    adapter.STOCHASTIC = _SEED in accepted
    return adapter


class Adapter(Learner, Adapted):
    """A classifier of another package; its options keep their defaults there."""

    @model_validator(mode="after")
    def _check_options(self) -> Self:
        """Let scikit-learn validate the options, which it does before it rejects empty data."""
        try:
            estimator = self.build(0)
        except Exception as error:
            raise ValueError(one_line(error)) from error
        try:
            estimator.fit([], [])
        except Exception as error:
            if isinstance(error, ValueError) and isinstance(error, TypeError):
                raise ValueError(one_line(error)) from None  # noqa: TRY004 - for pydantic
        return self

    def build(self, seed: int) -> Any:
        """Unfitted classifier; options override ``random_state=seed`` and ``n_jobs=1``."""
        seed_option = {_SEED: seed} if _SEED in self.accepted else {}
        estimator = self.adapted(**seed_option | self.options)
        # scikit-learn's own default is one process already, and for some it warns if that is set.
        if "n_jobs" in self.accepted and "n_jobs" not in self.options and not self._is_sequential():
            estimator.set_params(n_jobs=1)
        return estimator

    def _is_sequential(self) -> bool:
        return self.adapted.__module__.startswith("sklearn.") and self.adapted().n_jobs is None


class Instance(Learner):
    """A classifier by instance; clones of it are fitted, with a seed if it has none."""

    estimator: Any
    """Unfitted classifier or pipeline."""

    def build(self, seed: int) -> Any:
        """Unfitted clone; every ``random_state`` that is ``None`` is set to the seed."""
        return set_seed(clone(self.estimator), seed)


def as_learner(estimator: Any) -> Learner:
    """Convert a classifier, the name or import path of a learner, or a learner.

    Raises
    ------
    TypeError
        If it is not a classifier.
    PluginError
        If there is no learner of that name.
    """
    if isinstance(estimator, Learner):
        return estimator
    if isinstance(estimator, str):
        learner: Learner = make("learners", estimator)
        return learner
    if isinstance(estimator, type) or not _is_classifier(estimator):
        raise TypeError(
            "estimator must be a scikit-learn classifier, by instance or by its import path; got "
            f"{shown(estimator)}."
        )
    return Instance(estimator=estimator)


def _is_classifier(estimator: Any) -> bool:
    try:
        return bool(is_classifier(estimator))
    except AttributeError:  # no estimator at all
        return False
