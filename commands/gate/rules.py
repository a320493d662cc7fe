"""The rules of ``checks.yaml``: bounds on metrics, each with the reason for it."""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import Field, model_validator

from active_learning.base.errors import ParamsError
from active_learning.base.strict import Strict
from stages.params.config import Seed, read_mapping, validate

CHECKS = Path("checks.yaml")

# What the metrics hold for repeat 0 alone; `*` stands for strategies, and this is none.
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
        values = {name: getattr(self, name) for name in names}
        return {name: value for name, value in values.items() if value is not None}

    @property
    def compares(self) -> bool:
        """Whether it needs the base."""
        return self.max_drop is not None or self.no_regression is not None

    def matches(self, metric: str) -> bool:
        """Whether it is about this metric."""
        return matches(self.metric, metric)


class Checks(Strict):
    """A whole ``checks.yaml``."""

    base: str | None = None
    """Git revision to compare with; by default where the branch left the default branch."""

    confidence: Annotated[float, Field(gt=0, lt=1)] = 0.95
    """Confidence of the intervals."""

    n_resamples: Annotated[int, Field(ge=100)] = 9999
    """Bootstrap samples."""

    seed: Seed = 42
    """Seed of the bootstrap."""

    removed: Annotated[list[Text], Field(default_factory=list)]
    """Metrics, or patterns, that the base has and that were taken out on purpose."""

    rules: Annotated[list[Rule], Field(min_length=1)]
    """The rules; each must match at least one metric."""


def matches(pattern: str, metric: str) -> bool:
    """Whether a pattern names a metric: part by part between the dots.

    ``*.final`` is the final score of every strategy; a part with a wildcard is never
    ``first_repeat``, which is a single run.
    """
    patterns, parts = pattern.split("."), metric.split(".")
    if len(patterns) != len(parts) or (parts[0] == FIRST_REPEAT != patterns[0]):
        return False
    return all(fnmatchcase(part, wanted) for part, wanted in zip(parts, patterns, strict=True))


def load(path: Path = CHECKS) -> Checks:
    """Read and check the rules.

    Raises
    ------
    ParamsError
        With the first thing that is wrong: place, rule and value.
    """
    if not path.is_file():
        raise ParamsError(f"{path} is missing; the rules stand there, see docs/checks.md.")
    values = read_mapping(path)
    for node in _mappings([yaml.compose(path.read_text(encoding="utf-8"), yaml.SafeLoader)]):
        _refuse_duplicates(node, path)
    return validate(Checks, values, "", path)


def _mappings(nodes: Iterable[yaml.Node | None]) -> Iterable[yaml.MappingNode]:
    """Every mapping of a YAML document."""
    for node in nodes:
        if isinstance(node, yaml.MappingNode):
            yield node
            yield from _mappings(value for _, value in node.value)
        elif isinstance(node, yaml.SequenceNode):
            yield from _mappings(node.value)


def _refuse_duplicates(node: yaml.MappingNode, path: Path) -> None:
    """Refuse a key that stands there twice: YAML would drop the first, and a rule with it."""
    seen = set()
    for key, _ in node.value:
        if key.value in seen:
            line = key.start_mark.line + 1
            raise ParamsError(f"{path}: line {line}: {key.value} stands there twice.")
        seen.add(key.value)
