"""The sections of an experiment's params.yaml."""

import re
from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import (
    BeforeValidator,
    ConfigDict,
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
    refuse_duplicates,
)

Size = Count | Annotated[float, Field(gt=0, lt=1)]
Positive = Annotated[float, Field(gt=0)]
Inches = Annotated[float, Field(gt=2, le=40)]
StrategyName = Annotated[str, PluginName("strategies")]
IMPORT_PATH = f"^{re.escape(plugins.SKACTIVEML)}"
WrapperName = Annotated[
    StrategyName | Annotated[str, Field(pattern=IMPORT_PATH)],
    BeforeValidator(plugins.refuse_colon),
]


class Generate(PluginSection):
    """Where the data comes from."""

    KIND: ClassVar[str] = "datasets"
    CHOICE: ClassVar[str] = "dataset"

    dataset: Annotated[str, PluginName("datasets")]
    """Data set plug-in."""

    seed: Seed
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

    seed: Seed
    """Repeat r is cut with seed + r."""

    repeats: Annotated[int, Field(ge=1, le=10_000)]
    """Number of splits, and so of runs of the loop."""

    test_size: Size
    """Test set: a share of all rows, or a number of rows."""

    initial_size: Size
    """Labelled from the start: a share of what is not test, or a number of rows."""

    scheme: Literal["train_test_split", "lu2023"]
    """Cut by scikit-learn's function, or by the shuffles of Lu et al.; those do not stratify."""

    stratify: bool
    """Keep the share of each class in the test set, and in an initial set drawn at random."""

    initial: Literal["random", "one_per_class", "k_center_greedy", "typiclust"]
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

    name: Annotated[str, PluginName("learners")]
    """Learner plug-in."""

    seed: Seed
    """Seed of a learner that uses random numbers; repeat r takes seed + r."""

    standardize: bool
    """Give the learner features of mean 0 and variance 1 over initial set and pool."""


class Evaluation(Strict):
    """How a model is judged on the test set."""

    scorers: Annotated[list[Annotated[str, PluginName("scorers")]], Field(min_length=1), Unique]
    """Scorer plug-ins; the first is the headline."""

    def plugins(self) -> dict[str, Any]:
        """Scorers by name, in order."""
        return {name: plugins.load("scorers", name)() for name in self.scorers}


class Oracle(PluginSection):
    """Who answers the queries."""

    KIND: ClassVar[str] = "oracles"

    name: Annotated[str, PluginName("oracles")]
    """Oracle plug-in."""

    seed: Seed
    """Seed of an oracle that uses random numbers; repeat r takes seed + r."""


class Strategies(PluginSection):
    """Options of the query strategies."""

    KIND: ClassVar[str] = "strategies"
    model_config = ConfigDict(
        json_schema_extra={"patternProperties": {IMPORT_PATH: {"type": "object"}}}
    )

    @model_validator(mode="before")
    @classmethod
    def _leave_out_unused(cls, values: Any) -> Any:
        """Leave out options of strategies of scikit-activeml, but for the one that runs."""
        if not isinstance(values, dict):
            return values
        names = {str(plugins.refuse_colon(name)) for name in values} - cls.model_fields.keys()
        unused = {name for name in names if name.startswith(plugins.SKACTIVEML)}
        return {name: options for name, options in values.items() if name not in unused}


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

    strategies: Annotated[list[StrategyName], Field(min_length=1), Unique]
    """Strategy plug-ins; one run of the stage for each."""

    wrappers: Annotated[list[WrapperName], Unique] = Field(default_factory=list)
    """Strategies that call others, or import paths of scikit-activeml's; one run for each."""

    seed: Seed
    """Seed of strategies that use random numbers; repeat r takes seed + r."""

    budget: Count
    """Labels to buy after the initial ones; the loop ends before that if the pool is empty."""

    batch_size: Count
    """Labels bought between two fits."""

    class_costs: Annotated[dict[str, Positive], BeforeValidator(_class_names)]
    """What a label costs, by the class of the row; none: what the table says, if it does."""

    cost_budget: Positive | None
    """Most to pay in all: a run ends before a batch that would go beyond it; null: no limit."""

    @property
    def names(self) -> list[str]:
        """All strategies that are run, in order."""
        return [*self.strategies, *self.wrappers]

    @field_validator("wrappers")
    @classmethod
    def _once(cls, wrappers: list[str], info: ValidationInfo) -> list[str]:
        refuse_duplicates([*info.data.get("strategies", []), *wrappers])
        return wrappers

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

    rules: Annotated[list[Annotated[str, PluginName("stopping")]], Unique]
    """Stopping rule plug-ins that look at every run; none: nothing is looked at."""

    binding: str | None
    """Rule that ends a run; null: all go on to the end of their budget."""

    every: Count
    """Labels bought between two looks, rounded up to whole batches."""

    stop_set: Count | None
    """Rows of the pool that rules look at; null: the whole pool."""

    estimate: Literal["cross_validation", "test"]
    """Score that rules see: cross-validated on the labelled rows, or that of the test set."""

    folds: Annotated[int, Field(ge=2, le=100)]
    """Folds of the cross-validation."""

    seed: Seed
    """Seed of stop set and folds; repeat r takes seed + r."""

    @classmethod
    def chosen(cls, values: dict[str, Any]) -> list[Any]:
        """Rules that these values name."""
        rules = values.get("rules")
        return rules if isinstance(rules, list) else []

    @field_validator("binding")
    @classmethod
    def _is_a_rule(cls, value: str | None, info: ValidationInfo) -> str | None:
        rules = info.data.get("rules")
        if value is not None and rules is not None and value not in rules:
            raise ValueError(f"must be null or one of stopping.rules ({', '.join(rules)})")
        return value

    def in_use(self) -> dict[str, Any]:
        """What the runs depend on: without rules, nothing."""
        unused = set(plugins.available(self.KIND)) - set(self.rules)
        return self.model_dump(exclude=unused) if self.rules else {}


class Compare(Strict):
    """How the strategies are judged."""

    seed: Seed
    """Seed of the bootstrap."""

    confidence: Share
    """Confidence of the intervals; a test is significant below 1 − confidence."""

    power: Share
    """Chance with which the smallest detectable difference would be seen."""

    difference: Positive
    """Difference in the headline score for which the repeats to see it are counted."""

    n_resamples: NResamples
    """Bootstrap samples."""

    targets: list[float]
    """Headline scores for which the labels to reach them are counted."""


class Plot(Strict):
    """What the figures look like."""

    title: str | None
    """Above the learning curves; null: none."""

    width: Inches
    """Inches."""

    height: Inches
    """Inches."""

    dpi: Annotated[int, Field(ge=50, le=600)]
    """Dots per inch of the PNG files."""
