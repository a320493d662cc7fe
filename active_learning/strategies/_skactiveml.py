"""Adapter for the pool strategies of scikit-activeml, such as ``skactiveml.pool.ProbCover``.

Reference: Kottke et al., "scikit-activeml: a library and toolbox for active learning algorithms",
2021. Needs the optional package scikit-activeml.
"""

import inspect
from functools import cache
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from active_learning.core.bases import Strategy
from active_learning.core.errors import ParamsError, PluginError, UserError, one_line
from active_learning.core.plugins import Adapted
from active_learning.core.pool import Pool, Query
from active_learning.core.prediction import Prediction, finite
from active_learning.strategies._geometry import FeatureSpace, model_space
from active_learning.strategies._samples import bootstraps

try:
    from skactiveml.base import SingleAnnotatorPoolQueryStrategy
    from skactiveml.classifier import SklearnClassifier
except ImportError as error:
    raise PluginError(
        "strategies of other packages need scikit-activeml, which is not installed."
    ) from error

# Arguments set by the adapter, which are not options.
_SET_HERE = ("missing_label", "random_state", "classes", "n_classes")
_MODELS = {"clf", "estimator", "discriminator", "ensemble"}
_MEMBERS = 5
_CLUSTERS = "cluster_algo_dict"


@cache
def adapt(path: str, cls: Any) -> type["Adapter"]:
    """Plug-in for the strategy at this import path, with the strategy's options.

    Raises
    ------
    PluginError
        If it is not a strategy, or not one for this loop.
    """
    if reason := _refusal(cls):
        raise PluginError(f"{path} cannot be used as a strategy: {reason}.")
    return Adapter.create(path, cls, inspect.signature(cls).parameters.keys() - set(_SET_HERE))


def _refusal(cls: Any) -> str:
    """Why a class cannot be used; empty if it can."""
    if not issubclass(cls, SingleAnnotatorPoolQueryStrategy):
        return "it derives neither from Strategy nor from scikit-activeml's pool strategies"
    if "reg" in inspect.signature(cls.query).parameters:
        return "it is for regression"
    if {"query_strategy", "enforce_mapping"} & inspect.signature(cls).parameters.keys():
        return "it wraps another strategy"
    return ""


class Adapter(Strategy, Adapted):
    """A strategy of scikit-activeml; its options keep their defaults there."""

    NESTED: ClassVar[bool] = False  # scikit-activeml guarantees neither
    RANKED: ClassVar[bool] = False

    def query(self, model: Any, pool: Pool, n: int, generator: np.random.Generator) -> Query:
        """Query ``n`` open rows; informativeness is the utility when the row was chosen.

        The strategy sees the labelled rows and the open rows, whose labels are missing. One that
        needs a committee gets five clones of the model, fitted to bootstrap samples.

        Raises
        ------
        ParamsError
            If the features are sparse.
        PluginError
            If the strategy rejects the model or an option.
        """
        name, rows = self.registered_name(), np.flatnonzero(pool.open)
        space = model_space(model, pool)
        if not isinstance(space.features, np.ndarray):
            raise ParamsError(f"X must be dense: {name} does not accept sparse features.")
        X = np.vstack([space.labelled, space.features[rows]])
        y = np.concatenate([pool.labels, np.full(len(rows), np.nan)])
        models = self._models(space, pool, generator)
        try:
            strategy = self._build(pool.n_classes, int(generator.integers(2**31)))
            chosen, utilities = strategy.query(X, y, **models, batch_size=n, return_utilities=True)
        except UserError:
            raise
        except (TypeError, ValueError) as error:
            raise PluginError(f"{name} failed: {one_line(error).removesuffix('.')}.") from error
        informativeness = np.asarray(utilities, dtype=np.float64)[np.arange(n), chosen]
        return Query(rows[np.asarray(chosen) - pool.n_labelled], informativeness)

    def _build(self, n_classes: int, seed: int) -> Any:
        """Strategy with its options and the properties of the task that it asks for."""
        task = {"classes": list(range(n_classes)), "n_classes": n_classes, "random_state": seed}
        accepted = inspect.signature(self.adapted).parameters
        options: dict[str, Any] = {key: value for key, value in task.items() if key in accepted}
        options |= self.options
        if _CLUSTERS in accepted:  # some strategies do not seed their k-means
            options[_CLUSTERS] = {"random_state": seed} | (options.get(_CLUSTERS) or {})
        return self.adapted(**options, missing_label=np.nan)

    def _models(
        self, space: FeatureSpace, pool: Pool, generator: np.random.Generator
    ) -> dict[str, Any]:
        """Classifiers that the query needs, by argument."""
        from sklearn.base import clone

        needed = inspect.signature(self.adapted.query).parameters.keys() & _MODELS
        if not needed:
            return {}
        classes = list(range(pool.n_classes))
        classifier = WithProbabilities(clone(space.model), classes=classes, missing_label=np.nan)
        if "ensemble" not in needed:
            return dict.fromkeys(needed, classifier)
        committee = [
            clone(classifier).fit(space.labelled[sample], pool.labels[sample])
            for sample in bootstraps(pool.labels, _MEMBERS, generator)
        ]
        return {"ensemble": committee, "fit_ensemble": False}


class WithProbabilities(SklearnClassifier):  # type: ignore[misc]
    """scikit-activeml classifier; without ``predict_proba``, ``Prediction`` replaces it."""

    def predict_proba(self, X: Any, **options: Any) -> NDArray[np.float64]:
        """Class probabilities, (n_rows, n_classes)."""
        if hasattr(self.estimator, "predict_proba"):
            values = np.asarray(super().predict_proba(X, **options))
            return finite(values, self.estimator, "probabilities")
        return Prediction(self.estimator_, X, len(self.classes_)).probabilities
