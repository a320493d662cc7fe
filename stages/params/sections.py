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

from active_learning.core import plugins
from active_learning.core.errors import ParamsError, unknown
from active_learning.core.strict import Count, NResamples, Strict
from active_learning.data.columns import Kind
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
    """Refuse what could be no name of a file, or would be left out of a legend."""
    if not value[:1].isalnum() or not value.isprintable() or len(value.encode()) > LONGEST_NAME:
        raise ValueError(
            f"must be a text of at most {LONGEST_NAME} bytes that begins with a letter or digit"
        )
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
    """Seed of data that is drawn."""

    kinds: dict[str, Kind] = Field(default_factory=dict)
    """Kind of a column, where the rules get it wrong."""

    checks: Literal["warn", "error", "off"] = "warn"
    """What to do with suspicious data."""


class Preprocess(Strict):
    """How the columns of a table become features."""

    visible: Literal["pool", "labelled"] = "pool"
    """Rows that it learns from, never their labels: initial set and pool, or those labelled."""

    min_frequency: Count = 5
    """Rows that a category or a word must be in to have a feature of its own."""

    dtype: Literal["float64", "float32"] = "float64"
    """Numbers of the features: float32 takes half the memory, and has seven digits."""

    sparse: Literal["auto"] | bool = "auto"
    """Keep zeros out of memory: true, false, or where the features are large and mostly zeros."""


class Split(Strict):
    """Who is tested on, who is labelled first, and how often this is drawn anew."""

    seed: Seed = 42
    """Repeat r is cut with seed + r."""

    repeats: Annotated[int, Field(ge=1, le=10_000)] = 20
    """Number of splits, and so of runs of the loop."""

    test_size: Size = 0.1
    """Test set: a share of all rows, or a number of rows."""

    initial_size: Size = 0.1
    """Labelled from the start: a share of what is not test, or a number of rows."""

    scheme: Literal["train_test_split", "lu2023"] = "train_test_split"
    """Cut by scikit-learn's function, or by the shuffles of Lu et al.; those do not stratify."""

    stratify: bool = True
    """Keep the share of each class in the test set, and in an initial set drawn at random."""

    initial: Literal["random", "one_per_class", "k_center_greedy", "typiclust"] = "random"
    """How the initial set is chosen: at random, or by a strategy that needs no labels."""

    @model_validator(mode="after")
    def _lu2023_is_as_they_did(self) -> Self:
        if self.scheme != "lu2023":
            return self
        if self.stratify or self.initial != "random":
            raise ValueError("must have stratify false and initial random with scheme lu2023")
        if not isinstance(self.test_size, float) or not isinstance(self.initial_size, int):
            raise ValueError(  # noqa: TRY004 - pydantic explains a ValueError only
                "must have a share as test_size and a number of rows as initial_size with scheme "
                f"lu2023; got {self.test_size} and {self.initial_size}"
            )
        return self


class Learner(PluginSection):
    """Which model is taught."""

    KIND: ClassVar[str] = "learners"
    PLACE: ClassVar[str] = "learner"

    name: Name = "logistic_regression"
    """Name of an entry, of a learner, or the import path of a classifier."""

    seed: Seed = 42
    """Seed of a learner that uses random numbers; repeat r takes seed + r."""

    standardize: bool = False
    """Give the learner features of mean 0 and variance 1 over initial set and pool."""


class Evaluation(Strict):
    """How a model is judged on the test set."""

    scorers: Annotated[list[Annotated[str, PluginName("scorers")]], Field(min_length=1), Unique] = [
        "accuracy",
        "balanced_accuracy",
        "log_loss",
    ]
    """Scorer plug-ins; the first is the headline."""

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
    """Seed of an oracle that uses random numbers; repeat r takes seed + r."""


class Strategies(PluginSection):
    """Options of the query strategies."""

    KIND: ClassVar[str] = "strategies"
    PLACE: ClassVar[str] = "strategies"
    CHOICE: ClassVar[str] = ""


def _class_names(costs: Any) -> Any:
    """Costs by names of classes, which are texts in the tables: ``0`` and ``0.0`` are ``"0"``."""
    if not isinstance(costs, dict):
        return costs
    return {_class_name(key): cost for key, cost in costs.items()}


