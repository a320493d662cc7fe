"""The section ``stopping``, and the table of what its rules looked at."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
import pandas as pd
from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from active_learning.base import config, plugins
from active_learning.base.errors import unknown
from active_learning.loop.simulate import Run
from active_learning.loop.stopping import Plan


class Stopping(config.PluginSection):
    """When to stop buying labels."""

    KIND: ClassVar[str] = "stopping"

    rules: Annotated[
        list[Annotated[str, config.PluginName("stopping")]], AfterValidator(config.unique)
    ]
    """Stopping rule plug-ins that look at every run; none: nothing is looked at."""

    binding: str | None
    """Rule that ends a run; null: all go on to the end of their budget."""

    every: Annotated[int, Field(ge=1)]
    """Labels bought between two looks, rounded up to whole batches."""

    stop_set: Annotated[int, Field(ge=1)] | None
    """Rows of the pool that rules look at; null: the whole pool."""

    estimate: Literal["cross_validation", "test"]
    """Score that rules see: cross-validated on the labelled rows, or that of the test set."""

    folds: Annotated[int, Field(ge=2)]
    """Folds of the cross-validation."""

    seed: config.Seed
    """Seed of stop set and folds; repeat r takes seed + r."""

    @classmethod
    def model_for(cls, values: Any) -> type[Self]:
        """Model with the options of the rules that ``values`` names."""
        chosen = values.get("rules") if isinstance(values, Mapping) else None
        checked = chosen if isinstance(chosen, list) else []
        return config.with_options(cls, cls.KIND, plugins.available(cls.KIND), checked)

    @field_validator("binding")
    @classmethod
    def _listed(cls, value: str | None, info: ValidationInfo) -> str | None:
        rules = info.data.get("rules")
        if value is not None and rules is not None and value not in rules:
            raise ValueError(unknown("rule of stopping.rules", value, rules))
        return value

    def in_use(self) -> dict[str, Any]:
        """What the runs depend on: without rules, nothing."""
        unused = set(plugins.available(self.KIND)) - set(self.rules)
        return self.model_dump(exclude=unused) if self.rules else {}

    def plan(self, repeat: int) -> Plan:
        """Plan of one repeat."""
        return Plan(
            rules={name: getattr(self, name) for name in self.rules},
            binding=self.binding,
            every=self.every,
            stop_set=self.stop_set,
            estimate=self.estimate,
            folds=self.folds,
            seed=self.seed + repeat,
        )


COLUMNS = {
    "repeat": "int64",
    "step": "int64",
    "labels": "int64",
    "rule": "str",
    "value": "float64",
    "stopped": "bool",
    "binding": "bool",
}


def stop_table(plan: Plan, batch_size: int, n_initial: int, repeat: int, run: Run) -> pd.DataFrame:
    """What each rule looked at in one repeat, when, and from when on it says to stop."""
    steps = np.arange(len(run.looks)) * plan.steps(batch_size)
    rows = [
        (repeat, step, n_initial + bought, name, value, stopped, name == plan.binding)
        for name, values in zip(plan.rules, run.looks.T, strict=True)
        for step, bought, value, stopped in zip(
            steps, run.bought[steps], values, plan.stopped(name, values), strict=True
        )
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)
