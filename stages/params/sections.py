"""The sections of an experiment's params.yaml."""

from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from active_learning.analysis.targets import DEFAULT_TARGETS, RULE, Target, is_target
from active_learning.core import plugins
from active_learning.core.errors import ParamsError, unknown
from active_learning.core.sentences import listed
from active_learning.core.strict import Count, NResamples, Strict
from active_learning.data.columns import KindOption
from active_learning.data.dataset import Dataset
from stages.params.config import (
    PARAMS,
    PluginName,
    PluginSection,
    Seed,
    Share,
    Unique,
)
from stages.paths import slug

Size = Count | Annotated[float, Field(gt=0, lt=1)]
Positive = Annotated[float, Field(gt=0)]
Inches = Annotated[float, Field(gt=2, le=40)]


def _name(value: str) -> str:
    """Refuse names that cannot be file names, or that matplotlib omits from legends."""
    if not value[:1].isalnum() or not value.isprintable() or len(value.encode()) > LONGEST_NAME:
        raise ValueError(
            f"must be a string of at most {LONGEST_NAME} bytes that begins with a letter or digit"
        )
    return value


def _target(value: Target) -> Target:
    if not is_target(value):
        raise ValueError(RULE)
    return value


LONGEST_NAME = 200
Name = Annotated[str, AfterValidator(_name)]


class Generate(PluginSection):
    """Where the data comes from."""

    KIND: ClassVar[str] = "datasets"
    PLACE: ClassVar[str] = "generate"
    CHOICE: ClassVar[str] = "dataset"

    dataset: Annotated[str, PluginName("datasets")] = "synthetic"
    """Data set plug-in."""

    seed: Seed = 42
    """Seed of generated data."""

    kinds: dict[str, KindOption] = Field(default_factory=dict)
    """Kinds of columns for which the inferred kind is wrong."""

    checks: Literal["warn", "error", "off"] = "warn"
    """What to do about suspicious data."""


class Split(Strict):
    """How rows are split into test set, initial set and pool, and how often."""

    seed: Seed = 42
    """Seed of the splits; repeat r uses seed + r."""

    repeats: Annotated[int, Field(ge=1, le=10_000)] = 20
    """Number of splits, and of runs per strategy."""

    test_size: Size = 0.1
    """Size of the test set: a share of all rows, or a number of rows."""

    initial_size: Size = 0.1
    """Size of the initial set: a share of all rows outside the test set, or a number of rows."""

    scheme: Literal["train_test_split", "lu2023"] = "train_test_split"
    """Split by scikit-learn's function, or by the shuffles of Lu et al., and fit in their order."""

    stratify: bool = True
    """Keep the share of each class in the test set, and in a random initial set."""

    initial: Literal["random", "one_per_class", "k_center_greedy", "typiclust"] = "random"
    """How the initial set is chosen: at random, or by a strategy that needs no labels."""

    @model_validator(mode="after")
    def _check_lu2023(self) -> Self:
        if self.scheme != "lu2023":
            return self
        if self.stratify or self.initial != "random":
            raise ValueError("must have stratify false and initial random with scheme lu2023")
        if not isinstance(self.test_size, float) or not isinstance(self.initial_size, int):
            raise ValueError(  # noqa: TRY004 - pydantic handles ValueError only
                "must have a share as test_size and a number of rows as initial_size with scheme "
                f"lu2023; got {self.test_size} and {self.initial_size}"
            )
        return self


class Learner(PluginSection):
    """Which model is fitted."""

    KIND: ClassVar[str] = "learners"
    PLACE: ClassVar[str] = "learner"

    name: Name = "logistic_regression"
    """Name of an entry or a learner, or import path of a classifier."""

    seed: Seed = 42
    """Seed of the learner; repeat r uses seed + r."""

    standardize: bool = False
    """Scale features to mean 0 and variance 1 over initial set and pool."""


class Evaluation(Strict):
    """How a model is scored on the test set."""

    scorers: Annotated[list[Annotated[str, PluginName("scorers")]], Field(min_length=1), Unique] = [
        "accuracy",
        "balanced_accuracy",
        "log_loss",
    ]
    """Scorers; strategies are compared by the first, the headline score."""

    def plugins(self) -> dict[str, Any]:
        """Scorers by name, in order."""
        return {name: plugins.load("scorers", name)() for name in self.scorers}


class Oracle(PluginSection):
    """Who answers the queries."""

    KIND: ClassVar[str] = "oracles"
    PLACE: ClassVar[str] = "oracle"

    name: Annotated[str, PluginName("oracles")] = "simulated"
    """Oracle plug-in."""

    seed: Seed = 42
    """Seed of the oracle; repeat r uses seed + r."""


class Strategies(PluginSection):
    """Options of the query strategies."""

    KIND: ClassVar[str] = "strategies"
    PLACE: ClassVar[str] = "strategies"
    CHOICE: ClassVar[str] = ""


def _class_names(costs: Any) -> Any:
    """Convert keys to the names of classes in tables: ``0`` and ``0.0`` become ``"0"``."""
    if not isinstance(costs, dict):
        return costs
    return {_class_name(key): cost for key, cost in costs.items()}


def _class_name(key: Any) -> Any:
    """Name of a class as ``generate`` writes it."""
    if isinstance(key, float) and key.is_integer():
        key = int(key)
    return str(key) if isinstance(key, int) else key


