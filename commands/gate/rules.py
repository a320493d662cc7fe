"""The rules of ``checks.yaml``: bounds on metrics, each with its reason."""

from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from active_learning.core.errors import ParamsError, shown
from active_learning.core.strict import NResamples, Strict
from stages.params import yaml
from stages.params.config import Seed, validate

CHECKS = Path("checks.yaml")

# Metrics of repeat 0 alone; `*` stands for strategies, and this is none.
FIRST_REPEAT = "first_repeat"

Finite = Annotated[float, Field(allow_inf_nan=False)]
Distance = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Text = Annotated[str, Field(min_length=1)]


class Rule(Strict):
    """Bounds on one metric, or on all that a pattern names."""

    metric: Text
    """Dotted name in metrics/summary.json; `*` stands for any strategy or any number of one."""

    why: Text
    """Why the bound is what it is; shown where the rule fails."""

    min: Finite | None = None
    """Least value."""

    max: Finite | None = None
    """Largest value."""

    max_drop: Distance | None = None
    """How much worse than the base the value may be."""

    no_regression: Distance | None = None
    """Margin: fail if the interval of the difference to the base is worse than that as a whole."""

    direction: Literal["higher", "lower"] | None = None
    """Which way is better; by default as the scorer says."""

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

    n_resamples: NResamples = 9999
    """Bootstrap samples."""

    seed: Seed = 42
    """Seed of the bootstrap."""

    removed: Annotated[list[Text], Field(default_factory=list)]
    """Metrics, or patterns, that the base has and that were taken out on purpose."""

    rules: Annotated[list[Rule], Field(min_length=1)]
    """The rules; each must match at least one metric."""


def matches(pattern: str, metric: str) -> bool:
    """Whether a pattern names a metric: part by part on the two sides of the last dot.

    ``*.final`` is the final score of every strategy; a part with a wildcard never matches
    ``first_repeat``, which is a single run.
    """
    patterns, parts = pattern.rpartition("."), metric.rpartition(".")
    if parts[0] == FIRST_REPEAT != patterns[0]:
        return False
    return all(fnmatchcase(part, wanted) for part, wanted in zip(parts, patterns, strict=True))


def load(path: Path = CHECKS) -> Checks:
    """Read and validate the rules.

    Raises
    ------
    ParamsError
        With the first mistake: place, rule and value.
    """
    try:
        values = yaml.read(path)
    except FileNotFoundError:
        raise ParamsError(f"{path} is missing; docs/checks.md says what it holds.") from None
    if not isinstance(values, dict):
        raise ParamsError(f"{path}: must be a mapping; got {shown(values)}.")
    return validate(Checks, values, "", path)
