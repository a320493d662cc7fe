"""A store of runs that is odd, or of no use, stops no run."""

import errno
import os
import re
import shutil
import signal
from pathlib import Path

import pytest

from active_learning.simulation import store
from stages.params import yaml
from tests.examples import run_stage, small_params

RUNS = Path(".al_cache/runs")
OUTPUTS = ("data/query_loop/random", "metrics")


def outputs():
    """Files of the loop and of the baseline, with their contents."""
    return {path: path.read_bytes() for top in OUTPUTS for path in sorted(Path(top).iterdir())}


def kept():
    """Files of the store, with their contents."""
    return {path: path.read_bytes() for path in sorted(RUNS.glob("*/[!.]*.npz"))}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A folder in which the loop and the baseline have run."""
    path = tmp_path_factory.mktemp("finished")
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.chdir(path)
        monkeypatch.setenv("AL_JOBS", "1")
        Path("params.yaml").write_text(yaml.dump(small_params()), encoding="utf-8")
        for stage in ("generate", "split", "baseline"):
            run_stage(stage)
        run_stage("query_loop", "random")
        assert len(kept()) == 6
    return path


@pytest.fixture
def project(tmp_path, finished, monkeypatch):
    """A copy to spoil; whatever would wait for ever is an error."""
    shutil.copytree(finished, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AL_JOBS", "1")
    monkeypatch.setattr(store, "_warned", set())
    before = signal.signal(signal.SIGALRM, lambda *_: pytest.fail("it hangs"))
    signal.alarm(60)
    yield tmp_path
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def run():
    """Run both stages anew; what they write."""
    shutil.rmtree("data/query_loop")
    run_stage("baseline")
    run_stage("query_loop", "random")
    return outputs()


def warnings(caplog):
    """Reasons why runs are not kept."""
    line = re.compile(r"warning: runs are not stored: \S+ cannot be written \(([^()\n]+)\)\.")
    return [line.fullmatch(message)[1] for message in caplog.messages]


def test_what_is_odd_is_run_again(project, caplog):
    """What else can be odd is tested where the store is, and where runs are checked."""
    expected, whole = outputs(), kept()
    first, second, *_ = whole
    first.unlink()
    first.mkdir()
    second.write_bytes(b"")
    assert run() == expected
    assert warnings(caplog) == ["Is a directory"]
    first.rmdir()
    assert run() == expected
    assert kept() == whole


def test_a_pipe_where_the_lock_was(project):
    expected, whole = outputs(), kept()
    for path in whole:
        path.unlink()
        (path.parent / ".lock").unlink()
        os.mkfifo(path.parent / ".lock")
    assert run() == expected
    assert kept() == whole


@pytest.mark.parametrize("where", ["a file", "below a file"])
def test_a_store_that_cannot_be_made(project, caplog, monkeypatch, where):
    expected, place = outputs(), Path("file") / ("runs" if where == "below a file" else "")
    Path("file").touch()
    monkeypatch.setenv("AL_STORE", str(place))
    assert run() == expected
    assert warnings(caplog) in (["Not a directory"], ["File exists"])


def refuse(monkeypatch, number, largest=0):
    """Let the store's file system refuse files that are larger than this, in bytes."""
    replace = Path.replace

    def refusing(path, target):
        if RUNS in target.parents and path.stat().st_size > largest:
            raise OSError(number, os.strerror(number))
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", refusing)


def test_a_full_disk(project, caplog, monkeypatch):
    expected = outputs()
    shutil.rmtree(RUNS)
    refuse(monkeypatch, errno.ENOSPC, largest=100)
    assert run() == expected
    assert warnings(caplog) == ["No space left on device"]
    assert list(RUNS.rglob("*.part*")) == []


def test_a_read_only_store_is_read(project, caplog, monkeypatch):
    expected, whole = outputs(), kept()
    refuse(monkeypatch, errno.EROFS)
    assert run() == expected
    assert warnings(caplog) == []  # there is nothing to keep
    max(whole, key=lambda path: path.stat().st_size).unlink()
    assert run() == expected
    assert warnings(caplog) == ["Read-only file system"]
