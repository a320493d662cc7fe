"""Roles of columns: the target, and what goes with a row without being a feature of it."""

from collections.abc import Mapping

import pandas as pd
from pydantic import Field

from active_learning.base.errors import DataError, unknown
from active_learning.base.explain import shown
from active_learning.base.plugins import Plugin

ROLES = ("id", "group", "cost")


class Columns(Plugin):
    """Data set plug-in of a table whose columns are not all features."""

    drop: list[str] = Field(default_factory=list)
    """Columns to leave out."""

    id: str | None = None
    """Column that names the row: no feature, and different in every row."""

    group: str | None = None
    """Column whose equal values belong together: no feature, and never in test and pool both."""

    cost: str | None = None
    """Column of what the row's label costs, above 0: no feature."""

    @property
    def roles(self) -> dict[str, str]:
        """Column of each role that there is."""
        return {role: getattr(self, role) for role in ROLES if getattr(self, role) is not None}


def arranged(
    table: pd.DataFrame,
    place: str,
    source: str,
    *,
    target: str,
    roles: Mapping[str, str],
    drop: list[str],
) -> pd.DataFrame:
    """Put the features first, then the columns with a role, and the target last.

    Parameters
    ----------
    table : DataFrame
    place : str
        Section of params.yaml that names the columns, for errors.
    source : str
        Where the table is from, for errors.
    target : str
        Column that holds the class.
    roles : dict of str to str
        Column of each role of ``ROLES`` that there is.
    drop : list of str
        Columns to leave out.

    Raises
    ------
    DataError
        If a column is not there, or is named twice.
    """
    named = [("target", target), *roles.items(), *(("drop", column) for column in drop)]
    option_of: dict[str, str] = {}
    for option, column in named:
        if column not in table:
            raise DataError(
                f"params.yaml: {place}.{option}: "
                f"{unknown(f'column of {source}', column, map(str, table))}"
            )
        if column in option_of:
            raise DataError(
                f"params.yaml: {place}.{option} must be another column than {place}."
                f"{option_of[column]}; got {column!r} for both."
            )
        option_of[column] = option
    features = [column for column in table if column not in option_of]
    return table[[*features, *roles.values(), target]]


def check(table: pd.DataFrame, roles: Mapping[str, str], source: str) -> pd.DataFrame:
    """Check the columns with a role: an id tells rows apart, a cost is a number above 0.

    Returns
    -------
    DataFrame
        With ids and groups as text, and costs as float64.

    Raises
    ------
    DataError
        With the first row that is wrong.
    """
    table = table.copy(deep=False)
    for role, name in roles.items():
        column = table[name]
        if role == "cost":
            column = pd.to_numeric(column.astype(object), errors="coerce").astype("float64")
            wrong, rule = ~((column > 0) & (column < float("inf"))), "be a finite number above 0"
        elif role == "id":
            wrong, rule = column.isna() | column.duplicated(), "be there and differ in every row"
        else:
            wrong, rule = column.isna(), "be there in every row"
        if wrong.any():
            row = int(wrong.to_numpy().argmax())
            got = shown(table[name].iloc[row])
            raise DataError(f"{source}: {role} {name!r} must {rule}; got {got} in row {row}.")
        table[name] = column if role == "cost" else column.astype(str)
    return table
