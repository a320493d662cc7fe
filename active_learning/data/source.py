"""Base classes of data sources, plug-ins that load a table."""

from abc import ABC, abstractmethod
from collections.abc import Collection
from typing import ClassVar

import pandas as pd
from pydantic import Field

from active_learning.core.plugins import Plugin
from active_learning.data.roles import ROLES


class Source(Plugin, ABC):
    """A source of a table."""

    KIND: ClassVar[str] = "datasets"

    @abstractmethod
    def load(self, seed: int) -> pd.DataFrame:
        """Load the table: features, columns with a role, and the target last."""

    def remarks(
        self,
        frame: pd.DataFrame,  # noqa: ARG002 - most have none
        kinds: Collection[str] = (),  # noqa: ARG002
    ) -> dict[str, str]:
        """Sentences about how the table was read that ``load`` returned, by name.

        Parameters
        ----------
        frame : DataFrame
        kinds : collection of str, optional
            Columns whose kind the user has set.
        """
        return {}

    @property
    def roles(self) -> dict[str, str]:
        """Column of each role in use (``id``, ``group``, ``cost``)."""
        return {}

    @property
    def label(self) -> str:
        """Name of the table in messages."""
        return self.registered_name()


class TableSource(Source):
    """A table with columns that are not features."""

    drop: list[str] = Field(default_factory=list)
    """Columns to drop."""

    id: str | None = None
    """Column with the unique id of each row; not a feature."""

    group: str | None = None
    """Column with the group of each row, never split between test set and pool; not a feature."""

    cost: str | None = None
    """Column with the cost of each row's label, above 0; not a feature."""

    @property
    def roles(self) -> dict[str, str]:
        """Column of each role in use."""
        return {role: getattr(self, role) for role in ROLES if getattr(self, role) is not None}
