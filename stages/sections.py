"""The sections of params.yaml that more than one stage reads."""

from typing import Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from active_learning.base import config, plugins
from active_learning.base.errors import ParamsError, unknown


class Learner(config.PluginSection):
    """Which model is taught."""

    KIND: ClassVar[str] = "learners"

    name: Annotated[str, config.PluginName("learners")]
    """Learner plug-in."""

    seed: config.Seed
    """Seed of a learner that draws lots; repeat r takes seed + r."""

    standardize: bool
    """Give the learner features of mean 0 and variance 1 over initial set and pool."""


class Evaluation(config.Section):
    """How a model is judged on the test set."""

    scorers: Annotated[
        list[Annotated[str, config.PluginName("scorers")]],
        Field(min_length=1),
        AfterValidator(config.unique),
    ]
    """Scorer plug-ins; the first is the headline."""

    def plugins(self) -> dict[str, Any]:
        """Scorers by name, in order."""
        return {name: plugins.load("scorers", name)() for name in self.scorers}


class Strategies(config.OptionsSection):
    """Options of the query strategies."""

    KIND: ClassVar[str] = "strategies"


Cost = Annotated[float, Field(gt=0)]


def named(costs: Any) -> Any:
    """Costs by names of classes, which are texts in the tables: ``0`` and ``0.0`` are ``"0"``."""
    if not isinstance(costs, dict):
        return costs
    return {_as_text(name): cost for name, cost in costs.items()}


def _as_text(name: Any) -> Any:
    """Name of a class as ``generate`` writes it: also of true and false, which YAML knows."""
    if isinstance(name, float) and name.is_integer():
        name = int(name)
    return str(name) if isinstance(name, int) else name


class QueryLoop(config.Section):
    """How labels are bought."""

    strategies: Annotated[
        list[Annotated[str, config.PluginName("strategies")]],
        Field(min_length=1),
        AfterValidator(config.unique),
    ]
    """Strategy plug-ins; one run of the stage for each."""

    wrappers: Annotated[
        list[Annotated[str, config.PluginName("strategies", families=True)]],
        AfterValidator(config.unique),
    ] = Field(default_factory=list)
    """Strategy plug-ins that call others, or names of another package's; one run for each."""

    seed: config.Seed
    """Seed of strategies that draw lots; repeat r takes seed + r."""

    budget: Annotated[int, Field(ge=1)]
    """Labels to buy after the initial ones; the loop ends before that if the pool is empty."""

    batch_size: Annotated[int, Field(ge=1)]
    """Labels bought between two fits."""

    @property
    def names(self) -> list[str]:
        """All strategies that are run, in order."""
        return [*self.strategies, *self.wrappers]

    @field_validator("strategies", mode="before")
    @classmethod
    def _of_this_project(cls, strategies: Any) -> Any:
        for name in strategies if isinstance(strategies, list) else []:
            family, colon, _ = str(name).partition(":")
            if colon and family in plugins.families("strategies"):
                raise ValueError(
                    f"must not name {name}, which is of another package; name it in "
                    "query_loop.wrappers"
                )
        return strategies

    @field_validator("wrappers")
    @classmethod
    def _once(cls, wrappers: list[str], info: ValidationInfo) -> list[str]:
        config.unique([*info.data.get("strategies", []), *wrappers])
        return wrappers

    class_costs: Annotated[dict[str, Cost], BeforeValidator(named)]
    """What a label costs, by the class of the row; none: what the table says, if it does."""

    cost_budget: Cost | None
    """Most to pay in all: a run ends before a batch that would go beyond it; null: no limit."""

    def row_costs(self, data: Any) -> NDArray[np.float64] | None:
        """What the label of each row of a ``Dataset`` costs; ``None`` where no costs are given.

        Raises
        ------
        ParamsError
            If a class has no cost, or costs are given twice, or are needed and not given.
        """
        place = f"{config.PARAMS}: query_loop"
        costs: NDArray[np.float64] | None = data.costs
        if not self.class_costs:
            if costs is None and self.cost_budget is not None:
                raise ParamsError(
                    f"{place}.cost_budget must be null where nothing has a cost: give "
                    f"query_loop.class_costs, or the table a column of costs; "
                    f"got {self.cost_budget}."
                )
            return costs
        if costs is not None:
            raise ParamsError(f"{place}.class_costs must be {{}}: the table has costs of its own.")
        for name in self.class_costs:
            if name not in data.classes:
                what = unknown("class", name, data.classes)
                if name in ("True", "False"):
                    what += "; in YAML yes, no, on and off are True and False, but for quotes"
                raise ParamsError(f"{place}.class_costs.{name} {what}.")
        for name in data.classes:
            if name not in self.class_costs:
                raise ParamsError(f"{place}.class_costs must name every class; got no {name!r}.")
        labels: NDArray[np.int64] = data.labels
        return np.array([self.class_costs[name] for name in data.classes])[labels]

    @field_validator("batch_size", mode="before")
    @classmethod
    def _within_budget(cls, value: Any, info: ValidationInfo) -> Any:
        budget = info.data.get("budget")
        if budget and (type(value) is not int or not 1 <= value <= budget):
            raise ValueError(f"must be an int in [1, {budget}] (the budget)")
        return value
