"""A table of your own: a CSV or Parquet file with a target column."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
from pydantic import Field

from active_learning.core.errors import DataError, ParamsError
from active_learning.data.roles import order_columns
from active_learning.data.source import TableSource


class Table(TableSource):
    """A table from a file."""

    path: str
    """File, ``.csv`` or ``.parquet``, relative to the project's root."""

    target: str
    """Column that holds the class."""

    missing: list[str] = Field(default_factory=list)
    """Strings that mark a missing value in a CSV, in addition to the usual ones such as NA."""

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
        return order_columns(self._read(), target=self.target, roles=self.roles, drop=self.drop)

    def _read(self) -> pd.DataFrame:
        readers: dict[str, Callable[[str], pd.DataFrame]] = {
            ".csv": self._read_csv,
            ".parquet": pd.read_parquet,
        }
        suffix = Path(self.path).suffix
        if suffix not in readers:
            raise ParamsError(f"path must end in .csv or .parquet; got {self.path!r}.")
        try:
            return readers[suffix](self.path)
        except FileNotFoundError:
            raise ParamsError(f"path must be an existing file; got {self.path!r}.") from None
        except (ValueError, OSError) as error:
            reason = " ".join(str(error).split())
            raise DataError(f"{self.path} cannot be read as a table ({reason}).") from error

    def _read_csv(self, path: str) -> pd.DataFrame:
        header = pd.read_csv(
            path, header=None, nrows=1, dtype=str, na_filter=False, skipinitialspace=True
        ).iloc[0]
        duplicates = header[header.duplicated() & (header != "")]
        if len(duplicates):
            raise ValueError(f"two columns are named {duplicates.iloc[0]!r}")
        table = pd.read_csv(
            path,
            na_values=self.missing,
            skipinitialspace=True,
            dtype={name: str for name in (self.id, self.group) if name},  # 007 is not 7
            low_memory=False,  # or the type of a value could depend on its chunk
        )
        if not isinstance(table.index, pd.RangeIndex):  # pandas made the first field an index
            raise ValueError(  # noqa: TRY004 - the file is wrong, not a type
                f"its rows have more fields than the {len(header)} of its header"
            )
        return table
