"""Repeats on the workers of a Dask cluster, each in a process of its own.

A process of its own, since the threads of a Dask worker share what the loop sets for itself (the
number of BLAS threads, where warnings go), and since a worker that has lived for long may have
imported another version of the code. The code goes with the task, so a worker needs the libraries
only; they must be of the same versions, as the results would not be the same otherwise.
"""

import os
import pickle
import platform
import subprocess
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, cast

from active_learning.base.errors import ExecutionError, ParamsError, UserError
from active_learning.training.backends import Backend

SECONDS_TO_CONNECT = 10
SECONDS_WITHOUT_WORKERS = 60
LIBRARIES = ("joblib", "numpy", "pydantic", "scikit-learn", "scipy")
_CHILD = "from active_learning.training.cluster import _child; _child()"


def software() -> dict[str, str]:
    """Versions of everything that the last bits of a result may depend on."""
    return {name: version(name) for name in LIBRARIES} | {
        "python": platform.python_version(),
        "machine": platform.machine(),
    }


def each(
    function: Callable[..., Any],
    items: Sequence[Any],
    backend: Backend,
    on_report: Callable[[Any, Any], None],
) -> Iterator[Any]:
    """Call ``function`` for each item on the cluster; see ``repeats.each``.

    A repeat whose worker is lost is run again on another one.
    """
    if not items:
        return
    with _client(backend.scheduler) as client:
        futures = _Futures(client, function, items, on_report)
        for number in range(len(items)):
            futures.submit(len(items) if backend.jobs is None else number + backend.jobs)
            yield futures.result(number)


@contextmanager
def _client(scheduler: str) -> Iterator[Any]:
    """Client of the cluster, which has a worker."""
    try:
        from distributed import Client
        from distributed.comm import get_address_host_port
    except ModuleNotFoundError:
        raise ParamsError(
            "environment: AL_BACKEND=dask needs the package distributed, which is not installed; "
            "`make extras` installs it."
        ) from None
    try:
        get_address_host_port(scheduler, strict=True)  # a client that fails on it hangs at exit
        client = Client(scheduler, timeout=SECONDS_TO_CONNECT, set_as_default=False)
    except (OSError, ValueError) as error:
        reason = "" if isinstance(error, OSError) else f" ({' '.join(str(error).split())})"
        raise ParamsError(
            f"environment: AL_DASK_SCHEDULER: there is no scheduler at {scheduler!r} that answers "
            f"within {SECONDS_TO_CONNECT} s{reason}."
        ) from None
    with client:
        try:
            client.wait_for_workers(1, timeout=SECONDS_TO_CONNECT)
        except TimeoutError:
            raise ExecutionError(
                f"the Dask cluster at {scheduler} has no worker, after {SECONDS_TO_CONNECT} s."
            ) from None
        yield client


class _Futures:
    """Tasks of a cluster, submitted in order, and their results."""

    def __init__(
        self,
        client: Any,
        function: Callable[..., Any],
        items: Sequence[Any],
        on_report: Callable[[Any, Any], None],
    ) -> None:
        import cloudpickle

        self.client, self.items, self.on_report = client, items, on_report
        self.topic = f"active-learning-{os.urandom(8).hex()}"
        self.futures: list[Any] = []
        self.error: Exception | None = None
        call = cloudpickle.dumps(function)
        self.in_worker = _by_value(_in_worker)
        # Scattered data is gone with the worker that holds it; what a task returns is made again.
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Sending large graph", UserWarning)
            self.job = client.submit(lambda *parts: parts, _code(), software(), call, pure=False)
        # Dask gives a task to a worker that has what it needs, and lets no other take it over that
        # would have to fetch much first. Only for speed: a copy may be dropped again.
        client.replicate(self.job)
        client.subscribe_topic(self.topic, self._receive)

    def submit(self, until: int) -> None:
        """Submit the items before this number that are not yet."""
        import cloudpickle

        for number in range(len(self.futures), min(until, len(self.items))):
            item = cloudpickle.dumps(self.items[number])
            future = self.client.submit(
                lambda function, *arguments: pickle.loads(function)(*arguments),
                self.in_worker, self.job, item, number, self.topic,
                key=f"repeat-{self.topic}-{number}",  # durations are estimated by the first word
            )  # fmt: skip
            self.futures.append(future)

    def result(self, number: int) -> Any:
        """Wait for the result of an item."""
        kind, content = self._wait(self.futures[number])
        if self.error is not None:
            raise self.error
        self.futures[number] = None  # for the cluster to forget it
        if kind == "lost":
            raise ExecutionError(content)
        value = pickle.loads(content)
        if kind == "error":
            raise value
        return value

    def _wait(self, future: Any) -> tuple[str, Any]:
        from distributed import CancelledError, KilledWorker

        alone = 0
        while True:
            try:
                outcome: tuple[str, Any] = future.result(timeout=SECONDS_TO_CONNECT)
            except TimeoutError:
                alone = 0 if self.client.nthreads() else alone + SECONDS_TO_CONNECT
                if alone >= SECONDS_WITHOUT_WORKERS:
                    raise ExecutionError(
                        f"the Dask cluster has had no worker for {alone} s; what was finished is "
                        "kept: run it again."
                    ) from None
            except (KilledWorker, CancelledError, OSError) as error:
                reason = " ".join(str(error).split())
                raise ExecutionError(
                    f"the Dask cluster lost a repeat ({reason}); what was finished is kept: run "
                    "it again."
                ) from None
            else:
                return outcome

    def _receive(self, event: tuple[float, tuple[int, bytes]]) -> None:
        number, content = event[1]
        try:
            self.on_report(self.items[number], pickle.loads(content))
        except Exception as error:
            self.error = self.error or error


