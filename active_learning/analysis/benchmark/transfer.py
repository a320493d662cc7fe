"""Rows that one model chose, labelled and given to another: what they are worth to it."""

import numpy as np
from numpy.typing import NDArray

from active_learning.models.task import Task, deterministic_numerics


def transfer_scores(
    task: Task, rows: NDArray[np.int64], labels: NDArray[np.int64], counts: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Headline scores of the task's learner after so many of the rows were bought.

    Reference: Baldridge & Osborne, "Active learning and the total cost of annotation", 2004, who
    call it the reuse of data by another learner.

    Parameters
    ----------
    task : Task
        Its learner is taught and scored; who chose the rows does not matter.
    rows : ndarray of shape (n_queries,), int
        Rows of the table in the order in which they were bought.
    labels : ndarray of shape (n_queries,)
        What the oracle said of them.
    counts : ndarray of shape (n_points,), int
        Numbers of rows bought, from 0 to n_queries.

    Returns
    -------
    ndarray of shape (n_points,)
    """
    initial = task.parts["initial"]
    scores = []
    with deterministic_numerics():
        for count in counts:
            known = np.concatenate([initial, rows[:count]])
            answers = np.concatenate([task.labels[initial], labels[:count]])
            scores.append(task.scores(task.fit(task.features[known], answers))[0])
    return np.array(scores)
