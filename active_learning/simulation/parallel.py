"""Run repeats in this process, in processes of this machine or on a Dask cluster.

How they run changes no result.
"""

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

from active_learning.core.errors import ExecutionError
from active_learning.simulation.software import software, source_hash

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")

PACKAGE = "active_learning"
BACKENDS = ("loky", "dask", "sequential")
SECONDS_TO_CONNECT = 10
_WORKER_START = 3.0  # CPU seconds to start worker processes, mostly to import scikit-learn


@dataclass(frozen=True)
class Backend:
    """Where repeats run.

    Attributes
    ----------
    name : str
        ``loky`` (processes of this machine), ``dask`` or ``sequential``.
    jobs : int or None
        Most repeats at once; ``None`` to choose automatically.
    scheduler : str
        Address of the Dask scheduler; empty for the others.
    """

    name: str = "loky"
    jobs: int | None = None
    scheduler: str = ""


def imap(
    function: Callable[[ItemT], ResultT], items: Sequence[ItemT], backend: Backend
) -> Iterator[ResultT]:
    """Call ``function`` for each item and yield the results in order.

    If the number of processes is not given, items run here until one takes so much CPU time that
    starting processes pays off for the others.

    Parameters
    ----------
    function : callable
        Of an item; must be picklable by joblib.
    items : sequence
    backend : Backend

    Raises
    ------
    ExecutionError
        If a worker process, or the cluster, is lost.
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
    # joblib would send short ones in batches, and a process would wait for the other's last batch.
    parallel = Parallel(
        n_jobs=jobs, backend="loky", batch_size=1, return_as="generator",
        initializer=_follow_parent, initargs=(os.getpid(),),
    )  # fmt: skip
    results: Any = parallel(delayed(_call)(function, item) for item in items)
    try:
        yield from results
    except TerminatedWorkerError:
        raise ExecutionError(
            "a worker process was killed, maybe for lack of memory; what was finished is kept: "
            "run it again, with fewer processes if memory is short."
        ) from None
    finally:
        with warnings.catch_warnings():
            # joblib's advice for those who stop early; here something went wrong
            warnings.filterwarnings("ignore", r"\d+ tasks", UserWarning)
            results.close()


def _call(function: Callable[[ItemT], ResultT], item: ItemT) -> ResultT:
    return function(item)


def _follow_parent(parent: int) -> None:
    """Leave Ctrl-C to the parent process, and exit when it is gone, however it ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _on_cluster(
    function: Callable[[ItemT], ResultT], items: Sequence[ItemT], backend: Backend
) -> Iterator[ResultT]:
    # Not by joblib's Dask backend, which waits for ever for a repeat that Dask has given up.
    if not items:
        return
    with _client(backend.scheduler) as client:
        from cloudpickle import dumps
        from distributed import CancelledError, KilledWorker
        from distributed.comm import CommClosedError

        def repeat(call: bytes, item: bytes) -> Any:  # the scheduler need not have the project
            return loads(call)(loads(item))

        call = client.scatter(dumps(partial(_on_worker, function, _project())), broadcast=True)
        futures: deque[Any] = deque()
        remaining = deque(items)
        try:
            while remaining or futures:
                while remaining and len(futures) != backend.jobs:
                    item = dumps(remaining.popleft())
                    futures.append(client.submit(repeat, call, item, pure=False))
                yield futures.popleft().result()
        except ModuleNotFoundError as error:
            raise ExecutionError(f"a Dask worker lacks the project's code: {error}.") from None
        except (KilledWorker, CancelledError, CommClosedError) as error:
            reason = " ".join(str(error).split())
            raise ExecutionError(
                f"the Dask cluster lost a repeat ({reason}); those before it are kept: run it "
                "again."
            ) from None


@contextmanager
def _client(scheduler: str) -> Iterator[Any]:
    """Client of a cluster that has a worker."""
    try:
        from distributed import Client
        from distributed.comm import get_address_host_port
    except ModuleNotFoundError:
        raise ExecutionError(
            "the backend dask needs the package distributed, which is not installed."
        ) from None
    try:
        get_address_host_port(scheduler, strict=True)  # a client that fails on it hangs at exit
        client = Client(scheduler, timeout=SECONDS_TO_CONNECT, set_as_default=False)
    except (OSError, ValueError) as error:
        reason = "" if isinstance(error, OSError) else f" ({' '.join(str(error).split())})"
        raise ExecutionError(
            f"there is no Dask scheduler at {scheduler!r} that answers within "
            f" {SECONDS_TO_CONNECT} s{reason}."
        ) from None
    with client:
        try:
            client.wait_for_workers(1, timeout=SECONDS_TO_CONNECT)
        except TimeoutError:
            raise ExecutionError(
                f"the Dask cluster at {scheduler} has no worker, after {SECONDS_TO_CONNECT} s."
            ) from None
        yield client


def _project() -> dict[str, str]:
    """Everything that must be the same on a worker, for the results to be the same."""
    return software() | {f"code of {PACKAGE}": source_hash(PACKAGE)[:12]}


def _on_worker(
    function: Callable[[ItemT], ResultT], expected: dict[str, str], item: ItemT
) -> ResultT:
    """Call on a Dask worker, unless it could give another result."""
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