class QueryLoop(Strict):
    """How labels are bought."""

    strategies: Annotated[list[Name], Field(min_length=1), Unique] = ["least_confidence", "random"]
    """Names of entries in ``strategies`` or of strategies, or import paths of strategies."""

    seed: Seed = 42
    """Seed of the strategies; repeat r uses seed + r."""

    budget: Count = 20
    """Labels to buy after the initial ones; fewer if the pool runs out."""

    batch_size: Count = 1
    """Labels bought between two fits."""

    class_costs: Annotated[dict[str, Positive], BeforeValidator(_class_names)] = Field(
        default_factory=dict
    )
    """Cost of a label by class; empty: the costs in the table, if any."""

    cost_budget: Positive | None = None
    """Maximum total cost: a run ends before a batch that would exceed it; null: no limit."""

    @model_validator(mode="before")
    @classmethod
    def _refuse_wrappers(cls, values: Any) -> Any:
        if isinstance(values, dict) and "wrappers" in values:
            raise ValueError("wrappers is no longer a key; name its strategies in strategies.")
        return values

    @field_validator("strategies")
    @classmethod
    def _folders_differ(cls, names: list[str]) -> list[str]:
        folders: dict[str, str] = {}
        for name in names:
            other = folders.setdefault(slug(name).casefold(), name)
            if other != name:
                raise ValueError(f"{other} and {name} would share the folder {slug(name)}")
        return names

    @field_validator("batch_size", mode="before")
    @classmethod
    def _within_budget(cls, value: Any, info: ValidationInfo) -> Any:
        budget = info.data.get("budget")
        if budget and (type(value) is not int or not 1 <= value <= budget):
            raise ValueError(f"must be an int in [1, {budget}] (the budget)")
        return value

    def row_costs(self, data: Dataset) -> NDArray[np.float64] | None:
        """Cost of the label of each row; ``None`` without costs.

        Raises
        ------
        ParamsError
            If a class has no cost, costs are given twice, or there is only a cost budget.
        """
        place = f"{PARAMS}: query_loop"
        if not self.class_costs:
            if data.costs is None and self.cost_budget is not None:
                raise ParamsError(
                    f"{place}.cost_budget must be null without costs: set query_loop.class_costs, "
                    f"or add a column of costs to the table; got {self.cost_budget}."
                )
            return data.costs
        if data.costs is not None:
            raise ParamsError(f"{place}.class_costs must be {{}}, since the table has costs.")
        for name in self.class_costs:
            if name not in data.classes:
                raise ParamsError(f"{place}.class_costs: {unknown('class', name, data.classes)}")
        if missing := [repr(name) for name in data.classes if name not in self.class_costs]:
            raise ParamsError(
                f"{place}.class_costs must have every class; missing: {listed(missing)}."
            )
        return np.array([self.class_costs[name] for name in data.classes])[data.labels]


class Stopping(PluginSection):
    """When to stop buying labels."""

    KIND: ClassVar[str] = "stopping"
    PLACE: ClassVar[str] = "stopping"

    rules: Annotated[list[Annotated[str, PluginName("stopping")]], Unique] = [
        "stabilising_predictions"
    ]
    """Stopping rules that are checked during every run; [] disables them."""

    binding: str | None = None
    """Rule that ends a run; null: runs use their whole budget."""

    every: Count = 5
    """Labels bought between two checks, rounded up to whole batches."""

    stop_set: Count | None = 1000
    """Number of rows of the pool that rules are computed on; null: the whole pool."""

    estimate: Literal["cross_validation", "test"] = "cross_validation"
    """Score estimate for the rules: cross-validated on the labelled rows, or on the test set."""

    folds: Annotated[int, Field(ge=2, le=100)] = 5
    """Folds of the cross-validation."""

    seed: Seed = 42
    """Seed of stop set and folds; repeat r uses seed + r."""

    @field_validator("binding")
    @classmethod
    def _is_a_rule(cls, value: str | None, info: ValidationInfo) -> str | None:
        rules = info.data.get("rules")
        if value is not None and rules is not None and value not in rules:
            raise ValueError(f"must be null or one of stopping.rules ({', '.join(rules)})")
        return value


class Compare(Strict):
    """How the strategies are compared."""

    seed: Seed = 42
    """Seed of the bootstraps: of the label savings, and of what more labels would bring."""

    confidence: Share = 0.95
    """Confidence level of intervals; tests use the significance level 1 − confidence."""

    power: Share = 0.8
    """Power of the smallest detectable difference, and of the number of repeats."""

    difference: Positive = 0.01
    """Difference in the headline score to report the number of repeats for that would detect it."""

    n_resamples: NResamples = 9999
    """Bootstrap samples for the interval of the label savings."""

    targets: list[Annotated[Target, AfterValidator(_target)]] = list(DEFAULT_TARGETS)
    """Report the number of labels for these headline scores; 50% is half of the gap from initial
    score to ceiling."""


class Plot(Strict):
    """Title and size of the figures."""

    title: str | None = None
    """Title of the learning curves; null: no title."""

    width: Inches = 7.0
    """Width in inches."""

    height: Inches = 4.3
    """Height in inches."""

    dpi: Annotated[int, Field(ge=50, le=600)] = 144
    """Resolution of PNG files in dots per inch."""
