"""Make or read the table: ``data/raw/table.parquet`` and its card."""

import hashlib
from pathlib import Path
from typing import Annotated, Any, ClassVar

import pandas as pd

from active_learning.base import command, config, files
from active_learning.base.errors import DataError

RAW = Path("data/raw")


class Generate(config.PluginSection):
    """Where the data comes from."""

    KIND: ClassVar[str] = "datasets"
    CHOICE: ClassVar[str] = "dataset"

    dataset: Annotated[str, config.PluginName("datasets")]
    """Data set plug-in."""

    seed: config.Seed
    """Seed of data that is drawn."""


def checked(table: pd.DataFrame, source: str) -> pd.DataFrame:
    """Refuse a table that no learner could take, and say where it is wrong.

    Returns
    -------
    DataFrame
        Features as float64, and the target last, as text.
    """
    target = table.columns[-1]
    if table.empty:
        raise DataError(f"{source}: it must have a row or more; got none.")
    for column in table.columns[:-1]:
        _check_feature(table[column], source)
    if len(table.columns) == 1:
        raise DataError(f"{source}: it must have a feature or more beside {target!r}; got none.")
    labels = table[target]
    if labels.isna().any():
        row = int(labels.isna().to_numpy().argmax())
        raise DataError(f"{source}: target {target!r} must not be empty; row {row} is.")
    if pd.api.types.is_float_dtype(labels) and (labels % 1 != 0).any():
        row = int((labels % 1 != 0).to_numpy().argmax())
        raise DataError(
            f"{source}: target {target!r} must hold classes, not fractions; "
            f"got {labels.iloc[row]} in row {row}."
        )
    if labels.nunique() < 2:  # noqa: PLR2004 - a classifier needs two classes
        raise DataError(
            f"{source}: target {target!r} must have two classes or more; "
            f"got {labels.iloc[0]!r} only."
        )
    if pd.api.types.is_float_dtype(labels):
        labels = labels.astype("int64")
    return table.iloc[:, :-1].astype("float64").assign(**{target: labels.astype(str)})


def _check_feature(column: pd.Series, source: str) -> None:
    if not pd.api.types.is_numeric_dtype(column):
        bad = pd.to_numeric(column, errors="coerce").isna().to_numpy()
        row = int(bad.argmax())
        raise DataError(
            f"{source}: feature {column.name!r} must be a number; got {column.iloc[row]!r} in row "
            f"{row}. Leave it out with generate.table.drop."
        )
    finite = column.notna() & ~column.isin([float("inf"), float("-inf")])
    if not finite.all():
        row = int((~finite).to_numpy().argmax())
        raise DataError(
            f"{source}: feature {column.name!r} must be finite; "
            f"got {column.iloc[row]} in row {row}."
        )


def card(table: pd.DataFrame, source: str) -> dict[str, Any]:
    """What the table is: small enough to read, exact enough to tell two tables apart."""
    target = table.columns[-1]
    content = hashlib.sha256()
    for name, column in table.items():
        content.update(str(name).encode())
        content.update(pd.util.hash_pandas_object(column, index=False).to_numpy().tobytes())
    counts = table[target].value_counts()
    return {
        "dataset": source,
        "rows": len(table),
        "features": len(table.columns) - 1,
        "target": str(target),
        "classes": {name: int(counts[name]) for name in sorted(counts.index, key=_class_order)},
        "content_sha256": content.hexdigest(),
    }


def _class_order(name: str) -> tuple[int, float, str]:
    """Whole numbers by value, before texts by letter."""
    return (0, int(name), name) if name.lstrip("-").isdecimal() else (1, 0, name)


def main() -> None:
    """Make the table and write it with its card."""
    params = config.load(Generate, "generate")
    source = getattr(params.plugin, "path", params.dataset)
    table = checked(params.plugin.load(params.seed), source)
    summary = card(table, params.dataset)
    files.write_table(RAW / "table.parquet", table)
    files.write_json(RAW / "card.json", summary)
    print(
        f"{params.dataset}: {summary['rows']} rows, {summary['features']} features, "
        f"classes {summary['classes']}"
    )


if __name__ == "__main__":
    command.run(main)
