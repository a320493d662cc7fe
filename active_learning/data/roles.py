"""Roles of columns that are not features: target, id, group and cost."""

from collections.abc import Mapping

import pandas as pd

from active_learning.core.errors import DataError, ParamsError, shown, unknown
from active_learning.core.sentences import rows_where
from active_learning.data.vectors import refuse_containers

ROLES = ("id", "group", "cost")


def order_columns(
    frame: pd.DataFrame, *, target: str, roles: Mapping[str, str], drop: list[str]
) -> pd.DataFrame:
    """Put the features first, then the columns with a role, and the target last.

    Parameters
    ----------
    frame : DataFrame
    target : str
        Column that holds the class.
    roles : dict of str to str
        Column of each role in use, see ``ROLES``.
    drop : list of str
        Columns to drop.

    Raises
    ------
    ParamsError
        If a column does not exist, or has two roles.
    """
    option_of: dict[str, str] = {}
    for option, column in [("target", target), *roles.items(), *(("drop", name) for name in drop)]:
        if column not in frame:
            raise ParamsError(f"{option}: {unknown('column', column, map(str, frame))}")
        if column in option_of:
            raise ParamsError(
                f"{option} must differ from {option_of[column]}; got {column!r} for both."
            )
        option_of[column] = option
    return frame[[*(name for name in frame if name not in option_of), *roles.values(), target]]


def cast_roles(frame: pd.DataFrame, roles: Mapping[str, str]) -> pd.DataFrame:
    """Table with ids and groups as strings, and costs as float64.

    Raises
    ------
    DataError
        On the first row without a unique id, a group, or a cost above 0.
    """
    frame = frame.copy(deep=False)
    for role, name in roles.items():
        column = frame[name]
        refuse_containers(column, role)
        if role == "cost":
            column = pd.to_numeric(column.astype(object), errors="coerce").astype("float64")
            wrong, rule = ~((column > 0) & (column < float("inf"))), "be a finite number above 0"
        elif role == "id":
            wrong, rule = column.isna() | column.duplicated(), "be present and unique"
        else:
            wrong, rule = column.isna(), "be present in every row"
        if wrong.any():
            got = shown(frame.loc[wrong, name].iloc[0])
            raise DataError(f"{role} {name!r} must {rule}; got {got} in {rows_where(wrong)}.")
        frame[name] = column if role == "cost" else column.astype(str)
    return frame
