"""Split the rows of each repeat into test set, initial set and pool: ``data/splits.parquet``."""

from numpy import int64
from numpy.typing import NDArray

from active_learning.core.errors import ParamsError, located
from active_learning.data import files, splits, splits_lu2023
from active_learning.data.checks import split_problems
from active_learning.data.dataset import Dataset
from active_learning.simulation.cold_start import cold_start
from stages import command
from stages.params import Params
from stages.params.config import PARAMS
from stages.params.sections import Split
from stages.paths import PAGE, RAW, SPLITS


def split_repeats(params: Split, data: Dataset) -> list[dict[str, NDArray[int64]]]:
    """Split of each repeat by the chosen scheme."""
    if params.scheme == "lu2023":
        if data.groups is not None:
            raise ParamsError(
                "scheme must be train_test_split for a table with groups, which lu2023 would split."
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


def main(params: Params) -> None:
    """Split the rows of every repeat and write the splits."""
    data = Dataset.load(RAW)
    with located(f"{PARAMS}: split."):
        repeats = split_repeats(params.split, data)
    files.write_table(SPLITS, splits.to_table(repeats))
    sizes = ", ".join(f"{len(rows)} {role}" for role, rows in repeats[0].items())
    first = "" if data.groups is None else " (the first)"
    print(f"{len(repeats)} repeats of {sizes}{first}")
    if data.checks is not None:
        duplicates = "duplicate_rows" in data.checks
        for text in split_problems(data, repeats, duplicates=duplicates):
            print(f"warning: {text}")


if __name__ == "__main__":
    command.stage(main, Params.read, stale=PAGE)
