"""Repeats in a process pool; how many run at once changes no result."""

import os
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from joblib import Parallel, cpu_count, delayed

from active_learning.base.errors import ParamsError

ResultT = TypeVar("ResultT")

# Starting a worker costs about as long as importing scikit-learn in it.
_WORKER_START = 3.0


def jobs_from_environment() -> int | None:
    """Processes that ``AL_JOBS`` asks for, or ``None`` where it leaves the choice to us.

    Raises
    ------
    ParamsError
        If it is not a whole number of at least 1.
    """
    value = os.environ.get("AL_JOBS", "")
    if not value:
        return None
    if not value.isdecimal() or int(value) < 1:
        raise ParamsError(f"environment: AL_JOBS must be an int in [1, inf); got {value!r}.")
    return int(value)


def each(
    function: Callable[[int], ResultT],
    n_repeats: int,
    jobs: int | None = None,
    here: Callable[[int], ResultT] | None = None,
) -> Iterator[ResultT]:
    """Call ``function`` for each repeat and give the results in order.

    Without ``jobs``, the first repeat runs here, and tells whether the others are long enough to
    be worth starting processes for.

    Parameters
    ----------
    function : callable
        Of the number of the repeat; must be picklable by joblib.
    n_repeats : int
    jobs : int, optional
        Processes.
    here : callable, optional
        The same for repeats that run in this process, where it may also report its progress.
    """
    here = here or function
    first = 0
    if jobs is None:
        start = time.perf_counter()
        yield here(0)
        first = 1
        left = (time.perf_counter() - start) * (n_repeats - 1)
        jobs = min(cpu_count(), n_repeats) if left > _WORKER_START else 1
    if jobs == 1:
        yield from (here(number) for number in range(first, n_repeats))
    else:
        parallel = Parallel(n_jobs=jobs, return_as="generator")
        yield from parallel(delayed(function)(number) for number in range(first, n_repeats))
