"""How repeats are run, by the environment: it changes no result, so it is no parameter."""

import os
from dataclasses import dataclass
from typing import Self

from active_learning.base.errors import ParamsError, unknown

BACKENDS = ("loky", "dask", "sequential")


@dataclass(frozen=True)
class Backend:
    """Where repeats run.

    Attributes
    ----------
    name : str
        ``loky`` (processes of this machine), ``dask`` or ``sequential``.
    jobs : int or None
        Most repeats at once; ``None`` where it is left to us.
    scheduler : str
        Address of the Dask cluster; empty for the others.
    """

    name: str = "loky"
    jobs: int | None = None
    scheduler: str = ""

    @classmethod
    def from_environment(cls) -> Self:
        """Backend that ``AL_BACKEND``, ``AL_JOBS`` and ``AL_DASK_SCHEDULER`` ask for.

        Raises
        ------
        ParamsError
            If one of them is wrong, or the scheduler is missing.
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
        return cls(name, _jobs(), scheduler)


def _jobs() -> int | None:
    value = os.environ.get("AL_JOBS", "")
    if not value:
        return None
    if not value.isdecimal() or int(value) < 1:
        raise ParamsError(f"environment: AL_JOBS must be an int in [1, inf); got {value!r}.")
    return int(value)
