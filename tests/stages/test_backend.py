"""Where repeats run, as the environment says."""

import pytest

from active_learning.core.errors import ParamsError
from active_learning.simulation.parallel import Backend
from stages.backend import read_backend

ADDRESS = "tcp://127.0.0.1:8786"


@pytest.fixture
def environment(monkeypatch):
    for name in ("AL_JOBS", "AL_BACKEND", "AL_DASK_SCHEDULER"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch.setenv


@pytest.mark.parametrize(
    ("variables", "backend"),
    [
        ({"AL_JOBS": "", "AL_BACKEND": ""}, Backend("loky", None)),
        ({"AL_JOBS": "12", "AL_BACKEND": "sequential"}, Backend("sequential", 12)),
        ({"AL_BACKEND": "dask", "AL_DASK_SCHEDULER": ADDRESS}, Backend("dask", None, ADDRESS)),
    ],
)
def test_right(environment, variables, backend):
    for name, value in variables.items():
        environment(name, value)
    assert read_backend() == backend


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        *(
            ("AL_JOBS", value, f"AL_JOBS must be an int in [1, inf); got {value!r}.")
            for value in ("0", "-1", "1.5", " 2", "²")
        ),
        ("AL_BACKEND", "daks", "AL_BACKEND: unknown backend 'daks'; .* did you mean 'dask'?"),
        ("AL_BACKEND", "dask", "AL_BACKEND=dask needs AL_DASK_SCHEDULER, the address of"),
    ],
)
def test_wrong(environment, name, value, message):
    environment(name, value)
    with pytest.raises(ParamsError) as error:
        read_backend()
    start, _, end = message.partition(" .* ")
    assert str(error.value).startswith(f"environment: {start}")
    assert end in str(error.value)
