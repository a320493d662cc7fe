"""Your own table: a CSV or Parquet file with numeric features and a target column."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
from pydantic import Field

from active_learning.base.errors import DataError, unknown
from active_learning.base.plugins import Plugin


class Table(Plugin):
    """A table from a file."""

    path: str
    """File, ``.csv`` or ``.parquet``, from the project's root."""

    target: str
    """Column that holds the class."""

    drop: list[str] = Field(default_factory=list)
    """Columns to leave out, such as an id."""

    def load(self, seed: int) -> pd.DataFrame:  # noqa: ARG002 - nothing is random
        """Read the table: the features under their names, and the target last.

        Raises
        ------
        DataError
            If the file cannot be read, or a column that is named is not there.
        """
        table = self._read()
        for option, columns in {"target": [self.target], "drop": self.drop}.items():
            for column in columns:
                if column not in table:
                    raise DataError(
                        f"params.yaml: generate.table.{option} "
                        f"{unknown(f'column of {self.path}', column, map(str, table))}; "
                        f"got {column!r}."
                    )
        features = table.drop(columns=[self.target, *self.drop])
        return features.assign(**{self.target: table[self.target]})

    def _read(self) -> pd.DataFrame:
        readers: dict[str, Callable[[str], pd.DataFrame]] = {
            ".csv": pd.read_csv,
            ".parquet": pd.read_parquet,
        }
        suffix = Path(self.path).suffix
        if suffix not in readers:
            raise DataError(
                f"params.yaml: generate.table.path must end in .csv or .parquet; got {self.path!r}."
            )
        try:
            return readers[suffix](self.path)
        except FileNotFoundError:
            raise DataError(
                f"params.yaml: generate.table.path must be a file; got {self.path!r}, "
                "which is not there."
            ) from None
        except (ValueError, OSError) as error:
            reason = " ".join(str(error).split())
            raise DataError(f"{self.path} cannot be read as a table ({reason}).") from error
