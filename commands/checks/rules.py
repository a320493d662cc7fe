"""The rules of ``checks.yaml``: bounds on metrics, each with its reason."""

from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from active_learning.core.strict import Strict
from stages.params.config import read_mapping, validate

CHECKS = Path("checks.yaml")

Finite = Annotated[float, Field(allow_inf_nan=False)]
Distance = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Text = Annotated[str, Field(min_length=1)]


class Rule(Strict):
    """Bounds on one metric, or on all that a pattern names."""

    metric: Text
    """Value of metrics/strategies.json by its dotted path; `*` stands for any text."""

    why: Text
    """Why the bound is what it is; shown where the rule fails."""

    min: Finite | None = None
    """Least value."""

    max: Finite | None = None
    """Largest value."""

    max_drop: Distance | None = None
    """How much worse than the base the value may be."""

    no_regression: Distance | None = None
    """Margin: fail if the whole interval of the difference to the base is worse than that."""

    direction: Literal["higher", "lower"] | None = None
    """Whether higher or lower is better; by default as for the scorer."""

    @model_validator(mode="after")
    def _has_bounds(self) -> Self:
        if not self.bounds:
            raise ValueError("must have at least one of min, max, max_drop, no_regression")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("must have min at or below max")
        return self

    @property
    def bounds(self) -> dict[str, float]:
        """The bounds that are set, by name."""
        names = ("min", "max", "max_drop", "no_regression")
        return {name: limit for name in names if (limit := getattr(self, name)) is not None}

    @property
    def compares(self) -> bool:
        """Whether it needs the base."""
        return self.max_drop is not None or self.no_regression is not None


class Checks(Strict):
    """A whole ``checks.yaml``."""

    base: str | None = None
    """Git revision to compare with; by default where the branch left the default branch."""

    confidence: Annotated[float, Field(gt=0, lt=1)] = 0.95
    """Confidence of the intervals."""

    removed: Annotated[list[Text], Field(default_factory=list)]
    """Metrics that the base has and that were removed on purpose; `*` stands for any text."""

    rules: Annotated[list[Rule], Field(min_length=1)]
    """The rules; each must match at least one metric."""


def matches(pattern: str, metric: str) -> bool:
    """Whether a pattern names a metric; its first part has no wildcards.

    Without that, ``*.final`` of earlier versions, the final scores of all strategies, would name
    ``first_repeat.final`` alone.
    """
    first, given = metric.partition(".")[0], pattern.partition(".")[0]
    return first == given and fnmatchcase(metric, pattern)


def load(path: Path = CHECKS) -> Checks:
    """Read and validate the rules.

    Raises
    ------
    ParamsError
        With the first mistake: place, rule and value.
    """
    return validate(Checks, read_mapping(path), "", path)
