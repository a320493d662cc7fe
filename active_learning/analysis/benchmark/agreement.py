"""Our figures beside published ones, and whether they agree."""

import math
from collections.abc import Mapping
from typing import Any

# Of the standard errors of both means together; 5 of 100 figures that agree lie further apart.
STANDARD_ERRORS = 2


def agreement(cells: list[dict[str, Any]], published: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows of a table: ours, theirs, the difference, and whether that is within bounds.

    Where the splits are theirs, the means may differ by ``tolerance``: they are rounded, and a
    few fits may differ between versions. Elsewhere by two standard errors of the difference.

    Parameters
    ----------
    cells : list of dict
        As in the leaderboard.
    published : dict
        ``measure``, ``tolerance``, their names of the ``strategies``, and the ``datasets``: of each
        its ``seeds``, whether the ``rows`` are the "same", a ``note``, and the ``figures``, a mean
        and an sd for each strategy.
    """
    return [
        _row(cell, name, figure, published)
        for cell in cells
        if cell["dataset"] in published["datasets"]
        for name, figure in published["datasets"][cell["dataset"]]["figures"].items()
        if name in cell["strategies"]
    ]


def _row(
    cell: Mapping[str, Any], name: str, theirs: Mapping[str, float], published: Mapping[str, Any]
) -> dict[str, Any]:
    entry = published["datasets"][cell["dataset"]]
    ours = cell["strategies"][name][published["measure"]]
    error = math.sqrt(ours["sd"] ** 2 / cell["n_repeats"] + theirs["sd"] ** 2 / entry["seeds"])
    same = entry["rows"] == "same" and cell["n_repeats"] == entry["seeds"]
    bound = published["tolerance"] if same else STANDARD_ERRORS * error
    difference = ours["mean"] - theirs["mean"]
    return {
        "dataset": cell["dataset"],
        "strategy": name,
        "published_as": published["strategies"][name],
        "seeds": cell["n_repeats"],
        "published_seeds": entry["seeds"],
        "ours": ours["mean"],
        "ours_sd": ours["sd"],
        "theirs": theirs["mean"],
        "theirs_sd": theirs["sd"],
        "difference": difference,
        "bound": bound,
        "same_rows": same,
        "agrees": abs(difference) <= bound,
        "note": entry["note"],
    }
