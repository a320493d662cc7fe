"""Output that a terminal cannot show, or that nobody reads, fails nothing."""

import os
import subprocess
from pathlib import Path

import pytest

from stages.params import yaml
from tests.examples import ROOT, small_params

TABLE = "x,y\n" + "".join(f"{i},Größe\n{i},größer 😀\n" for i in range(20))


@pytest.fixture
def generate(tmp_path, env):
    """Start of ``generate`` with a table whose classes are not ASCII."""
    (tmp_path / "t.csv").write_text(TABLE, encoding="utf-8")
    own = {"generate.dataset": "table", "generate.table.path": "t.csv"}
    params = small_params(own | {"generate.table.target": "y"})
    (tmp_path / "params.yaml").write_text(yaml.dump(params))

    def run(redirection="", **variables):
        return subprocess.run(
            ["bash", "-c", f"python -m stages.generate {redirection}"],
            cwd=tmp_path, env=env | {"PYTHONPATH": str(ROOT)} | variables,
            capture_output=True, check=False,
        )  # fmt: skip

    return run


@pytest.mark.parametrize(
    "variables",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "cp1252"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
    ids=["ascii", "cp1252", "C"],
)
def test_what_an_encoding_lacks_is_escaped(generate, variables):
    done = generate(**variables)
    assert done.returncode == 0, done.stderr
    assert b"\\U0001f600" in done.stdout


@pytest.mark.parametrize(
    "redirection", ["> >(true)", ">&-", "2>&-", "<&- >&- 2>&-"], ids=["pipe", "out", "err", "all"]
)
def test_output_that_nobody_reads_is_dropped(generate, redirection):
    done = generate(redirection, PYTHONUNBUFFERED="1")
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("module", ["check", "labels", "predict", "rank"])
def test_help_into_a_closed_pipe(module, env):
    read, write = os.pipe()
    os.close(read)
    with open(write, "wb") as closed:  # noqa: PTH123 - a descriptor
        done = subprocess.run(
            ["python", "-m", f"commands.{module}", "--help"],
            cwd=Path(ROOT), env=env, stdout=closed, stderr=subprocess.PIPE, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
