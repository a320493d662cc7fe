"""Split the rows of each repeat into test, initial and pool: ``data/splits.parquet``."""

from typing import Annotated, Literal, Self

from numpy import int64
from numpy.typing import NDArray
from pydantic import Field, model_validator

from active_learning.base import command, config, files
from active_learning.base.errors import ParamsError, located
from active_learning.cold_start import cold_start
from active_learning.data import splits, splits_lu2023
from active_learning.data.checks import split_problems
from active_learning.data.dataset import Dataset
from stages.paths import RAW, SPLITS

Size = Annotated[int, Field(ge=1)] | Annotated[float, Field(gt=0, lt=1)]


class Split(config.Section):
    """Who is tested on, who is labelled first, and how often this is drawn anew."""

    seed: config.Seed
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


def draw(params: Split, data: Dataset) -> list[dict[str, NDArray[int64]]]:
    """Split of each repeat, by the scheme."""
    if params.scheme == "lu2023":
        if data.groups is not None:
            raise ParamsError(
                "scheme must be train_test_split for a table with groups, to keep each together; "
                "got 'lu2023'."
            )
        return splits_lu2023.repeats(
            data.labels,
            data.classes,
            n_repeats=params.repeats,
            test_size=params.test_size,
            initial_size=int(params.initial_size),
            seed=params.seed,
        )
    return [
        splits.split(
            data.labels,
            data.classes,
            test_size=params.test_size,
            initial_size=params.initial_size,
            stratify=params.stratify,
            seed=seed,
            groups=data.groups,
            cold_start=cold_start(params.initial, data, seed),
        )
        for seed in range(params.seed, params.seed + params.repeats)
    ]


def main() -> None:
    """Split the rows of every repeat and write all splits."""
    params = config.load(Split, "split")
    data = Dataset.load(RAW)
    with located(f"{config.PARAMS}: split."):
        repeats = draw(params, data)
    files.write_table(SPLITS, splits.to_table(repeats))
    sizes = ", ".join(f"{len(rows)} {role}" for role, rows in repeats[0].items())
    first = "" if data.groups is None else " (the first)"
    print(f"{params.repeats} repeats of {sizes}{first}")
    if data.checks is not None:
        duplicates = "duplicate_rows" in data.checks
        for text in split_problems(data, repeats, duplicates=duplicates):
            print(f"warning: {text}")


if __name__ == "__main__":
    command.run(main)
