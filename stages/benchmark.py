"""The sections of the benchmark's params; its cells: one experiment per data set and learner."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from active_learning.base import config
from active_learning.base.errors import ParamsError, unknown

DATA = Path("data")

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]+$")]


class Benchmark(config.Section):
    """Which cells there are."""

    datasets: Annotated[list[Name], Field(min_length=1), AfterValidator(config.unique)]
    """Names among the settings; each is run with every learner and strategy."""

    learners: Annotated[
        list[Annotated[str, config.PluginName("learners")]],
        Field(min_length=1),
        AfterValidator(config.unique),
    ]
    """Learner plug-ins."""

    strategies: Annotated[
        list[Annotated[str, config.PluginName("strategies")]],
        Field(min_length=1),
        AfterValidator(config.unique),
    ]
    """Strategy plug-ins; the control must be one of them."""

    def cells(self) -> Iterator[tuple[str, str]]:
        """Data set and learner of every cell."""
        return ((dataset, learner) for dataset in self.datasets for learner in self.learners)


def folder(dataset: str, learner: str) -> Path:
    """Folder of a cell: a whole experiment, with a ``params.yaml`` of its own."""
    return DATA / dataset / learner


def read_benchmark() -> Benchmark:
    """Read which cells there are from ``params.yaml``, where they stand at the top.

    Raises
    ------
    ParamsError
        If a list is missing or wrong, or there are no settings for a data set.
    """
    values = config.read()
    lists = {name: values[name] for name in Benchmark.model_fields if name in values}
    found = config.check(Benchmark, lists, "benchmark")
    known = settings()
    for dataset in found.datasets:
        if dataset not in known:
            raise ParamsError(
                f"{config.PARAMS}: datasets {unknown('name in settings', dataset, known)}; "
                f"got {dataset!r}."
            )
    return found


def settings() -> Mapping[str, Any]:
    """What each data set changes in the experiment that all share."""
    return _mapping("settings", config.read().get("settings"))


def merged(shared: Any, changes: Any, place: str) -> dict[str, Any]:
    """Nested mapping with the values of another in it, however deep."""
    result = dict(_mapping("experiment", shared))
    for key, value in _mapping(place, changes).items():
        below = isinstance(value, Mapping) and isinstance(result.get(key), Mapping)
        result[key] = merged(result[key], value, f"{place}.{key}") if below else value
    return result


def _mapping(place: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ParamsError(f"{config.PARAMS}: {place} must be a mapping; got {value!r}.")
    return value
