"""A table of your own: a CSV or Parquet file with a target column."""

import pandas as pd

from active_learning.data.read import read_file
from active_learning.data.roles import order_columns
from active_learning.data.source import TableSource


class Table(TableSource):
    """A table from a file."""

    path: str
    """File, ``.csv`` or ``.parquet``, relative to the project's root."""

    target: str
    """Column that holds the class."""

    missing: list[str] | None = None
    """Strings that mark a missing value in a CSV, beside empty cells; null: NA and the like."""

    @property
    def label(self) -> str:
        """Name of the table in messages: its path."""
        return self.path

    def load(self, seed: int) -> pd.DataFrame:  # noqa: ARG002 - nothing is random
        """Read the table: features, columns with a role, and the target last.

        Raises
        ------
        ParamsError
            If the file or a column does not exist.
        DataError
            If the file cannot be read.
        """
        strings = [name for name in (self.id, self.group, self.target) if name]
        frame = read_file(self.path, self.missing, strings)
        return order_columns(frame, target=self.target, roles=self.roles, drop=self.drop)
