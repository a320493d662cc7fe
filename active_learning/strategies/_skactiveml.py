"""The pool strategies of scikit-activeml, by name: ``skactiveml:ProbCover``.

Reference: Kottke et al., "scikit-activeml: a library and toolbox for active learning algorithms",
2021. Needs the optional package scikit-activeml.
"""

import inspect
from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import create_model
from sklearn.base import BaseEstimator, ClassifierMixin, clone

from active_learning.core.errors import ParamsError, PluginError, unknown
from active_learning.core.plugins import Plugin
from active_learning.core.pool import Pool, Query
from active_learning.core.prediction import Prediction
from active_learning.strategies._geometry import Seen, seen, stacked
from active_learning.strategies._samples import bootstraps

try:
    from skactiveml import pool as theirs
    from skactiveml.base import SingleAnnotatorPoolQueryStrategy
    from skactiveml.classifier import SklearnClassifier
except ImportError as error:
    raise PluginError(
        "Strategies of scikit-activeml need the package scikit-activeml; `make extras` installs it."
    ) from error

# Set here, so that they are no options; `classes` and `n_classes` where a strategy wants them.
_OURS = ("missing_label", "random_state", "classes", "n_classes")
_MODELS = ("clf", "estimator", "discriminator", "ensemble")
_MEMBERS = 5
_CLUSTERS = "cluster_algo_dict"


@cache
def member(name: str) -> type["Member"]:
    """Plug-in for one strategy of ``skactiveml.pool``; its options are those of the strategy.

    Raises
    ------
    PluginError
        If there is no such strategy, or it wants what the loop does not have.
    """
    known: dict[str, Any] = {
        name: cls
        for name in theirs.__all__
        if inspect.isclass(cls := getattr(theirs, name))
        and issubclass(cls, SingleAnnotatorPoolQueryStrategy)
    }
    refused = {name: reason for name, cls in known.items() if (reason := _refusal(cls))}
    if name in refused:
        raise PluginError(f"'skactiveml:{name}' cannot be used: {refused[name]}.")
    if name not in known:
        names = known.keys() - refused.keys()
        raise PluginError(unknown("strategy of scikit-activeml", name, names))
    options = [key for key in inspect.signature(known[name]).parameters if key not in _OURS]
    fields: dict[str, Any] = dict.fromkeys(options, (Any, None))
    made = create_model(f"skactiveml:{name}", __base__=Member, __doc__=Member.__doc__, **fields)
    made.strategy = known[name]
    wanted = inspect.signature(known[name].query).parameters
    made.wants = next((key for key in wanted if key in _MODELS), "")
    return made


def _refusal(strategy: Any) -> str:
    """Why a strategy cannot be used; empty if it can."""
    if "reg" in inspect.signature(strategy.query).parameters:
        return "it is for regression"
    if {"query_strategy", "enforce_mapping"} & inspect.signature(strategy).parameters.keys():
        return "it is no strategy by itself"
    return ""


class Member(Plugin):
    """One strategy of scikit-activeml; an option that is not given has its default there."""

    NESTED: ClassVar[bool] = False  # nothing is known of it
    RANKED: ClassVar[bool] = False

    strategy: ClassVar[Any]
    wants: ClassVar[str]

    @classmethod
    def registered_name(cls) -> str:
        """Name in the registry."""
        return cls.__name__

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by name: the class is made at run time."""
        return _remade, (self.strategy.__name__, self.options)

    @property
    def options(self) -> dict[str, Any]:
        """Options that were given."""
        return {key: getattr(self, key) for key in sorted(self.model_fields_set)}

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
        rows = np.flatnonzero(pool.open)
        shown = seen(model, pool)
        if not isinstance(shown.features, np.ndarray):
            raise ParamsError(
                f"params.yaml: preprocess.sparse must be false: {self.registered_name()} takes no "
                "sparse features."
            )
        X = stacked(shown.labelled, shown.features[rows])
        y = np.concatenate([pool.labels, np.full(len(rows), np.nan)])
        models = self._models(shown, pool, generator)
        try:
            made = self._made(pool.n_classes, int(generator.integers(2**31)))
            chosen, utilities = made.query(X, y, **models, batch_size=n, return_utilities=True)
        except (TypeError, ValueError) as error:
            reason = " ".join(str(error).split()).removesuffix(".")
            raise PluginError(f"{self.registered_name()} refuses: {reason}.") from error
        found = np.asarray(utilities)[np.arange(n), chosen]
        return Query(rows[np.asarray(chosen) - pool.n_labelled], found.astype(np.float64))

    def _made(self, n_classes: int, seed: int) -> Any:
        """Strategy with the options that were given, and what it wants to know of the task."""
        known = {"classes": list(range(n_classes)), "n_classes": n_classes, "random_state": seed}
        wanted = inspect.signature(self.strategy).parameters
        options = {key: value for key, value in known.items() if key in wanted} | self.options
        if _CLUSTERS in wanted:  # some give their k-means no seed
            options[_CLUSTERS] = {"random_state": seed} | (self.options.get(_CLUSTERS) or {})
        return self.strategy(**options, missing_label=np.nan)

    def _models(self, shown: Seen, pool: Pool, generator: np.random.Generator) -> dict[str, Any]:
        """Classifiers that the query wants, by the name under which it wants them."""
        estimator = shown.model
        if not hasattr(estimator, "predict_proba"):
            estimator = WithProbabilities(estimator)
        classifier = SklearnClassifier(
            clone(estimator), classes=list(range(pool.n_classes)), missing_label=np.nan
        )
        if self.wants != "ensemble":
            return {self.wants: classifier} if self.wants else {}
        committee = [
            clone(classifier).fit(shown.labelled[sample], pool.labels[sample])
            for sample in bootstraps(pool.labels, _MEMBERS, generator)
        ]
        return {"ensemble": committee, "fit_ensemble": False}


class WithProbabilities(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Classifier that has decision values only, with probabilities as ``Prediction`` gives them."""

    def __init__(self, estimator: Any) -> None:
        self.estimator = estimator

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit a clone."""
        self.estimator_ = clone(self.estimator).fit(X, y, sample_weight)
        self.classes_ = self.estimator_.classes_
        return self

    def predict(self, X: Any) -> NDArray[np.int64]:
        """Predicted classes."""
        return np.asarray(self.estimator_.predict(X))

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Probabilities of the classes that were seen."""
        seen = np.asarray(self.classes_, dtype=np.int64)
        return Prediction(self.estimator_, X, int(seen.max()) + 1).probabilities[:, seen]


def _remade(name: str, options: Mapping[str, Any]) -> Member:
    return member(name)(**options)
