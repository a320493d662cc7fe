"""Repeats in processes: how many, and where, changes no result."""

import multiprocessing.util
import os
import re
import time

import pytest

from active_learning.base.errors import ExecutionError, ParamsError
from active_learning.training import cluster, repeats
from active_learning.training.backends import Backend
from active_learning.training.mailbox import Mailbox
from tests import examples

SEQUENTIAL, ONE, TWO, AUTOMATIC = (
    Backend("sequential", 2), Backend("loky", 1), Backend("loky", 2), Backend(),
)  # fmt: skip


@pytest.fixture(autouse=True)
def importable_in_workers(monkeypatch):
    """A worker has to find ``tests`` to unpickle these functions."""
    monkeypatch.setenv("PYTHONPATH", str(examples.ROOT))


def one(repeat, tell):
    run = examples.run(examples.task(3, seed=repeat), "random", seed=repeat)
    return run.rows.tolist(), run.scores.tolist()


def fails(repeat, tell):
    raise ParamsError(f"params.yaml: repeat {repeat} is wrong.")


def tells(repeat, tell):
    tell(("begun", repeat))
    tell(("nearly done", repeat))
    return os.getpid()


def dies(repeat, tell):
    os._exit(1)


@pytest.mark.parametrize("backend", [SEQUENTIAL, ONE, TWO, AUTOMATIC])
def test_every_backend_gives_the_same_in_order(backend):
    expected = [one(repeat, None) for repeat in range(5)]
    assert list(repeats.each(one, range(5), backend)) == expected


@pytest.mark.parametrize("backend", [SEQUENTIAL, TWO, AUTOMATIC, Backend("dask", None, "none")])
def test_nothing_to_do(backend):
    assert list(repeats.each(fails, [], backend)) == []


def test_processes_are_started_where_repeats_take_long(monkeypatch):
    monkeypatch.setattr(repeats, "_WORKER_START", 0.0)
    processes = list(repeats.each(tells, range(4), AUTOMATIC))
    assert processes[0] == os.getpid()
    assert len(processes) == 4
    assert all(process != os.getpid() for process in processes[1:])


def slow_but_for_the_first(repeat, tell):
    time.sleep(0.2 if repeat else 0)
    return os.getpid()


def test_processes_are_started_after_a_first_repeat_that_was_nearly_done(monkeypatch):
    monkeypatch.setattr(repeats, "_WORKER_START", 0.3)
    processes = list(repeats.each(slow_but_for_the_first, range(4), AUTOMATIC))
    assert [process == os.getpid() for process in processes] == [True, True, False, False]


@pytest.mark.parametrize("backend", [SEQUENTIAL, TWO])
def test_what_a_repeat_tells_arrives(backend):
    told = []
    processes = list(repeats.each(tells, [5, 7], backend, lambda *what: told.append(what)))
    assert (set(processes) == {os.getpid()}) == (backend is SEQUENTIAL)
    for item in (5, 7):
        mine = [what for of, what in told if of == item]
        assert mine == [("begun", item), ("nearly done", item)]


@pytest.mark.parametrize("backend", [SEQUENTIAL, TWO])
def test_what_goes_wrong_with_a_message_is_raised(backend):
    def refuse(item, what):
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space left"):
        list(repeats.each(tells, range(3), backend, refuse))


@pytest.mark.parametrize("backend", [SEQUENTIAL, TWO])
def test_error_of_a_repeat_is_raised_as_it_is(backend):
    with pytest.raises(ParamsError, match=r"^params.yaml: repeat \d is wrong.$"):
        list(repeats.each(fails, range(3), backend))


@pytest.mark.filterwarnings("ignore:A worker stopped:UserWarning")
def test_a_worker_that_dies_is_one_line():
    with pytest.raises(ExecutionError, match=r"^a worker process was killed, [^\n]+\.$"):
        list(repeats.each(dies, range(3), TWO))


def test_a_long_path_of_temporary_files_is_no_obstacle(monkeypatch, tmp_path):
    long = tmp_path / ("x" * 100)
    long.mkdir()
    monkeypatch.setattr(multiprocessing.util, "get_temp_dir", lambda: str(long))
    told = []
    with Mailbox(lambda *what: told.append(what)) as mailbox:
        mailbox.sender.send("a", 1)
    assert told == [("a", 1)]


def test_messages_to_nobody_are_dropped():
    with Mailbox(print) as mailbox:
        sender = mailbox.sender
    sender.send("anything")


class TestEnvironment:
    @pytest.fixture(autouse=True)
    def clean(self, monkeypatch):
        for name in ("AL_JOBS", "AL_BACKEND", "AL_DASK_SCHEDULER"):
            monkeypatch.delenv(name, raising=False)

    @pytest.mark.parametrize(
        ("variables", "backend"),
        [
            ({}, Backend("loky", None)),
            ({"AL_JOBS": "", "AL_BACKEND": ""}, Backend("loky", None)),
            ({"AL_JOBS": "1"}, Backend("loky", 1)),
            ({"AL_JOBS": "12", "AL_BACKEND": "sequential"}, Backend("sequential", 12)),
            (
                {"AL_BACKEND": "dask", "AL_DASK_SCHEDULER": "tcp://127.0.0.1:8786"},
                Backend("dask", None, "tcp://127.0.0.1:8786"),
            ),
        ],
    )
    def test_right(self, monkeypatch, variables, backend):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        assert Backend.from_environment() == backend

    @pytest.mark.parametrize("value", ["0", "-1", "two", "1.5", " 2", "²"])
    def test_wrong_jobs(self, monkeypatch, value):
        monkeypatch.setenv("AL_JOBS", value)
        with pytest.raises(ParamsError) as error:
            Backend.from_environment()
        assert (
            str(error.value) == f"environment: AL_JOBS must be an int in [1, inf); got {value!r}."
        )

    def test_unknown_backend(self, monkeypatch):
        monkeypatch.setenv("AL_BACKEND", "daks")
        with pytest.raises(ParamsError) as error:
            Backend.from_environment()
        assert str(error.value) == (
            "environment: AL_BACKEND: unknown backend 'daks'; available: dask, loky, sequential; "
            "did you mean 'dask'?"
        )

    def test_no_scheduler(self, monkeypatch):
        monkeypatch.setenv("AL_BACKEND", "dask")
        with pytest.raises(ParamsError, match=r"^environment: AL_BACKEND=dask needs AL_DASK_SCH"):
            Backend.from_environment()


def test_dask_is_not_installed(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(ParamsError, match=r"^environment: AL_BACKEND=dask needs .*`make extras`"):
        list(repeats.each(one, range(2), Backend("dask", None, "tcp://127.0.0.1:1")))


@pytest.mark.extras
@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense", "foo://127.0.0.1:1"])
def test_scheduler_that_does_not_answer(monkeypatch, address):
    monkeypatch.setattr(cluster, "SECONDS_TO_CONNECT", 1)
    expected = f"there is no scheduler at '{address}' that answers within 1 s"
    with pytest.raises(ParamsError, match=re.escape(expected)):
        list(repeats.each(one, range(2), Backend("dask", None, address)))


def test_versions_that_differ_are_named():
    wanted = cluster.software() | {"numpy": "0.1"}
    with pytest.raises(ExecutionError, match=rf"numpy {cluster.software()['numpy']}, not 0\.1\.$"):
        cluster._check(wanted)
    cluster._check(cluster.software())
