"""The public function ``compare``."""

from collections.abc import Mapping, Sequence

import numpy as np

from active_learning.analysis.comparison import Comparison, same_queries
from active_learning.analysis.curves import LearningCurve
from active_learning.analysis.targets import DEFAULT_TARGETS, RULE, is_target
from active_learning.core.errors import ParamsError, shown
from active_learning.data import splits
from active_learning.simulation.result import Simulation


def compare(
    runs: Mapping[str, Simulation],
    *,
    control: str = "random",
    targets: Sequence[float | str] = DEFAULT_TARGETS,
    confidence: float = 0.95,
) -> Comparison:
    """Compare strategies with a control, on the same splits.

    Parameters
    ----------
    runs : dict of str to Simulation
        Results of ``simulate``, by any name; one of them is the control.
    control : str, optional
        Name of the run that the others are compared with.
    targets : sequence of float or str, optional
        Scores to report the number of labels for, or shares of the gap from the initial score to
        the ceiling, such as ``"50%"``.
    confidence : float, optional
        Confidence level of intervals and tests.

    Returns
    -------
    Comparison
        ``print`` shows differences, intervals and label savings, ``to_dict()`` returns all results
        and ``plot()`` draws the learning curves.

    Raises
    ------
    ValueError, TypeError
        If an argument is invalid, the control is missing, or the runs differ in data, splits,
        estimator, scoring, budget or batch size.

    Examples
    --------
    >>> import active_learning as al
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.naive_bayes import GaussianNB
    >>> X, y = load_iris(return_X_y=True)
    >>> runs = {
    ...     name: al.simulate(GaussianNB(), X, y, strategy=name, initial=6, budget=10, repeats=2)
    ...     for name in ["margin", "random"]
    ... }
    >>> comparison = al.compare(runs)
    >>> print(comparison)  # doctest: +ELLIPSIS
    margin: accuracy ...
    random: accuracy ...
    """
    for name, run in runs.items():
        if not isinstance(name, str) or not isinstance(run, Simulation):
            raise TypeError(
                f"runs must map names to what simulate returned; got {shown(name)}: {shown(run)}."
            )
    if control not in runs or len(runs) < 2:  # nothing to compare
        raise ParamsError(
            f"runs must hold the control, {control!r}, and another run; got {shown(list(runs))}."
        )
    if not isinstance(confidence, float) or not 0 < confidence < 1:
        raise ParamsError(f"confidence must be between 0 and 1; got {confidence}.")
    for target in targets:
        if not is_target(target):
            raise ParamsError(f"targets: each {RULE}; got {shown(target)}.")
    for name, run in runs.items():
        if difference := _difference(run, runs[control]):
            raise ParamsError(f"runs must share {difference}; {name!r} and {control!r} do not.")
    reference = runs[control]
    return Comparison(
        curves={
            name: {
                scorer: LearningCurve.from_table(run.curves, scorer, better)
                for scorer, better in run.greater_is_better.items()
            }
            for name, run in runs.items()
        },
        ceilings=reference.ceilings,
        same_as=same_queries({name: run.queries for name, run in runs.items()}, control),
        test_per_train=splits.mean_test_ratio(reference.splits),
        targets=targets,
        confidence=confidence,
        control=control,
    )


def _difference(run: Simulation, control: Simulation) -> str:
    """What differs between two simulations; empty if they can be compared."""
    if run.data_digest != control.data_digest:
        return "their data"
    if len(run.splits) != len(control.splits) or not all(
        np.array_equal(mine[role], theirs[role])
        for mine, theirs in zip(run.splits, control.splits, strict=True)
        for role in theirs
    ):
        return "their splits (initial, test_size, repeats, random_state)"
    if run.greater_is_better != control.greater_is_better:
        return "their scoring"
    points = ["repeat", "labels"]
    if not run.curves[points].equals(control.curves[points]):
        return "their budget and batch_size"
    if not all(np.array_equal(run.ceilings[one], control.ceilings[one]) for one in run.ceilings):
        return "their estimator, which must be deterministic,"
    return ""
