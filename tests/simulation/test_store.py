"""The store of runs: what is read is whole and what was asked for, and a longer run stays."""

import io
import os
import signal
import threading
import time
import zipfile

import numpy as np
import pytest

from active_learning.simulation import store
from active_learning.simulation.store import Store

OF = {"strategy": "random", "seed": 3}


@pytest.fixture
def kept(tmp_path):
    return Store(tmp_path / "runs")


def arrays(length):
    return {"rows": np.arange(length), "scores": np.linspace(0, 1, 2 * length + 2).reshape(-1, 2)}


def save(kept, length, of=OF):
    kept.save(of, arrays(length), lambda other: length > len(other["rows"]))


def same(one, other):
    return one.keys() == other.keys() and all(np.array_equal(one[k], other[k]) for k in one)


def test_what_is_kept_is_read(kept):
    assert kept.read(OF) is None
    save(kept, 3)
    assert same(kept.read(OF), arrays(3))
    assert kept.read(OF | {"seed": 4}) is None


def test_any_damage_to_a_file_is_seen(kept):
    save(kept, 1)
    path = kept.path(OF)
    content = path.read_bytes()
    directory = content.index(b"PK\1\2")
    for place in [*range(0, directory, 7), *range(directory, len(content))]:
        path.write_bytes(content[:place] + bytes([content[place] ^ 255]) + content[place + 1 :])
        read = kept.read(OF)  # the file may be whole in all that counts
        assert read is None or same(read, arrays(1))


def test_a_file_of_another_run_is_not_read(kept):
    other = OF | {"seed": 4}
    save(kept, 2, other)
    save(kept, 3)
    kept.path(OF).write_bytes(kept.path(other).read_bytes())
    assert kept.read(OF) is None


def header(shape, dtype="<f8"):
    """Beginning of an array's file."""
    content = str({"descr": dtype, "fortran_order": False, "shape": shape}).ljust(117) + "\n"
    return b"\x93NUMPY\1\0" + len(content).to_bytes(2, "little") + content.encode()


def npy(array):
    np.save(file := io.BytesIO(), array, allow_pickle=True)
    return file.getvalue()


class Trap:
    """Ends the test when it is unpickled."""

    def __reduce__(self):
        return pytest.fail, ("it was unpickled",)


# What can stand in place of a file, and content that can stand in place of its members.
PLACES = {
    "directory": lambda path: path.mkdir(),
    "pipe": os.mkfifo,
    "symlink loop": lambda path: path.symlink_to(path),
    "empty": lambda path: path.touch(),
    "text": lambda path: path.write_text("not a run", encoding="utf-8"),
    "single array": lambda path: path.write_bytes(npy(np.arange(3))),
}
MEMBERS = {
    "other rows": {"rows.npy": npy(np.arange(4))},
    "other scores": {"scores.npy": npy(np.ones(3))},
    "one more": {"more.npy": npy(np.array(1))},
    "no digest": {"digest.npy": None, "scores.npy": npy(np.ones(3))},
    "a pickle": {"scores.npy": npy(np.array([Trap()]))},
    "a huge shape": {"scores.npy": header((10**15, 2))},
    "nothing without end": {"scores.npy": header((2**62,), "|V0")},
    "no array": {"scores.npy": b"no array"},
    "compressed": {"padding.npy": npy(np.zeros(10**6))},
}


def replace_members(path, members):
    with zipfile.ZipFile(path) as archive:
        whole = {name: archive.read(name) for name in archive.namelist()} | members
    how = zipfile.ZIP_DEFLATED if "padding.npy" in members else zipfile.ZIP_STORED
    with zipfile.ZipFile(path, "w", how) as archive:
        for name, content in whole.items():
            if content is not None:
                archive.writestr(name, content)


@pytest.mark.parametrize("odd", [*PLACES, *MEMBERS])
def test_what_is_odd_is_not_read_and_is_replaced(kept, odd, caplog):
    save(kept, 3)
    path = kept.path(OF)
    if odd in PLACES:
        path.unlink()
        PLACES[odd](path)
    else:
        replace_members(path, MEMBERS[odd])
    before = signal.signal(signal.SIGALRM, lambda *_: pytest.fail("it hangs"))
    signal.alarm(60)
    assert kept.read(OF) is None
    save(kept, 3)
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)
    if odd == "directory":
        assert "(Is a directory)" in caplog.text
    else:
        assert caplog.text == ""
        assert same(kept.read(OF), arrays(3))


def test_keys_of_options_keep_their_types(kept):
    save(kept, 3, {"class_weight": {0: 1.0}})
    assert kept.read({"class_weight": {0: 1.0}})
    assert kept.read({"class_weight": {"0": 1.0}}) is None


def test_a_shorter_run_does_not_replace_a_longer_one(kept):
    save(kept, 6)
    for length in (2, 6):
        before = kept.path(OF).stat().st_ino
        save(kept, length)
        assert kept.path(OF).stat().st_ino == before
    assert len(kept.read(OF)["rows"]) == 6


def test_a_shorter_run_that_is_saved_meanwhile_does_not_either(kept, monkeypatch):
    write = store.files.write_arrays

    def slow_if_short(path, arrays):
        time.sleep(0.3 if len(arrays["rows"]) == 2 else 0.0)
        write(path, arrays)

    monkeypatch.setattr(store.files, "write_arrays", slow_if_short)
    short = threading.Thread(target=save, args=(kept, 2))
    short.start()
    time.sleep(0.1)
    save(kept, 6)
    short.join()
    assert len(kept.read(OF)["rows"]) == 6


def test_a_run_is_saved_every_five_seconds(monkeypatch):
    now, saved = [0.0], []
    monkeypatch.setattr(store.time, "monotonic", lambda: now[0])
    on_step = store.every_few_seconds(saved.append)
    for length in range(1, 13):
        now[0] = float(length)
        on_step(lambda length=length: length)
    assert saved == [5, 10]


def test_the_oldest_are_deleted_beyond_the_largest_size(kept):
    seeds = range(5)
    for seed in seeds:
        save(kept, 3, {"seed": seed})
        os.utime(kept.path({"seed": seed}), (seed, seed))
    size = kept.path({"seed": 0}).stat().st_size
    kept.read({"seed": 0})  # used just now
    kept.prune(3 * size)
    assert [seed for seed in seeds if kept.read({"seed": seed})] == [0, 3, 4]
    kept.prune(3 * size)
    assert [seed for seed in seeds if kept.read({"seed": seed})] == [0, 3, 4]


def test_what_a_killed_process_left_is_deleted_after_a_day(kept):
    save(kept, 3)
    old, new = (kept.path(OF).with_name(f".x.npz.{name}.part.npz") for name in ("old", "new"))
    for path in (old, new):
        path.touch()
    os.utime(old, (0, 0))
    kept.prune()
    assert not old.exists()
    assert new.exists()
    assert kept.read(OF)


def test_files_of_others_are_not_deleted(kept):
    save(kept, 3)
    (kept.folder / "mine").mkdir()
    np.savez(kept.folder / "mine/table.npz", np.arange(3))
    kept.prune(max_bytes=0)
    assert [path.name for path in kept.folder.rglob("*.npz")] == ["table.npz"]
