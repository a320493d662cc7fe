"""The pool strategies of scikit-activeml, by import path: ``skactiveml.pool.ProbCover``.

Reference: Kottke et al., "scikit-activeml: a library and toolbox for active learning algorithms",
2021. Needs the optional package scikit-activeml.
"""

import inspect
from functools import cache
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import create_model

from active_learning.core.bases import Strategy
from active_learning.core.errors import ParamsError, PluginError, unknown
from active_learning.core.pool import Pool, Query
from active_learning.core.prediction import Prediction
from active_learning.strategies._geometry import Seen, seen
from active_learning.strategies._samples import bootstraps

try:
    from skactiveml import pool as skactiveml_pool
    from skactiveml.base import SingleAnnotatorPoolQueryStrategy
    from skactiveml.classifier import SklearnClassifier
except ImportError as error:
    raise PluginError(
        "Strategies of scikit-activeml need the package scikit-activeml; `make extras` installs it."
    ) from error

_PREFIX = "skactiveml.pool."
# Arguments that the adapter sets, so that they are not options.
_SET_HERE = ("missing_label", "random_state", "classes", "n_classes")
_MODELS = {"clf", "estimator", "discriminator", "ensemble"}
_MEMBERS = 5
_CLUSTERS = "cluster_algo_dict"


@cache
def adapt(path: str) -> type["Adapter"]:
    """Plug-in for the strategy with this import path; its options are those of the strategy.

    Raises
    ------
    PluginError
        If there is no such strategy, or it needs what the loop does not have.
    """
    strategies = {
        name: cls
        for name, cls in inspect.getmembers(skactiveml_pool, inspect.isclass)
        if issubclass(cls, SingleAnnotatorPoolQueryStrategy)
    }
    name = path.removeprefix(_PREFIX)
    if name not in strategies:
        usable = [name for name, cls in strategies.items() if not _refusal(cls)]
        raise PluginError(unknown("strategy of skactiveml.pool", name, usable))
    strategy = strategies[name]
    if reason := _refusal(strategy):
        raise PluginError(f"{path} cannot be used: {reason}.")
    options = [key for key in inspect.signature(strategy).parameters if key not in _SET_HERE]
    fields: dict[str, Any] = dict.fromkeys(options, (Any, None))
    adapter = create_model(path, __base__=Adapter, __doc__=Adapter.__doc__, **fields)
    adapter.strategy = strategy
    return adapter


def _refusal(strategy: Any) -> str:
    """Why a strategy cannot be used; empty if it can."""
    if "reg" in inspect.signature(strategy.query).parameters:
        return "it is for regression"
    if {"query_strategy", "enforce_mapping"} & inspect.signature(strategy).parameters.keys():
        return "it is not a strategy by itself"
    return ""


class Adapter(Strategy):
    """A strategy of scikit-activeml; an option that is not given has its default there."""

    NESTED: ClassVar[bool] = False  # scikit-activeml promises neither
    RANKED: ClassVar[bool] = False

    strategy: ClassVar[Any]

    @classmethod
    def registered_name(cls) -> str:
        """Import path of the strategy."""
        return cls.__name__

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by name: the class is made at run time."""
        return _unpickle, (self.registered_name(), self.model_dump(exclude_unset=True))

    def query(self, model: Any, pool: Pool, n: int, generator: np.random.Generator) -> Query:
        """Query ``n`` open rows; the informativeness is the utility when the row was chosen.

        The strategy sees the labelled rows and the open rows, whose labels are missing. A strategy
        with a committee gets five clones of the model, fitted to bootstrap samples.

        Raises
        ------
        ParamsError
            If the features are sparse.
        PluginError
            If the strategy refuses the model or an option.
        """
        name, rows, view = self.registered_name(), np.flatnonzero(pool.open), seen(model, pool)
        if not isinstance(view.features, np.ndarray):
            raise ParamsError(f"preprocess.sparse must be false: {name} takes no sparse features.")
        X = np.vstack([view.labelled, view.features[rows]])
        y = np.concatenate([pool.labels, np.full(len(rows), np.nan)])
        models = self._models(view, pool, generator)
        try:
            strategy = self._build(pool.n_classes, int(generator.integers(2**31)))
            chosen, utilities = strategy.query(X, y, **models, batch_size=n, return_utilities=True)
        except (TypeError, ValueError) as error:
            reason = " ".join(str(error).split()).removesuffix(".")
            raise PluginError(f"{name} refuses: {reason}.") from error
        informativeness = np.asarray(utilities, dtype=np.float64)[np.arange(n), chosen]
        return Query(rows[np.asarray(chosen) - pool.n_labelled], informativeness)

    def _build(self, n_classes: int, seed: int) -> Any:
        """Strategy with the options that were given, and what it asks about the task."""
        task = {"classes": list(range(n_classes)), "n_classes": n_classes, "random_state": seed}
        accepted = inspect.signature(self.strategy).parameters
        options: dict[str, Any] = {key: value for key, value in task.items() if key in accepted}
        options |= self.model_dump(exclude_unset=True)
        if _CLUSTERS in accepted:  # some do not seed their k-means
            options[_CLUSTERS] = {"random_state": seed} | (options.get(_CLUSTERS) or {})
        return self.strategy(**options, missing_label=np.nan)

    def _models(self, view: Seen, pool: Pool, generator: np.random.Generator) -> dict[str, Any]:
        """Classifiers that the query needs, by argument."""
        from sklearn.base import clone

        needed = inspect.signature(self.strategy.query).parameters.keys() & _MODELS
        if not needed:
            return {}
        classes = list(range(pool.n_classes))
        classifier = WithProbabilities(clone(view.model), classes=classes, missing_label=np.nan)
        if "ensemble" not in needed:
            return dict.fromkeys(needed, classifier)
        committee = [
            clone(classifier).fit(view.labelled[sample], pool.labels[sample])
            for sample in bootstraps(pool.labels, _MEMBERS, generator)
        ]
        return {"ensemble": committee, "fit_ensemble": False}


def _unpickle(path: str, options: dict[str, Any]) -> Adapter:
    return adapt(path)(**options)


class WithProbabilities(SklearnClassifier):  # type: ignore[misc]
    """Classifier as scikit-activeml takes it; without ``predict_proba``, as ``Prediction`` does."""

    def predict_proba(self, X: Any, **options: Any) -> NDArray[np.float64]:
        """Class probabilities, (n_rows, n_classes)."""
        if hasattr(self.estimator, "predict_proba"):
            return np.asarray(super().predict_proba(X, **options))
        return Prediction(self.estimator_, X, len(self.classes_)).probabilities
