"""The store of runs: what is read is whole and what was asked for, and a longer run stays."""

import os
import threading
import time

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


@pytest.mark.parametrize("change", [{"rows": np.arange(3)}, {"scores": np.ones(3)}, {"more": 1}])
def test_what_is_edited_is_not_read(kept, change):
    save(kept, 2)
    path = kept.path(OF)
    with np.load(path) as whole:
        np.savez(path, **{**whole, **change})
    assert kept.read(OF) is None


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
