"""Split the rows of each repeat into test, initial and pool: ``data/splits.parquet``."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
from pydantic import Field

from active_learning import splits
from active_learning.base import command, config, files

RAW = Path("data/raw")

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


def main() -> None:
    """Cut every repeat and write them all."""
    params = config.load(Split, "split")
    labels, classes = files.read_labels(RAW)
    groups = files.read_role(RAW, "group")
    repeats = [
        splits.split(
            labels,
            classes,
            test_size=params.test_size,
            initial_size=params.initial_size,
            stratify=params.stratify,
            seed=params.seed + number,
            groups=None if groups is None else groups.to_numpy(),
        )
        for number in range(params.repeats)
    ]
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
