"""The execution backend: set by environment variables, since it does not affect results."""

import os

from active_learning.core.errors import ParamsError, unknown
from active_learning.simulation.parallel import BACKENDS, Backend


def read_backend() -> Backend:
    """Backend set by ``AL_BACKEND``, ``AL_JOBS`` and ``AL_DASK_SCHEDULER``.

    Raises
    ------
    ParamsError
        If one of them is invalid, or the scheduler is missing.
    """
    name = os.environ.get("AL_BACKEND", "") or "loky"
    if name not in BACKENDS:
        raise ParamsError(f"environment: AL_BACKEND: {unknown('backend', name, BACKENDS)}")
    scheduler = os.environ.get("AL_DASK_SCHEDULER", "")
    if name == "dask" and not scheduler:
        raise ParamsError(
            "environment: AL_BACKEND=dask needs AL_DASK_SCHEDULER, the address of a running "
            "Dask scheduler such as tcp://127.0.0.1:8786."
        )
    jobs = os.environ.get("AL_JOBS", "")
    if jobs and (not jobs.isdecimal() or int(jobs) < 1):
        raise ParamsError(f"environment: AL_JOBS must be an int in [1, inf); got {jobs!r}.")
    return Backend(name, int(jobs) if jobs else None, scheduler)
