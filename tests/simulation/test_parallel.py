"""Repeats in processes: how many, and where, changes no result."""

import os
import re
import sys
import time
from importlib import invalidate_caches
from types import SimpleNamespace

import pytest

from active_learning.core.errors import ExecutionError, ParamsError
from active_learning.simulation import parallel
from active_learning.simulation.parallel import Backend, imap
from active_learning.simulation.software import source_hash
from tests import examples

SEQUENTIAL, ONE, TWO, AUTOMATIC = (
    Backend("sequential", 2), Backend("loky", 1), Backend("loky", 2), Backend(),
)  # fmt: skip


@pytest.fixture(autouse=True)
def importable_in_workers(monkeypatch):
    """A worker has to find ``tests`` to unpickle these functions."""
    monkeypatch.setenv("PYTHONPATH", str(examples.ROOT))


def one(repeat):
    run = examples.run(examples.task(3, seed=repeat), "random", seed=repeat)
    return run.rows.tolist(), run.scores.tolist()


def fails(repeat):
    raise ParamsError(f"params.yaml: repeat {repeat} is wrong.")


def process(repeat):
    return os.getpid()


def dies(repeat):
    os._exit(1)


@pytest.mark.parametrize(
    "backend", [SEQUENTIAL, ONE, pytest.param(TWO, marks=pytest.mark.slow), AUTOMATIC]
)
def test_every_backend_gives_the_same_in_order(backend):
    expected = [one(repeat) for repeat in range(5)]
    assert list(imap(one, range(5), backend)) == expected


@pytest.mark.parametrize("backend", [SEQUENTIAL, TWO, AUTOMATIC, Backend("dask", None, "none")])
def test_nothing_to_do(backend):
    assert list(imap(fails, [], backend)) == []


def test_processes_are_started_where_repeats_take_long(monkeypatch):
    monkeypatch.setattr(parallel, "_WORKER_START", -1.0)
    processes = list(imap(process, range(4), AUTOMATIC))
    assert processes[0] == os.getpid()
    assert len(processes) == 4
    assert all(process != os.getpid() for process in processes[1:])


def work(seconds):
    """Use this much CPU time."""
    start = time.process_time()
    while time.process_time() - start < seconds:
        pass
    return os.getpid()


def test_processes_are_started_after_a_first_repeat_that_was_nearly_done(monkeypatch):
    monkeypatch.setattr(parallel, "_WORKER_START", 0.3)
    processes = list(imap(work, [0, 0.2, 0.2, 0.2], AUTOMATIC))
    assert [process == os.getpid() for process in processes] == [True, True, False, False]


def wait(seconds):
    time.sleep(seconds)
    return os.getpid()


def test_time_that_other_processes_take_does_not_count(monkeypatch):
    monkeypatch.setattr(parallel, "_WORKER_START", 0.2)
    assert set(imap(wait, [0.2] * 3, AUTOMATIC)) == {os.getpid()}


@pytest.mark.parametrize("backend", [SEQUENTIAL, TWO])
def test_error_of_a_repeat_is_raised_as_it_is(backend):
    with pytest.raises(ParamsError, match=r"^params.yaml: repeat \d is wrong.$"):
        list(imap(fails, range(3), backend))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:A worker stopped:UserWarning")
def test_a_worker_that_dies_is_one_line():
    with pytest.raises(ExecutionError, match=r"^a worker process was killed, [^\n]+\.$"):
        list(imap(dies, range(3), TWO))


class Counted:
    """Function that counts how often it is sent to a process."""

    sent = 0

    def __call__(self, item):
        return item

    def __reduce__(self):
        Counted.sent += 1
        return Counted, ()


@pytest.mark.slow
def test_short_jobs_are_sent_in_batches():
    assert list(imap(Counted(), range(300), TWO)) == list(range(300))
    assert Counted.sent < 200


def test_dask_is_not_installed(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ExecutionError, match=r"^the backend dask needs .* is not installed"):
        list(imap(one, range(2), Backend("dask", None, "tcp://127.0.0.1:1")))


@pytest.mark.extras
@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense", "foo://127.0.0.1:1"])
def test_scheduler_that_does_not_answer(monkeypatch, address):
    monkeypatch.setattr(parallel, "SECONDS_TO_CONNECT", 1)
    expected = f"no Dask scheduler answered at '{address}' within 1 s"
    with pytest.raises(ExecutionError, match=re.escape(expected)):
        list(imap(one, range(2), Backend("dask", None, address)))


@pytest.fixture
def worker(monkeypatch):
    """A Dask worker to be in."""
    distributed = pytest.importorskip("distributed")
    worker = SimpleNamespace(address="tcp://a:1", state=SimpleNamespace(nthreads=1))
    monkeypatch.setattr(distributed, "get_worker", lambda: worker)
    return worker


@pytest.mark.extras
def test_a_worker_of_the_same_software_is_used(worker):
    assert parallel._on_worker(process, parallel._project(), 0) == os.getpid()


@pytest.mark.extras
@pytest.mark.parametrize("name", ["numpy", "python", "code of active_learning"])
def test_a_worker_of_other_software_is_refused(worker, name):
    here = parallel._project()
    difference = re.escape(f"{name} {here[name]}, not 0.1.")
    with pytest.raises(
        ExecutionError, match=rf"^the Dask worker tcp://a:1 cannot .* {difference}$"
    ):
        parallel._on_worker(fails, here | {name: "0.1"}, 0)


@pytest.mark.extras
def test_a_worker_of_several_threads_is_refused(worker):
    worker.state.nthreads = 2
    with pytest.raises(ExecutionError, match=r"^[^\n]+ more than one thread [^\n]+\.$"):
        parallel._on_worker(fails, parallel._project(), 0)


def test_hash_of_source_code(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    folder = tmp_path / "a_package"
    folder.mkdir()
    hashes = [source_hash.__wrapped__("a_package")]
    for name, text in [("__init__.py", ""), ("a.py", "1"), ("a.py", "2"), ("b.txt", "1")]:
        (folder / name).write_text(text)
        invalidate_caches()
        hashes.append(source_hash.__wrapped__("a_package"))
    assert source_hash("no_package") == ""
    assert len(set(hashes)) == 4
    assert hashes[-1] == hashes[-2]
