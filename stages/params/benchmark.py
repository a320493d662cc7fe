"""The sections of the benchmark's params.yaml, and the file of published results."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from active_learning.core.errors import ParamsError, shown_yaml, unknown
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
    """The cells, by three lists at the top of the file."""

    datasets: Annotated[list[Name], Field(min_length=1), Unique]
    """Keys of ``settings``; each is run with every learner and strategy."""

    learners: Annotated[list[Name], Field(min_length=1), Unique]
    """Values of ``learner.name``."""

    strategies: Annotated[list[sections.Name], Field(min_length=1), Unique]
    """Strategies of each experiment, including the control."""

    def cells(self) -> Iterator[tuple[str, str]]:
        """Data set and learner of every cell."""
        return ((dataset, learner) for dataset in self.datasets for learner in self.learners)


def folder(dataset: str, learner: str) -> Path:
    """Folder of a cell, an experiment with its own ``params.yaml``."""
    return paths.DATA / dataset / learner


class Leaderboard(Strict):
    """How the strategies are compared."""

    control: str
    """Strategy that the others are compared with."""

    seed: Seed
    """Seed of the bootstrap for the label savings."""

    confidence: Share
    """Confidence level of intervals; tests use the significance level 1 − confidence."""

    power: Share
    """Power at which repeats are counted."""

    difference: Annotated[float, Field(gt=0)]
    """Difference in the headline score to report the number of repeats for that would detect it."""

    n_resamples: NResamples
    """Bootstrap samples for the interval of the label savings."""


class Compatibility(Strict):
    """How learners are scored on rows chosen with other learners."""

    points: Annotated[int, Field(ge=2, le=1000)]
    """Points of the learning curve at which a learner is fitted, including first and last."""


class Report(Strict):
    """Title of the report, and published results to compare with."""

    title: str
    """Title of the page."""

    published: str
    """File of published results to compare with; `{}` if it has none."""


class BenchmarkParams(ParamsFile):
    """The sections of a benchmark."""

    OTHERS = frozenset({"root", "settings", "experiment", *Benchmark.model_fields})

    leaderboard = Section(Leaderboard)
    compatibility = Section(Compatibility)
    report = Section(Report)

    @property
    def settings(self) -> Mapping[str, Any]:
        """Changes of each data set to the shared experiment."""
        return mapping("settings", self.values.get("settings"))

    @cached_property
    def benchmark(self) -> Benchmark:
        """The cells.

        Raises
        ------
        ParamsError
            If a list is missing or invalid, or there are no settings for a data set.
        """
        lists = {name: self.values[name] for name in Benchmark.model_fields if name in self.values}
        cells = validate(Benchmark, lists, "benchmark", self.path)
        for dataset in cells.datasets:
            if dataset not in self.settings:
                what = unknown("name in settings", dataset, self.settings)
                raise ParamsError(f"{self.path}: datasets: {what}")
        return cells

    def check(self) -> None:
        """Validate every section, and the lists at the top."""
        super().check()
        _ = self.benchmark

    def experiment(self, dataset: str) -> dict[str, Any]:
        """Params of the shared experiment with the changes of a data set."""
        changes = self.settings[dataset]
        return merge(self.values.get("experiment"), changes, f"settings.{dataset}")


read = BenchmarkParams.read


def merge(shared: Any, changes: Any, place: str) -> dict[str, Any]:
    """Merge two nested mappings; changes take precedence."""
    result = dict(mapping("experiment", shared))
    for key, value in mapping(place, changes).items():
        nested = isinstance(value, Mapping) and isinstance(result.get(key), Mapping)
        result[key] = merge(result[key], value, f"{place}.{key}") if nested else value
    return result


def mapping(place: str, value: Any) -> Mapping[str, Any]:
    """Refuse anything but a mapping."""
    if not isinstance(value, Mapping):
        raise ParamsError(f"{PARAMS}: {place} must be a mapping; got {shown_yaml(value)}.")
    return value


class Figure(Strict):
    """Mean and standard deviation over seeds."""

    mean: float
    sd: Annotated[float, Field(gt=0)]


class Entry(Strict):
    """Published results for one data set."""

    seeds: Annotated[int, Field(ge=2)]
    """Number of seeds of mean and standard deviation."""

    rows: Literal["same", "other"]
    """Whether our copy has the same rows in the same order, so that the splits are the same."""

    note: str
    """How our copy differs, if it does."""

    figures: dict[str, Figure]
    """Results by our name of the strategy."""


class Published(Strict):
    """Published results and their source."""

    source: str
    measure: str
    tolerance: Annotated[float, Field(gt=0)]
    """Largest difference of the means, if the rows are the same."""

    strategies: dict[str, str]
    """Published name of each of our strategies."""

    datasets: dict[str, Entry]
