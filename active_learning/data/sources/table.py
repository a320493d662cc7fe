"""A table of your own: a CSV, Parquet, Excel or other file with a target column."""

from collections.abc import Collection

import pandas as pd

from active_learning.core.errors import ParamsError
from active_learning.data.csv_format import Csv, doubt_header
from active_learning.data.read import describe_file, is_csv, read_file
from active_learning.data.roles import order_columns
from active_learning.data.source import TableSource

_LINES_ABOVE = 30


class Table(TableSource):
    """A table from a file."""

    path: str
    """File, such as ``.csv``, ``.parquet`` or ``.xlsx``, relative to the project's root."""

    target: str
    """Column that holds the class."""

    missing: list[str] | None = None
    """Strings that mark a missing value, besides empty cells; null: in a CSV, NA and the like."""

    csv: Csv = Csv()
    """How a CSV is written; null options are detected where that is unambiguous."""

    @property
    def label(self) -> str:
        """Name of the table in messages: its path."""
        return self.path

    sheet: str | None = None
    """Sheet of a workbook; null: the only one that is not empty."""

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
        names = [self.target, *self.roles.values(), *self.drop]
        frame = read_file(self.path, self.missing, strings, self.csv, names, sheet=self.sheet)
        try:
            return order_columns(frame, target=self.target, roles=self.roles, drop=self.drop)
        except ParamsError as error:
            raise ParamsError(f"{error}{self._hint(frame)}") from None

    def remarks(self, frame: pd.DataFrame, kinds: Collection[str] = ()) -> dict[str, str]:
        """Sentences about what was detected in the file, or is doubtful."""
        return describe_file(self.path, self.missing, self.csv, frame, kinds)

    def _hint(self, frame: pd.DataFrame) -> str:
        """What may be wrong with a table that lacks a column."""
        is_header = (frame.head(_LINES_ABOVE).astype(str) == self.target).any(axis=1)
        if is_header.any() and self.target not in frame:
            row = frame.index[int(is_header.to_numpy().argmax())]
            cure = f"set csv.skip to {list(range(1, row))}" if is_csv(self.path) else "delete these"
            return f" If the names are in row {row}, below other lines, {cure}."
        if not is_csv(self.path):
            return ""
        if frame.shape[1] == 1 and self.csv.separator is None:
            return " The file has one column: if its separator was not detected, set csv.separator."
        doubt = doubt_header(frame) if self.csv.header is None else None
        return f" {doubt}" if doubt else ""
