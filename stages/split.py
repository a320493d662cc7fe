"""Split the rows of each repeat into test, initial and pool: ``data/splits.parquet``."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from active_learning import cold_start, rng, split_lu2023, splits
from active_learning.base import command, files, plugins
from active_learning.base.errors import DataError
from stages.params import read
from stages.params.config import PARAMS
from stages.params.sections import Split

RAW = Path("data/raw")


def numbers(initial: str) -> NDArray[np.floating]:
    """Features, which must be complete numbers: distances are taken between them.

    Raises
    ------
    DataError
        If a column is of another kind, or has a gap.
    """
    data = files.read_dataset(RAW)
    for number, column in enumerate(data.columns):
        what: str = column.kind
        if what == "number" and np.isnan(data.features[:, number]).any():
            what = "number with gaps"
        if what != "number":
            raise DataError(
                f"{PARAMS}: split.initial must be random or one_per_class where a feature "
                f"is not a complete number; got {initial!r}, and {column.name!r} is a {what}."
            )
    return data.features


def cold_starts(
    params: Split, labels: NDArray[np.int64], classes: list[str]
) -> Callable[[int], splits.ColdStart | None]:
    """What chooses the initial set of each repeat, ``None`` if it is simply drawn.

    It never depends on the strategies that are compared later, so that they begin alike.
    """
    if params.initial == "random":
        return lambda _: None
    if params.initial == "one_per_class":

        def choose(rows: NDArray[np.int64], n: int, lots: np.random.Generator) -> Any:
            return cold_start.one_per_class(rows, labels, classes, n, lots)
    else:
        strategy = plugins.load("strategies", params.initial)()
        features = numbers(params.initial)

        def choose(rows: NDArray[np.int64], n: int, lots: np.random.Generator) -> Any:
            return cold_start.by_strategy(
                strategy, rows, features, n_classes=len(classes), n=n, generator=lots
            )

    return lambda repeat: partial(choose, lots=rng.generator(params.seed + repeat, "initial"))


def classes_left_out(
    labels: np.ndarray, classes: list[str], repeats: list[dict[str, np.ndarray]]
) -> list[str]:
    """Say which classes are too small to be in the test set or the initial set every time."""
    said = []
    for role in ("test", "initial"):
        counts = np.array([np.bincount(labels[r[role]], minlength=len(classes)) for r in repeats])
        said += [
            f"class {classes[k]!r} ({(labels == k).sum()} rows) is not in the {role} set of "
            f"{absent} of {len(repeats)} repeats."
            for k, absent in enumerate((counts == 0).sum(axis=0))
            if absent
        ]
    return said


def duplicates_across(
    features: pd.DataFrame, repeats: list[dict[str, np.ndarray]]
) -> Iterator[str]:
    """Say how many test rows stand in the initial set or the pool too."""
    keys = pd.util.hash_pandas_object(features, index=False).to_numpy()
    known = [
        np.isin(keys[r["test"]], keys[np.concatenate([r["initial"], r["pool"]])]).sum()
        for r in repeats
    ]
    if any(known):
        yield (
            f"{np.mean(known):.1f} of {len(repeats[0]['test'])} test rows, on average, have a "
            "duplicate in the initial set or the pool, the same in every feature: scores are too "
            "high for rows that are new."
        )


def cut(
    params: Split,
    labels: NDArray[np.int64],
    classes: list[str],
    groups: NDArray[Any] | None,
) -> list[dict[str, NDArray[np.int64]]]:
    """Cut every repeat by the scheme."""
    if params.scheme == "lu2023":
        if groups is not None:
            raise DataError(
                f"{PARAMS}: split.scheme must be train_test_split for a table with groups, "
                "to keep each together; got 'lu2023'."
            )
        return split_lu2023.repeats(
            labels,
            classes,
            n_repeats=params.repeats,
            test_size=params.test_size,
            initial_size=int(params.initial_size),
            seed=params.seed,
        )
    chosen = cold_starts(params, labels, classes)
    return [
        splits.split(
            labels,
            classes,
            test_size=params.test_size,
            initial_size=params.initial_size,
            stratify=params.stratify,
            seed=params.seed + number,
            groups=groups,
            cold_start=chosen(number),
        )
        for number in range(params.repeats)
    ]


def main() -> None:
    """Cut every repeat and write them all."""
    params = read().split
    labels, classes = files.read_labels(RAW)
    groups = files.read_role(RAW, "group")
    repeats = cut(params, labels, classes, None if groups is None else groups.to_numpy())
    files.write_table(Path("data/splits.parquet"), splits.to_table(repeats))
    sizes = ", ".join(f"{len(rows)} {role}" for role, rows in repeats[0].items())
    print(f"{params.repeats} repeats of {sizes}" + (" (the first)" if groups is not None else ""))
    checks = files.read_json(RAW / "card.json", "checks")["checks"]
    if checks is None:
        return
    warnings = classes_left_out(labels, classes, repeats)
    if "duplicate_rows" in checks:
        warnings += duplicates_across(files.read_features(RAW), repeats)
    for text in warnings:
        print(f"warning: {text}")


if __name__ == "__main__":
    command.run(main)
