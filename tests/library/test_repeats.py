"""Repeats in processes: how many changes no result."""

import os

import pytest

from active_learning.base.errors import ParamsError
from active_learning.training import repeats
from tests import examples


@pytest.fixture(autouse=True)
def importable_in_workers(monkeypatch):
    """A worker has to find ``tests`` to unpickle these functions."""
    monkeypatch.setenv("PYTHONPATH", str(examples.ROOT))


def one(repeat):
    run = examples.run(examples.task(3, seed=repeat), "random", seed=repeat)
    return run.rows.tolist(), run.scores.tolist()


def fails(repeat):
    raise ParamsError(f"params.yaml: repeat {repeat} is wrong.")


def test_any_number_of_jobs_gives_the_same_in_order():
    expected = [one(repeat) for repeat in range(5)]
    for jobs in (1, 2, None):
        assert list(repeats.each(one, 5, jobs)) == expected


def test_processes_are_started_where_repeats_take_long(monkeypatch):
    monkeypatch.setattr(repeats, "_WORKER_START", 0.0)
    processes = list(repeats.each(lambda repeat: (repeat, os.getpid()), 4))
    assert [repeat for repeat, _ in processes] == [0, 1, 2, 3]
    assert processes[0][1] == os.getpid()
    assert all(process != os.getpid() for _, process in processes[1:])


@pytest.mark.parametrize("jobs", [1, None])
def test_repeats_in_this_process_use_the_function_for_it(jobs):
    found = list(repeats.each(fails, 3, jobs, here=lambda repeat: repeat))
    assert found == [0, 1, 2]


@pytest.mark.parametrize("jobs", [1, 2])
def test_error_of_a_repeat_is_raised_as_it_is(jobs):
    with pytest.raises(ParamsError, match=r"^params.yaml: repeat \d is wrong.$"):
        list(repeats.each(fails, 3, jobs))


@pytest.mark.parametrize(("value", "jobs"), [(None, None), ("", None), ("1", 1), ("12", 12)])
def test_jobs_from_the_environment(monkeypatch, value, jobs):
    monkeypatch.delenv("AL_JOBS", raising=False)
    if value is not None:
        monkeypatch.setenv("AL_JOBS", value)
    assert repeats.jobs_from_environment() == jobs


@pytest.mark.parametrize("value", ["0", "-1", "two", "1.5", " 2", "²"])
def test_wrong_jobs_from_the_environment(monkeypatch, value):
    monkeypatch.setenv("AL_JOBS", value)
    with pytest.raises(ParamsError) as error:
        repeats.jobs_from_environment()
    assert str(error.value) == f"environment: AL_JOBS must be an int in [1, inf); got {value!r}."
