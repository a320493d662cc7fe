"""Data sets of OpenML, cached after download and verified by a hash."""

import hashlib
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import pandas as pd
from pydantic import Field, model_validator

from active_learning.core.errors import DataError, ParamsError, one_line
from active_learning.core.strict import Count
from active_learning.data.roles import order_columns
from active_learning.data.source import TableSource

CACHE = Path(".al_cache")


class Openml(TableSource):
    """A data set by its id, or by name and version; cached after download.

    Reference: Vanschoren et al., "OpenML: networked science in machine learning", 2013.
    """

    data_id: Count | None = 40945
    """Id of the data set; null if ``name`` is set."""

    name: str | None = None
    """Name of the data set; null if ``data_id`` is set."""

    version: Count | None = None
    """Version of the data set, with ``name``."""

    target: str | None = None
    """Column that holds the class; null: OpenML's default target."""

    parser: Literal["auto", "pandas", "liac-arff"] = "liac-arff"
    """scikit-learn's parser. ``pandas`` of scikit-learn 1.9.1 fails with pandas 3.1 if a class is a
    number (scikit-learn, pull request 34902)."""

    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None
    """Expected SHA-256 of the table written as CSV; null prints it."""

    @model_validator(mode="after")
    def _one_data_set(self) -> Self:
        if (self.data_id is None) == (self.name is None):
            raise ValueError("must set either data_id or name, and the other to null")
        if (self.name is None) != (self.version is None):
            raise ValueError("must set version together with name, and only then")
        return self

    def load(self, seed: int) -> pd.DataFrame:  # noqa: ARG002 - nothing is random
        """Load the table from the cache or OpenML: features, roles, and the target last.

        Raises
        ------
        DataError
            If it cannot be downloaded.
        ParamsError
            If its hash is not the expected one, or a column does not exist.
        """
        bunch = self._fetch()
        self._check(bunch.frame)
        targets = list(bunch.target_names)
        if len(targets) != 1:
            raise ParamsError(f"target must be set: OpenML has {len(targets)} default targets.")
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
            name = self.data_id or self.name
            text = f"OpenML data set {name} cannot be downloaded ({one_line(error)})."
            raise DataError(text) from error

    def _check(self, table: pd.DataFrame) -> None:
        text = table.to_csv(index=False, lineterminator="\n")
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        if self.sha256 is None:
            print(f"openml: set sha256 to {sha256} to pin this content")
        elif sha256 != self.sha256:
            raise ParamsError(f"sha256 must be that of the data set, {sha256}; got {self.sha256}.")
