"""Repeats one after the other, in a process pool or on a cluster: the results are the same."""

import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from joblib import Parallel, cpu_count, delayed
from joblib.externals.loky.process_executor import TerminatedWorkerError

from active_learning.base.errors import ExecutionError
from active_learning.training import cluster
from active_learning.training.backends import Backend
from active_learning.training.mailbox import Mailbox, Sender

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")
Report = Callable[[Any], None]
Function = Callable[[ItemT, Report], ResultT]
OnReport = Callable[[ItemT, Any], None]

# Starting a worker costs about as long as importing scikit-learn in it.
_WORKER_START = 3.0


def each(
    function: Function[ItemT, ResultT],
    items: Sequence[ItemT],
    backend: Backend,
    on_report: OnReport[ItemT] = lambda *_: None,
) -> Iterator[ResultT]:
    """Call ``function`` for each item and give the results in order.

    Where nobody said how many processes, items run here until one takes so long that the others
    are worth starting processes for. Mostly that is the first; but it may have been nearly done.

    Parameters
    ----------
    function : callable
        Of an item, and of a function that it may call with anything it has to tell on its way.
        Must be picklable by joblib, as must be what it tells.
    items : sequence
    backend : Backend
    on_report : callable
        Of an item and what the function told about it; called in any thread, one at a time.

    Raises
    ------
    ExecutionError
        If a worker process, or the cluster, is lost.
    """
    if backend.name == "dask":
        yield from cluster.each(function, items, backend, on_report)
        return
    jobs = 1 if backend.name == "sequential" else backend.jobs
    done = 0
    while jobs is None and done < len(items):
        start = time.perf_counter()
        result = _here(function, items[done], on_report)
        done += 1
        if (time.perf_counter() - start) * (len(items) - done) > _WORKER_START:
            jobs = min(cpu_count(), len(items))
        yield result
    if jobs == 1:
        yield from (_here(function, item, on_report) for item in items[done:])
    elif items[done:]:
        yield from _in_processes(function, items[done:], jobs, on_report)


def _here(function: Function[ItemT, ResultT], item: ItemT, on_report: OnReport[ItemT]) -> ResultT:
    return function(item, lambda what: on_report(item, what))


def _in_processes(
    function: Function[ItemT, ResultT],
    items: Sequence[ItemT],
    jobs: int | None,
    on_report: OnReport[ItemT],
) -> Iterator[ResultT]:
    # joblib would send short ones in batches, and a process would wait for the other's last batch.
    parallel = Parallel(n_jobs=jobs, batch_size=1, return_as="generator")
    with Mailbox(lambda number, what: on_report(items[number], what)) as mailbox:
        calls = (
            delayed(_in_worker)(function, item, number, mailbox.sender)
            for number, item in enumerate(items)
        )
        results: Any = parallel(calls)
        try:
            for result in results:
                mailbox.check()
                yield result
        except TerminatedWorkerError:
            raise ExecutionError(
                "a worker process was killed, maybe for want of memory; what was finished is "
                "kept: run it again, with fewer processes (AL_JOBS) if memory is short."
            ) from None
        finally:
            with warnings.catch_warnings():
                # joblib's advice for those who stop early; here something went wrong
                warnings.filterwarnings("ignore", r"\d+ tasks", UserWarning)
                results.close()


def _in_worker(
    function: Function[ItemT, ResultT], item: ItemT, number: int, sender: Sender
) -> ResultT:
    return function(item, lambda what: sender.send(number, what))
