"""Make or read the table: ``data/raw/table.parquet`` and its card."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from active_learning import data_checks, roles
from active_learning.base import columns, command, files
from active_learning.base.errors import DataError, unknown
from stages.params import read

RAW = Path("data/raw")


def checked(
    table: pd.DataFrame,
    source: str,
    given: Mapping[str, str],
    overrides: Mapping[str, columns.Kind],
) -> tuple[pd.DataFrame, dict[str, columns.Kind]]:
    """Refuse a table that no learner could take, and say where it is wrong.

    Parameters
    ----------
    table : DataFrame
        Features, columns with a role, and the target last.
    source : str
        Where it is from, for errors.
    given : dict of str to str
        Column of each role.
    overrides : dict of str to str
        Kinds of features that are not to be inferred.

    Returns
    -------
    table : DataFrame
        Features as ``columns.typed`` gives them, and the target last, as text.
    kinds : dict of str to str
        Kind of each feature.
    """
    target = table.columns[-1]
    if table.empty:
        raise DataError(f"{source}: it must have a row or more; got none.")
    table = roles.check(table, given, source)
    features = table.drop(columns=[*given.values(), target])
    if features.empty:
        raise DataError(f"{source}: it must have a feature or more beside {target!r}; got none.")
    for name in overrides:
        if name not in features:
            what = unknown(f"feature of {source}", name, map(str, features))
            raise DataError(f"params.yaml: generate.kinds: {what}")
    kinds = {
        str(name): overrides.get(str(name)) or columns.kind_of(column)
        for name, column in features.items()
    }
    typed = {name: columns.typed(features[name], kind, source) for name, kind in kinds.items()}
    for column in typed.values():
        _check_finite(column, source)
    typed[str(target)] = _classes(table[target], source)
    table = table.copy(deep=False)
    for name, column in typed.items():  # `assign` would take no column named self
        table[name] = column
    return table, kinds


def _check_finite(column: pd.Series, source: str) -> None:
    infinite = column.isin([float("inf"), float("-inf")]).to_numpy()
    if infinite.any():
        row = int(infinite.argmax())
        raise DataError(
            f"{source}: feature {column.name!r} must be finite; "
            f"got {column.iloc[row]} in row {row}."
        )


def _classes(labels: pd.Series, source: str) -> pd.Series:
    """Target as text."""
    target = labels.name
    if labels.isna().any():
        row = int(labels.isna().to_numpy().argmax())
        raise DataError(
            f"{source}: target {target!r} must not be empty; {labels.isna().sum()} of "
            f"{len(labels)} rows are, the first is row {row}."
        )
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
    return labels.astype(str)


def card(
    table: pd.DataFrame, source: str, given: Mapping[str, str], kinds: Mapping[str, columns.Kind]
) -> dict[str, Any]:
    """What the table is: small enough to read, exact enough to tell two tables apart.

    Parameters
    ----------
    table : DataFrame
        As ``checked`` gives it, with the kinds.
    source : str
        Name of the data set.
    given : dict of str to str
        Column of each role.
    kinds : dict of str to str
        Kind of each feature; numbers are not listed.
    """
    target = table.columns[-1]
    content = hashlib.sha256()
    for name, column in table.items():
        content.update(str(name).encode())
        content.update(pd.util.hash_pandas_object(column, index=False).to_numpy().tobytes())
    counts = table[target].value_counts()
    missing = table[list(kinds)].isna().sum()
    return {
        "dataset": source,
        "rows": len(table),
        "features": len(kinds),
        "target": str(target),
        "classes": {name: int(counts[name]) for name in sorted(counts.index, key=_class_order)},
        "roles": dict(given),
        "kinds": {name: kind for name, kind in kinds.items() if kind != "number"},
        "missing": {name: int(count) for name, count in missing.items() if count},
        "content_sha256": content.hexdigest(),
    }


def _class_order(name: str) -> tuple[int, float, str]:
    """Whole numbers by value, before texts by letter."""
    return (0, int(name), name) if name.removeprefix("-").isdecimal() else (1, 0, name)


def main() -> None:
    """Make the table, check it, and write it with its card."""
    params = read().generate
    source = getattr(params.plugin, "path", params.dataset)
    given = getattr(params.plugin, "roles", {})
    table, kinds = checked(params.plugin.load(params.seed), source, given, params.kinds)
    found = None if params.checks == "off" else data_checks.find(table, kinds)
    if found and params.checks == "error":
        raise DataError(f"{source}: {' '.join(found.values())} (generate.checks is error.)")
    summary = card(table, params.dataset, given, kinds)
    files.write_table(RAW / "table.parquet", table)
    files.write_json(RAW / "card.json", summary | {"checks": found})
    print(
        f"{params.dataset}: {summary['rows']} rows, {summary['features']} features, "
        f"classes {summary['classes']}"
    )
    for text in (found or {}).values():
        print(f"warning: {text}")


if __name__ == "__main__":
    command.run(main)
