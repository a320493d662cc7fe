"""Random subsamples of rows, and bootstrap samples of the labelled set."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from active_learning.core.errors import ParamsError


def subsample(
    rows: NDArray[np.int64], most: int | None, generator: np.random.Generator
) -> NDArray[np.int64]:
    """At most ``most`` rows, sampled at random without replacement and sorted.

    Parameters
    ----------
    rows : ndarray of shape (n_rows,), int
    most : int or None
        ``None``: all rows.
    generator : numpy.random.Generator
    """
    if most is None or len(rows) <= most:
        return rows
    return np.sort(generator.choice(rows, most, replace=False))


def bootstraps(
    labels: NDArray[np.int64], n_samples: int, generator: np.random.Generator
) -> Iterator[NDArray[np.int64]]:
    """Positions of bootstrap samples, each of the size of the labelled set.

    Samples of a single class are drawn again, since few classifiers can be fitted to them, unless
    the labelled set has no other.

    Parameters
    ----------
    labels : ndarray of shape (n_labels,), int
    n_samples : int
    generator : numpy.random.Generator

    Raises
    ------
    ParamsError
        If there are no labels.
    """
    if not len(labels):
        raise ParamsError("labelled must hold rows for models of bootstrap samples; got none.")
    several = (labels != labels[0]).any()
    while n_samples:
        sample = generator.integers(len(labels), size=len(labels))
        if not several or (labels[sample] != labels[sample[0]]).any():
            n_samples -= 1
            yield sample
