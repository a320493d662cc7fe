"""The result of ``active_learning.simulate``: learning curves and queries of one strategy."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from active_learning.simulation.experiment import Experiment, Failure, ceilings
from active_learning.simulation.parallel import Backend
from active_learning.simulation.progress import silent
from active_learning.simulation.tables import notes, outcome, tables


@dataclass(frozen=True)
class Simulation:
    """Runs of one strategy, one per split of the data.

    Attributes
    ----------
    strategy : str
        Name of the strategy.
    curves : DataFrame
        Learning curves, one row per repeat and fit: ``repeat``; ``step``, 0 before the first query;
        ``converged``, whether the fit did; ``labels``, those paid for, including the initial ones;
        ``labelled``, those received; and one column per scorer.
    queries : DataFrame
        Queried rows, in the order of the queries: ``repeat``, ``step``, ``row`` (position in the
        data), ``pool_row`` (position in the pool), ``informativeness``, ``answer`` (the label).
    ceilings : dict of str to ndarray of shape (n_repeats,)
        For each scorer, the score with all labels of initial set and pool.
    greater_is_better : dict of str to bool
        For each scorer; strategies are compared by the first.
    splits : list of dict of str to ndarray
        Positions of the rows of ``test``, ``initial`` and ``pool`` in each repeat.
    data_digest : str
        Hash of the data; compared runs must have the same.
    summary : str
        First and last score in one line, as ``print`` shows it.
    """

    strategy: str
    curves: pd.DataFrame = field(repr=False)
    queries: pd.DataFrame = field(repr=False)
    ceilings: Mapping[str, NDArray[np.float64]] = field(repr=False)
    greater_is_better: Mapping[str, bool] = field(repr=False)
    splits: list[Mapping[str, NDArray[np.int64]]] = field(repr=False)
    data_digest: str = field(repr=False)
    summary: str = ""

    def __str__(self) -> str:
        """First and last score in one line."""
        return self.summary


def run_simulation(name: str, experiment: Experiment, budget: int, backend: Backend) -> Simulation:
    """Run the only strategy of an experiment; ``budget`` is the requested one.

    Warns
    -----
    UserWarning
        If the pool ran out, or fits did not converge.

    Raises
    ------
    UserError
        If a run failed.
    """
    tasks = experiment.tasks
    (runs,) = experiment.runs(backend, silent).values()
    if isinstance(runs, Failure):
        if runs.traceback and runs.error.__cause__ is None:  # it is from another process
            runs.error.add_note(runs.traceback)
        raise runs.error
    written = tables(experiment, runs)
    for note in notes(written["curves"], experiment, budget):
        warnings.warn(f"{name}: {note}", stacklevel=4)  # of the caller of active_learning.simulate
    scores = np.array(ceilings(tasks, None, backend, silent))
    return Simulation(
        strategy=name,
        curves=written["curves"],
        queries=written["queries"],
        ceilings=dict(zip(tasks.scorers, scores.T, strict=True)),
        greater_is_better={name: one.greater_is_better for name, one in tasks.scorers.items()},
        splits=list(tasks.parts),
        data_digest=tasks.data_digest,
        summary=f"{name}: {outcome(written['curves'], experiment)}",
    )
