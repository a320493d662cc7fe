"""What a source of data must define: a plug-in that gives a table."""

from abc import ABC, abstractmethod
from typing import ClassVar

import pandas as pd
from pydantic import Field

from active_learning.core.plugins import Plugin
from active_learning.data.roles import ROLES


class Source(Plugin, ABC):
    """Where a table comes from."""

    KIND: ClassVar[str] = "datasets"

    @abstractmethod
    def load(self, seed: int) -> pd.DataFrame:
        """Load the table: features, columns with a role, and the target last."""

    @property
    def roles(self) -> dict[str, str]:
        """Column of each role (``id``, ``group``, ``cost``) that there is."""
        return {}

    @property
    def label(self) -> str:
        """What messages call the table."""
        return self.registered_name()


class TableSource(Source):
    """A table whose columns are not all features."""

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
