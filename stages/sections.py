"""The sections of params.yaml that more than one stage reads."""

from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from active_learning.base import config, plugins


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

    @field_validator("wrappers")
    @classmethod
    def _once(cls, wrappers: list[str], info: ValidationInfo) -> list[str]:
        config.unique([*info.data.get("strategies", []), *wrappers])
        return wrappers

    @field_validator("batch_size", mode="before")
    @classmethod
    def _within_budget(cls, value: Any, info: ValidationInfo) -> Any:
        budget = info.data.get("budget")
        if budget and (type(value) is not int or not 1 <= value <= budget):
            raise ValueError(f"must be an int in [1, {budget}] (the budget)")
        return value
