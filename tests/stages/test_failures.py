"""If a strategy fails, the others are run and kept, and the exit says which one failed, and why."""

import pytest

from tests.stages.loops import Loop

CODE = '''
"""Strategies that fail."""

from active_learning.strategies.random import Random


class Failing(Random):
    """Fails at once."""

    def query(self, model, pool, n, generator):
        raise RuntimeError("out of\\nideas")


class Tiring(Random):
    """Fails in its middle."""

    def query(self, model, pool, n, generator):
        if pool.n_closed == 2:
            raise SystemExit("enough")
        return super().query(model, pool, n, generator)
'''
RAISE = 'raise RuntimeError("out of\\nideas")'
MENDED = CODE.replace(RAISE, "return super().query(model, pool, n, generator)").replace("2", "-1")
COUNTED = '''
from active_learning.strategies.random import Random


class Counted(Random):
    """Writes down every call."""

    def query(self, model, pool, n, generator):
        with open("calls", "a") as file:
            file.write("call\\n")
        return super().query(model, pool, n, generator)
'''
PARAMS = {
    "split.repeats": 2,
    "query_loop.strategies": ["failing", "counted", "random"],
    "strategies": {
        "failing": {"use": "my_strategies.Failing"},
        "counted": {"use": "counted.Counted"},
        "random": {},
    },
}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory, env):
    """A project that has a file of strategies."""
    loop = Loop(tmp_path_factory.mktemp("loop"), PARAMS, env)
    write(loop, CODE)
    (loop.path / "counted.py").write_text(COUNTED, encoding="utf-8")
    return loop.prepared()


def write(loop, code):
    (loop.path / "my_strategies.py").write_text(code, encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("use", "reason", "jobs"),
    [
        ("Failing", "strategy Failing raised RuntimeError: out of ideas", "2"),
        ("Tiring", "SystemExit: enough", "1"),
        ("Tiring", "SystemExit: enough", "2"),
    ],
)
def test_one_of_three_strategies_fails(prepared, tmp_path, use, reason, jobs):
    loop = prepared.copy(tmp_path / "loop")
    params = PARAMS | {"strategies.failing.use": f"my_strategies.{use}"}
    loop.set(params)
    assert loop.run("query_loop", status=1, AL_JOBS=jobs) == (
        f"error: failing failed: {reason}. The other 2 strategies finished and are stored. "
        f"The tracebacks are in .al_cache/runs/failures.log.\n"
    )
    log = (loop.path / ".al_cache/runs/failures.log").read_text("utf-8")
    assert "Traceback (most recent call last):\n" in log
    assert 'my_strategies.py", line' in log
    assert {name.split("/")[2] for name in loop.outputs()} == {"counted", "random"}

    calls = loop.path / "calls"
    assert calls.read_text("utf-8") == "call\n" * 2 * 4
    calls.unlink()
    write(loop, MENDED)
    loop.run("query_loop", AL_JOBS=jobs)
    assert not calls.exists()
    mended = prepared.copy(tmp_path / "mended")
    mended.set(params)
    write(mended, MENDED)
    mended.run("query_loop", AL_JOBS="1")
    assert len(loop.outputs()) == 3 * 3 + 1  # and the params in use
    assert loop.outputs() == mended.outputs()


@pytest.mark.slow
def test_a_traceback_that_cannot_be_logged_is_printed(prepared, tmp_path):
    loop = prepared.copy(tmp_path / "loop")
    (loop.path / "file").touch()
    warning, *trace, error = loop.run(
        "query_loop", status=1, AL_JOBS="2", AL_STORE="file"
    ).splitlines()
    assert warning.startswith("warning: runs are not stored: file/")
    assert trace[0] == "Traceback (most recent call last):"
    assert error == (
        "error: failing failed: strategy Failing raised RuntimeError: out of ideas. "
        "The other 2 strategies finished."
    )
