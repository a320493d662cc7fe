"""Split the rows of each repeat into test, initial and pool: ``data/splits.parquet``."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from active_learning import splits
from active_learning.base import command, config, files

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

    stratify: bool
    """Keep the share of each class in every part."""


def main() -> None:
    """Cut every repeat and write them all."""
    params = config.load(Split, "split")
    labels, classes = files.read_labels(Path("data/raw"))
    repeats = [
        splits.split(
            labels,
            classes,
            test_size=params.test_size,
            initial_size=params.initial_size,
            stratify=params.stratify,
            seed=params.seed + number,
        )
        for number in range(params.repeats)
    ]
    files.write_table(Path("data/splits.parquet"), splits.to_table(repeats))
    sizes = ", ".join(f"{len(rows)} {role}" for role, rows in repeats[0].items())
    print(f"{params.repeats} repeats of {sizes}")


if __name__ == "__main__":
    command.run(main)
