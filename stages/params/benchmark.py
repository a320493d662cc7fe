"""The sections of the benchmark's params.yaml, and its published figures."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from active_learning.core.errors import ParamsError, shown, unknown
from active_learning.core.strict import NResamples, Strict
from stages import paths
from stages.params import sections
from stages.params.config import (
    PARAMS,
    ParamsFile,
    Section,
    Seed,
    Share,
    Unique,
    validate,
)

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]+$")]


class Benchmark(Strict):
    """Which cells there are: these lists stand at the top of the file."""

    datasets: Annotated[list[Name], Field(min_length=1), Unique]
    """Names among the settings; each is run with every learner and strategy."""

    learners: Annotated[list[Name], Field(min_length=1), Unique]
    """Names as ``learner.name`` of an experiment has them."""

    strategies: Annotated[list[sections.Name], Field(min_length=1), Unique]
    """Names as an experiment has them; the control must be one of them."""

    def cells(self) -> Iterator[tuple[str, str]]:
        """Data set and learner of every cell."""
        return ((dataset, learner) for dataset in self.datasets for learner in self.learners)


def folder(dataset: str, learner: str) -> Path:
    """Folder of a cell: a whole experiment, with a ``params.yaml`` of its own."""
    return paths.DATA / dataset / learner


class Leaderboard(Strict):
    """How the strategies are judged."""

    control: str
    """Strategy that the others are compared with."""

    seed: Seed
    """Seed of the bootstrap."""

    confidence: Share
    """Confidence of the intervals; a test is significant below 1 − confidence."""

    power: Share
    """Chance with which a difference would be seen."""

    difference: Annotated[float, Field(gt=0)]
    """Difference in the headline score for which the repeats to see it are counted."""

    n_resamples: NResamples
    """Bootstrap samples."""


class Compatibility(Strict):
    """How learners are scored on what others chose."""

    points: Annotated[int, Field(ge=2, le=1000)]
    """Points of the learning curve, first and last among them, at which a learner is taught."""


class Report(Strict):
    """What the report says of itself."""

    title: str
    """Title of the page."""

    published: str
    """File of published figures to compare with; `{}` stands for none."""


class BenchmarkParams(ParamsFile):
    """The sections of a benchmark."""

    OTHERS = frozenset({"root", "settings", "experiment", *Benchmark.model_fields})

    leaderboard = Section(Leaderboard)
    compatibility = Section(Compatibility)
    report = Section(Report)

    @property
    def settings(self) -> Mapping[str, Any]:
        """What each data set changes in the experiment that all share."""
        return mapping("settings", self.values.get("settings"))

    @cached_property
    def benchmark(self) -> Benchmark:
        """Which cells there are.

        Raises
        ------
        ParamsError
            If a list is missing or wrong, or there are no settings for a data set.
        """
        lists = {name: self.values[name] for name in Benchmark.model_fields if name in self.values}
        cells = validate(Benchmark, lists, "benchmark", self.path)
        for dataset in cells.datasets:
            if dataset not in self.settings:
                what = unknown("name in settings", dataset, self.settings)
                raise ParamsError(f"{self.path}: datasets: {what}")
        return cells

    def check(self) -> None:
        """Check every section, and the lists at the top."""
        super().check()
        _ = self.benchmark

    def experiment(self, dataset: str) -> dict[str, Any]:
        """Params of the experiment that all share, with what the data set changes."""
        changes = self.settings[dataset]
        return merged(self.values.get("experiment"), changes, f"settings.{dataset}")


read = BenchmarkParams.read


def merged(shared: Any, changes: Any, place: str) -> dict[str, Any]:
    """Nested mapping with the values of another in it, however deep."""
    result = dict(mapping("experiment", shared))
    for key, value in mapping(place, changes).items():
        below = isinstance(value, Mapping) and isinstance(result.get(key), Mapping)
        result[key] = merged(result[key], value, f"{place}.{key}") if below else value
    return result


def mapping(place: str, value: Any) -> Mapping[str, Any]:
    """Refuse what is no mapping."""
    if not isinstance(value, Mapping):
        raise ParamsError(f"{PARAMS}: {place} must be a mapping; got {shown(value)}.")
    return value


class Figure(Strict):
    """Mean and standard deviation over seeds."""

    mean: float
    sd: Annotated[float, Field(gt=0)]


class Entry(Strict):
    """What was published of one data set."""

    seeds: Annotated[int, Field(ge=2)]
    """Seeds that mean and deviation are taken over."""

    rows: Literal["same", "other"]
    """Whether our copy has their rows in their order, so that every split is theirs."""

    note: str
    """How our copy differs, if it does."""

    figures: dict[str, Figure]
    """By our strategy's name."""


class Published(Strict):
    """Published figures, and where they stand."""

    source: str
    measure: str
    tolerance: Annotated[float, Field(gt=0)]
    """Where the rows are the same: largest difference of the means."""

    strategies: dict[str, str]
    """Their name for each of our strategies."""

    datasets: dict[str, Entry]
