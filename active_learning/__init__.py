"""Pool-based active learning: which rows to label next, and what that saves.

``simulate`` runs a strategy on labelled data, ``compare`` tests whether it beats random, and
``query`` chooses the rows of real data to label next. ``available`` lists the plug-ins. To write a
strategy, derive from ``Strategy``.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from active_learning.analysis.compare import compare
    from active_learning.core.bases import Strategy
    from active_learning.core.plugins import available
    from active_learning.core.pool import Pool, Query
    from active_learning.core.prediction import Prediction
    from active_learning.simulation.public import query, simulate

__all__ = ["Pool", "Prediction", "Query", "Strategy", "available", "compare", "query", "simulate"]

# Imported on first access: importing scikit-learn takes a second.
_MODULES = {
    "Pool": "core.pool",
    "Prediction": "core.prediction",
    "Query": "core.pool",
    "Strategy": "core.bases",
    "available": "core.plugins",
    "compare": "analysis.compare",
    "query": "simulation.public",
    "simulate": "simulation.public",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