def _class_name(key: Any) -> Any:
    """Name of a class as ``generate`` writes it: also of true and false, which YAML knows."""
    if isinstance(key, float) and key.is_integer():
        key = int(key)
    return str(key) if isinstance(key, int) else key


class QueryLoop(Strict):
    """How labels are bought."""

    strategies: Annotated[list[Name], Field(min_length=1), Unique] = ["least_confidence", "random"]
    """Names of entries in ``strategies``, of strategies, or import paths of strategies."""

    seed: Seed = 42
    """Seed of strategies that use random numbers; repeat r takes seed + r."""

    budget: Count = 20
    """Labels to buy after the initial ones; the loop ends before that if the pool is empty."""

    batch_size: Count = 1
    """Labels bought between two fits."""

    class_costs: Annotated[dict[str, Positive], BeforeValidator(_class_names)] = Field(
        default_factory=dict
    )
    """What a label costs, by the class of the row; none: what the table says, if it does."""

    cost_budget: Positive | None = None
    """Most to pay in all: a run ends before a batch that would go beyond it; null: no limit."""

    @model_validator(mode="before")
    @classmethod
    def _one_list(cls, values: Any) -> Any:
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
        """What the label of each row costs, ``None`` where no costs are given.

        Raises
        ------
        ParamsError
            If a class has no cost, or costs are given twice, or are needed and not given.
        """
        place = f"{PARAMS}: query_loop"
        if not self.class_costs:
            if data.costs is None and self.cost_budget is not None:
                raise ParamsError(
                    f"{place}.cost_budget must be null where nothing has a cost: give "
                    f"query_loop.class_costs, or the table a column of costs; "
                    f"got {self.cost_budget}."
                )
            return data.costs
        if data.costs is not None:
            raise ParamsError(f"{place}.class_costs must be {{}}: the table has costs of its own.")
        for name in self.class_costs:
            if name not in data.classes:
                raise ParamsError(f"{place}.class_costs: {unknown('class', name, data.classes)}")
        for name in data.classes:
            if name not in self.class_costs:
                raise ParamsError(f"{place}.class_costs must name every class; got no {name!r}.")
        return np.array([self.class_costs[name] for name in data.classes])[data.labels]


class Stopping(PluginSection):
    """When to stop buying labels."""

    KIND: ClassVar[str] = "stopping"
    PLACE: ClassVar[str] = "stopping"

    rules: Annotated[list[Annotated[str, PluginName("stopping")]], Unique] = [
        "stabilising_predictions"
    ]
    """Stopping rule plug-ins that look at every run; none: nothing is looked at."""

    binding: str | None = None
    """Rule that ends a run; null: all go on to the end of their budget."""

    every: Count = 5
    """Labels bought between two looks, rounded up to whole batches."""

    stop_set: Count | None = 1000
    """Rows of the pool that rules look at; null: the whole pool."""

    estimate: Literal["cross_validation", "test"] = "cross_validation"
    """Score that rules see: cross-validated on the labelled rows, or that of the test set."""

    folds: Annotated[int, Field(ge=2, le=100)] = 5
    """Folds of the cross-validation."""

    seed: Seed = 42
    """Seed of stop set and folds; repeat r takes seed + r."""

    @field_validator("binding")
    @classmethod
    def _is_a_rule(cls, value: str | None, info: ValidationInfo) -> str | None:
        rules = info.data.get("rules")
        if value is not None and rules is not None and value not in rules:
            raise ValueError(f"must be null or one of stopping.rules ({', '.join(rules)})")
        return value


class Compare(Strict):
    """How the strategies are judged."""

    seed: Seed = 42
    """Seed of the bootstrap."""

    confidence: Share = 0.95
    """Confidence of the intervals; a test is significant below 1 − confidence."""

    power: Share = 0.8
    """Chance with which the smallest detectable difference would be seen."""

    difference: Positive = 0.01
    """Difference in the headline score for which the repeats to see it are counted."""

    n_resamples: NResamples = 9999
    """Bootstrap samples."""

    targets: list[float] = [0.87, 0.88]
    """Headline scores for which the labels to reach them are counted."""


class Plot(Strict):
    """What the figures look like."""

    title: str | None = None
    """Above the learning curves; null: none."""

    width: Inches = 7.0
    """Inches."""

    height: Inches = 4.3
    """Inches."""

    dpi: Annotated[int, Field(ge=50, le=600)] = 144
    """Dots per inch of the PNG files."""
