"""The rows to label now, as the pipeline wrote them."""

from active_learning.core.errors import located
from active_learning.rounds.queries import Queries
from stages import paths


def read_queries() -> Queries | None:
    """Queries of the present round; ``None`` before the first one.

    Raises
    ------
    DataError
        If the file is damaged.
    """
    from active_learning.data.read import read_strings

    if not paths.QUERIES.is_file():
        return None
    with located(data=f"{paths.QUERIES} "):
        return Queries.from_table(read_strings(str(paths.QUERIES)))
