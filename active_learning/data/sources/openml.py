"""Data sets of OpenML, downloaded once and verified by a hash."""

import hashlib
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import pandas as pd
from pydantic import Field, model_validator

from active_learning.core.errors import DataError, ParamsError
from active_learning.core.strict import Count
from active_learning.data.roles import order_columns
from active_learning.data.source import TableSource

CACHE = Path(".al_cache")


class Openml(TableSource):
    """A data set by its number, or by its name and version; downloaded once.

    Reference: Vanschoren et al., "OpenML: networked science in machine learning", 2013.
    """

    data_id: Count | None = 40945
    """Number of the data set; null: by name."""

    name: str | None = None
    """Name of the data set; null: by number."""

    version: Count | None = None
    """Version of the data set of this name."""

    target: str | None = None
    """Column that holds the class; null: the one that OpenML names."""

    parser: Literal["auto", "pandas", "liac-arff"] = "liac-arff"
    """Reader of the file. scikit-learn 1.9.1 has a fault with pandas 3.1: its reader ``pandas``
    fails where a class is a number (scikit-learn, pull request 34902)."""

    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None
    """SHA-256 that the table, written as CSV, must have; null: print it."""

    @model_validator(mode="after")
    def _one_data_set(self) -> Self:
        if (self.data_id is None) == (self.name is None):
            raise ValueError("must have either data_id or name, and the other null")
        if (self.name is None) != (self.version is None):
            raise ValueError("must have a version where it has a name, and only there")
        return self

    def load(self, seed: int) -> pd.DataFrame:  # noqa: ARG002 - nothing is random
        """Download the table, or take it from the cache: features, roles, and the target last.

        Raises
        ------
        DataError
            If it cannot be fetched.
        ParamsError
            If it is not the expected one, or lacks a column that is named.
        """
        bunch = self._fetch()
        self._check(bunch.frame)
        targets = list(bunch.target_names)
        if len(targets) != 1:
            raise ParamsError(f"target must name a column; OpenML names {len(targets)}.")
        return order_columns(bunch.frame, target=targets[0], roles=self.roles, drop=self.drop)

    def _fetch(self) -> Any:
        from sklearn.datasets import fetch_openml

        try:
            return fetch_openml(
                self.name,
                version=self.version or "active",
                data_id=self.data_id,
                data_home=CACHE,
                target_column=self.target or "default-target",
                as_frame=True,
                parser=self.parser,
            )
        except (ValueError, KeyError, OSError) as error:
            reason = " ".join(str(error).split())
            name = self.data_id or self.name
            raise DataError(f"OpenML data set {name} cannot be fetched ({reason}).") from error

    def _check(self, table: pd.DataFrame) -> None:
        text = table.to_csv(index=False, lineterminator="\n")
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        if self.sha256 is None:
            print(f"openml: set sha256 to {sha256} to refuse any other content")
        elif sha256 != self.sha256:
            raise ParamsError(f"sha256 must be that of the data set, {sha256}; got {self.sha256}.")
