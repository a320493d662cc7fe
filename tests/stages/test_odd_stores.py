"""What is odd in the store of runs is not believed, and a store that is no use stops no run."""

import errno
import json
import os
import re
import shutil
import signal
import zipfile
from pathlib import Path

import numpy as np
import pytest

from active_learning.data import files
from active_learning.simulation import store
from active_learning.simulation.store import Store
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
    line = re.compile(r"warning: runs are not kept: \S+ cannot be written \(([^()\n]+)\)\.")
    return [line.fullmatch(message)[1] for message in caplog.messages]


def directory(path):
    path.unlink()
    path.mkdir()


def pipe(path):
    path.unlink()
    os.mkfifo(path)


def symlink_loop(path):
    path.unlink()
    path.symlink_to(path)


def empty(path):
    path.write_bytes(b"")


def text(path):
    path.write_text("not a run", encoding="utf-8")


def single_array(path):
    with path.open("wb") as file:
        np.save(file, np.arange(3))


class Trap:
    """Ends the test when it is unpickled."""

    def __reduce__(self):
        return pytest.fail, ("it was unpickled",)


def pickled(path):
    change(path, scores=np.array([Trap()]))


def huge_shape(path):
    replace_member(path, "scores.npy", header((10**15, 2)))


def nothing_without_end(path):
    replace_member(path, "scores.npy", header((2**62,), "|V0"))


def header(shape, dtype="<f8"):
    """Beginning of an array's file."""
    content = str({"descr": dtype, "fortran_order": False, "shape": shape}).ljust(117) + "\n"
    return b"\x93NUMPY\1\0" + len(content).to_bytes(2, "little") + content.encode()


def no_array(path):
    replace_member(path, "scores.npy", b"no array")


def replace_member(path, name, content):
    with zipfile.ZipFile(path) as archive:
        members = {member: archive.read(member) for member in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for member, bytes_of_member in (members | {name: content}).items():
            archive.writestr(member, bytes_of_member)


def compressed(path):
    with np.load(path) as arrays:
        np.savez_compressed(path, **{**arrays, "padding": np.zeros(10**6)})


def of_another_repeat(path):
    others = {other: content for other, content in kept().items() if other != path}
    path.write_bytes(min(others.values(), key=lambda content: abs(len(content) - size(path))))


def size(path):
    return path.stat().st_size


def edited_scores(path):
    with np.load(path) as arrays:
        change(path, scores=1 - arrays["scores"])


def edited_scores_without_a_digest(path):
    with np.load(path) as arrays:
        rest = {name: array for name, array in arrays.items() if name != "digest"}
    np.savez(path, **{**rest, "scores": 1 - rest["scores"]})


def change(path, **arrays):
    """Change a file, but not its digest."""
    with np.load(path) as before:
        np.savez(path, allow_pickle=True, **{**before, **arrays})


def forge(path, forged):
    """Keep other arrays as if they were of this run, with a digest of their own."""
    with np.load(path) as arrays:
        of = json.loads(str(arrays["of"]))
        rest = {name: array for name, array in arrays.items() if name not in {"of", "digest"}}
    Store(RUNS).save(of, forged(rest), lambda _: True)
    assert Store(RUNS).read(of) is not None


def rows_of_the_test_set(path):
    def forged(arrays):
        test = files.read_table(Path("data/splits.parquet")).query("repeat == 0")
        rows = test.loc[test["role"] == "test", "row"].to_numpy()[:4]
        return {"scores": arrays["scores"].T} if "rows" not in arrays else {**arrays, "rows": rows}

    forge(path, forged)


def scalars(path):
    forge(path, lambda arrays: {name: np.zeros((), a.dtype) for name, a in arrays.items()})


def texts(path):
    forge(path, lambda arrays: {name: a.astype(str) for name, a in arrays.items()})


def no_steps(path):
    forge(path, lambda arrays: {name: a[:0] for name, a in arrays.items()})


def nothing(path):
    forge(path, lambda _: {})


ODD = [
    directory, pipe, symlink_loop, empty, text, single_array, pickled, huge_shape,
    nothing_without_end, no_array, compressed, of_another_repeat, edited_scores,
    edited_scores_without_a_digest, rows_of_the_test_set, scalars, texts, no_steps, nothing,
]  # fmt: skip


@pytest.mark.parametrize("spoil", ODD, ids=lambda spoil: spoil.__name__)
def test_what_is_odd_is_run_again(project, caplog, spoil):
    expected, whole = outputs(), kept()
    for path in whole:
        spoil(path)
    assert run() == expected
    if spoil is directory:
        assert warnings(caplog) == ["Is a directory"]
    else:
        assert warnings(caplog) == []
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
    max(whole, key=size).unlink()
    assert run() == expected
    assert warnings(caplog) == ["Read-only file system"]


def test_files_of_others_are_not_deleted(tmp_path):
    kept = Store(tmp_path)
    kept.save({"run": 1}, {"rows": np.arange(3)}, lambda _: False)
    (tmp_path / "mine").mkdir()
    np.savez(tmp_path / "mine/table.npz", np.arange(3))
    kept.prune(largest=0)
    assert [path.name for path in tmp_path.rglob("*.npz")] == ["table.npz"]