def _by_value(function: Callable[..., Any]) -> bytes:
    """Pickle a function of this module for a worker that does not have the module."""
    import cloudpickle

    module = sys.modules[__name__]
    cloudpickle.register_pickle_by_value(module)
    try:
        return bytes(cloudpickle.dumps(function))
    finally:
        cloudpickle.unregister_pickle_by_value(module)


def _code() -> dict[str, bytes]:
    """Every file of the project's packages that are imported, by its path."""
    root = Path(__file__).parents[2]
    tops = {name.partition(".")[0] for name in sys.modules}
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for top in sorted(tops)
        if (root / top / "__init__.py").is_file()
        for path in sorted((root / top).rglob("*.py"))
    }


def _in_worker(
    job: tuple[dict[str, bytes], dict[str, str], bytes], item: bytes, number: int, topic: str
) -> tuple[str, Any]:
    """Run an item in a new process with the code of the caller; in a thread of a Dask worker."""
    from distributed import get_worker
    from distributed.worker import thread_state

    files, wanted, call = job
    worker, key = get_worker(), thread_state.key

    def report(content: bytes) -> bool:
        worker.log_event(topic, (number, content))
        task = worker.state.tasks.get(key)
        return task is not None and task.state != "cancelled"

    with TemporaryDirectory() as folder:
        for name, content in files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        try:
            return _in_process(folder, (wanted, call, item), report)
        except ChildProcessError as error:
            return "lost", (
                f"a process of the Dask worker {worker.address} ended with status {error}, maybe "
                "for want of memory; what was finished is kept."
            )


def _in_process(
    folder: str, parts: tuple[Any, ...], report: Callable[[bytes], bool]
) -> tuple[str, Any]:
    """Run an item in a new process and pass its reports on, as long as somebody wants them."""
    process = subprocess.Popen(
        [sys.executable, "-c", _CHILD], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with process as child:
        to, out = cast("IO[bytes]", child.stdin), cast("IO[bytes]", child.stdout)
        try:
            for part in parts:
                pickle.dump(part, to)
            to.flush()
            while True:
                kind, content = pickle.load(out)
                if kind != "report" or not report(content):
                    return kind, content
        except (EOFError, OSError, pickle.UnpicklingError):
            raise ChildProcessError(child.wait()) from None
        finally:
            child.kill()


def _child() -> None:
    """Run one item: from standard input to standard output, which nothing else may write to."""
    import cloudpickle

    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)

    def tell(kind: str, content: Any) -> None:
        with suppress(BrokenPipeError):
            pickle.dump((kind, cloudpickle.dumps(content)), out)
            out.flush()

    wanted, call, item = (pickle.load(sys.stdin.buffer) for _ in range(3))
    threading.Thread(target=_end_with_the_worker, daemon=True).start()
    try:
        _check(wanted)
        function = pickle.loads(call)
        result = function(pickle.loads(item), lambda what: tell("report", what))
    except Exception as error:
        if not isinstance(error, UserError):
            error.add_note(f"On the Dask worker:\n{traceback.format_exc()}")
        tell("error", error)
    else:
        tell("result", result)


def _check(wanted: dict[str, str]) -> None:
    here = software()
    others = [
        f"{name} {here[name]}, not {wanted[name]}" for name in wanted if here[name] != wanted[name]
    ]
    if others:
        raise ExecutionError(
            "the Dask workers must have the versions of this process, for the results to be the "
            f"same; there is {'; '.join(others)}."
        )


def _end_with_the_worker() -> None:
    sys.stdin.buffer.read()  # ends when the other end is closed
    os._exit(1)
