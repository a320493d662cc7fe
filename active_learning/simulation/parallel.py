"""Parallel execution in local processes or on a Dask cluster; it does not affect results."""

import os
import signal
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pickle import loads
from typing import Any, TypeVar

from joblib import Parallel, cpu_count, delayed
from joblib.externals.loky.process_executor import TerminatedWorkerError

from active_learning.core.errors import ExecutionError, one_line
from active_learning.simulation.software import software, source_hash

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")

PACKAGE = "active_learning"
BACKENDS = ("loky", "dask", "sequential")
SECONDS_TO_CONNECT = 10
_WORKER_START = 3.0  # CPU seconds to start worker processes, mostly to import scikit-learn


@dataclass(frozen=True)
class Backend:
    """Where jobs are executed.

    Attributes
    ----------
    name : str
        ``loky`` (local processes), ``dask`` or ``sequential``.
    jobs : int or None
        Maximum number of parallel jobs; ``None``: chosen automatically.
    scheduler : str
        Address of the Dask scheduler; unused by other backends.
    """

    name: str = "loky"
    jobs: int | None = None
    scheduler: str = ""


def imap(
    function: Callable[[ItemT], ResultT], items: Sequence[ItemT], backend: Backend
) -> Iterator[ResultT]:
    """Call ``function`` on each item and yield the results in order.

    If the number of processes is not given, items run in this process until one takes enough CPU
    time for worker processes to pay off.

    Parameters
    ----------
    function : callable
        Must be picklable by joblib.
    items : sequence
    backend : Backend

    Raises
    ------
    ExecutionError
        If a worker process or the cluster fails.
    """
    if backend.name == "dask":
        yield from _on_cluster(function, items, backend)
        return
    jobs = 1 if backend.name == "sequential" else backend.jobs
    remaining = deque(items)
    while remaining and jobs is None:
        start = time.process_time()
        result = function(remaining.popleft())
        if (time.process_time() - start) * len(remaining) > _WORKER_START:
            jobs = min(cpu_count(), len(remaining))
        yield result
    if jobs == 1:
        yield from map(function, remaining)
    elif remaining:
        yield from _in_processes(function, remaining, jobs)


def _in_processes(
    function: Callable[[ItemT], ResultT], items: Sequence[ItemT], jobs: int | None
) -> Iterator[ResultT]:
    # joblib sends short jobs in batches of up to half a second, smaller ones at the end.
    parallel = Parallel(
        n_jobs=jobs, backend="loky", return_as="generator",
        initializer=_follow_parent, initargs=(os.getpid(),),
    )  # fmt: skip
    results: Any = parallel(delayed(function)(item) for item in items)
    try:
        yield from results
    except TerminatedWorkerError:
        raise ExecutionError(
            "a worker process was killed, possibly for lack of memory; finished runs are stored, "
            "so run it again, with fewer processes if memory is short."
        ) from None
    finally:
        with warnings.catch_warnings():
            # joblib's advice about stopping early, which does not apply to errors
            warnings.filterwarnings("ignore", r"\d+ tasks", UserWarning)
            results.close()


def _follow_parent(parent: int) -> None:
    """Ignore Ctrl-C, which the parent handles, and exit when the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _on_cluster(
    function: Callable[[ItemT], ResultT], items: Sequence[ItemT], backend: Backend
) -> Iterator[ResultT]:
    # joblib's Dask backend would wait forever for a job that Dask has given up.
    if not items:
        return
    with _client(backend.scheduler) as client:
        from cloudpickle import dumps
        from distributed import CancelledError, KilledWorker
        from distributed.comm import CommClosedError

        def run(call: bytes, item: bytes) -> Any:  # in bytes: the scheduler lacks our code
            return loads(call)(loads(item))

        call = client.scatter(dumps(partial(_on_worker, function, _project())), broadcast=True)
        futures: deque[Any] = deque()
        remaining = deque(items)
        try:
            while remaining or futures:
                while remaining and len(futures) != backend.jobs:
                    item = dumps(remaining.popleft())
                    futures.append(client.submit(run, call, item, pure=False))
                yield futures.popleft().result()
        except ModuleNotFoundError as error:
            raise ExecutionError(f"a Dask worker lacks the project's code: {error}.") from None
        except (KilledWorker, CancelledError, CommClosedError) as error:
            raise ExecutionError(
                f"the Dask cluster lost a job ({one_line(error)}); earlier ones are stored, so run "
                "it again."
            ) from None


@contextmanager
def _client(scheduler: str) -> Iterator[Any]:
    """Client of a cluster with at least one worker."""
    try:
        from distributed import Client
        from distributed.comm import get_address_host_port
    except ModuleNotFoundError:
        raise ExecutionError(
            "the backend dask needs the package distributed, which is not installed."
        ) from None
    try:
        get_address_host_port(scheduler, strict=True)  # an invalid address hangs clients at exit
        client = Client(scheduler, timeout=SECONDS_TO_CONNECT, set_as_default=False)
    except (OSError, ValueError) as error:
        reason = "" if isinstance(error, OSError) else f" ({one_line(error)})"
        raise ExecutionError(
            f"no Dask scheduler answered at {scheduler!r} within {SECONDS_TO_CONNECT} s{reason}."
        ) from None
    with client:
        try:
            client.wait_for_workers(1, timeout=SECONDS_TO_CONNECT)
        except TimeoutError:
            raise ExecutionError(
                f"the Dask cluster at {scheduler} has no worker after {SECONDS_TO_CONNECT} s."
            ) from None
        yield client


def _project() -> dict[str, str]:
    """Versions and code that must be the same on a worker for results to be the same."""
    return software() | {f"code of {PACKAGE}": source_hash(PACKAGE)[:12]}


def _on_worker(
    function: Callable[[ItemT], ResultT], expected: dict[str, str], item: ItemT
) -> ResultT:
    """Call on a Dask worker, unless its software differs."""
    from distributed import get_worker

    here = _project()
    problems = [
        f"{name} {here[name] or 'missing'}, not {wanted}"
        for name, wanted in expected.items()
        if here[name] != wanted
    ]
    if get_worker().state.nthreads != 1:
        problems.append("more than one thread (start it with --nthreads 1)")
    if problems:
        raise ExecutionError(
            f"the Dask worker {get_worker().address} cannot be used: it has {'; '.join(problems)}."
        )
    return function(item)
