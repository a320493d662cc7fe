"""Repeats that were kept are continued where they fit, and never where something has changed."""

import sys
import threading
import time
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from active_learning.core.errors import ArtifactError
from active_learning.simulation import store
from active_learning.simulation.simulate import Run
from active_learning.simulation.store import CACHE
from stages.params import yaml
from tests.examples import run_stage, same_run, small_params

UNCERTAINTY = {"stopping.rules": ["overall_uncertainty"], "stopping.stop_set": 5}
SURE = {"stopping.overall_uncertainty.threshold": 0.99}
CHANGES = {
    "learner option": {"learner.logistic_regression.C": 0.01},
    "learner": {"learner.name": "gaussian_nb"},
    "learner seed": {"learner.name": "random_forest", "learner.seed": 1},
    "standardize": {"learner.standardize": True},
    "scorers": {"evaluation.scorers": ["log_loss", "f1_macro"]},
    "oracle": {"oracle.name": "noisy"},
    "oracle option": {"oracle.name": "noisy", "oracle.noisy.abstain": 0.5},
    "oracle seed": {"oracle.name": "noisy", "oracle.seed": 1},
    "seed": {"query_loop.seed": 1},
    "batch size": {"query_loop.batch_size": 2},
    "strategy option": {"strategies.epsilon_greedy.epsilon": 0.9},
    "option of what a strategy calls": {
        "strategies.epsilon_greedy.exploit": {"query_by_committee": {"members": 3}}
    },
    "what a strategy calls": {"strategies.epsilon_greedy.exploit": "k_center_greedy"},
    "stopping rule": {"stopping.rules": ["overall_uncertainty"]},
    "option of a rule": {**UNCERTAINTY, "stopping.overall_uncertainty.threshold": 0.99},
    "stop set": {**UNCERTAINTY, "stopping.seed": 1},
    "time between looks": {**UNCERTAINTY, "stopping.every": 2},
    "rule that binds": {**UNCERTAINTY, **SURE, "stopping.binding": "overall_uncertainty"},
    "single precision": {"preprocess.dtype": "float32"},
    "what the model may see": {"learner.standardize": True, "preprocess.visible": "labelled"},
    "split": {"split.seed": 1},
    "data": {"generate.seed": 1},
}
BEFORE = {
    "option of what a strategy calls": {
        "strategies.epsilon_greedy.exploit": {"query_by_committee": {"members": 2}}
    },
    "what a strategy calls": {"strategies.epsilon_greedy.exploit": "margin"},
    "option of a rule": UNCERTAINTY,
    "stop set": UNCERTAINTY,
    "time between looks": UNCERTAINTY,
    "rule that binds": {**UNCERTAINTY, **SURE},
    "what the model may see": {"learner.standardize": True},
    "learner seed": {"learner.name": "random_forest"},
    "oracle option": {"oracle.name": "noisy"},
    "oracle seed": {"oracle.name": "noisy"},
}


@pytest.fixture
def loop(tmp_path, monkeypatch):
    """Run the loop in a new folder, or in the one it ran in before; its outputs as bytes."""
    monkeypatch.setenv("AL_JOBS", "1")

    def run(folder, changes, strategy="random"):
        (tmp_path / folder).mkdir(exist_ok=True)
        monkeypatch.chdir(tmp_path / folder)
        Path("params.yaml").write_text(yaml.dump(small_params(changes)), encoding="utf-8")
        for stage in ("generate", "split"):
            run_stage(stage)
        run_stage("query_loop", "--wrapper", strategy)
        folder = Path("data/query_loop") / strategy
        return {path.name: path.read_bytes() for path in folder.iterdir()}

    return run


def kept():
    """Files of kept repeats, and what is in them."""
    return {path: path.read_bytes() for path in CACHE.rglob("*.npz")}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_begins_anew(loop, change):
    strategy = "epsilon_greedy" if "strategy" in change else "random"
    before = loop("used", BEFORE.get(change, {}), strategy)
    after = loop("used", CHANGES[change], strategy)
    assert after == loop("fresh", CHANGES[change], strategy)
    assert after != before


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project of one imported file of its own, and one that is installed in it."""
    monkeypatch.setattr(store, "__file__", str(tmp_path / "active_learning/simulation/store.py"))
    monkeypatch.setattr(sys, "prefix", str(tmp_path / ".venv"))
    for folder in ("active_learning/simulation", ".venv"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "active_learning/simulation/store.py").touch()
    for name in ("helper.py", ".venv/library.py"):
        (tmp_path / name).write_text("1")
        module = ModuleType(name)
        module.__file__ = str(tmp_path / name)
        if name.endswith(".py"):
            monkeypatch.setitem(sys.modules, f"module of {name}", module)
    return tmp_path


def test_a_change_of_params_code_or_libraries_begins_anew(project, monkeypatch):
    def folder(params=0):
        return store.folder("random", params)

    found = {folder()}
    (project / ".venv/library.py").write_text("2")  # its version counts, not its files
    assert {folder()} == found
    found.add(folder(1))
    (project / "helper.py").write_text("2")
    found.add(folder())
    software = store.software()
    for name in ("scikit-learn", "numpy", "machine"):
        other = software | {name: "another"}
        monkeypatch.setattr(store, "software", lambda other=other: other)
        found.add(folder())
    monkeypatch.setattr(sys, "version", "3.99")
    found.add(folder())
    assert len(found) == 7


def test_a_longer_budget_and_more_repeats_continue(loop):
    loop("used", {})
    first = kept()
    longer = {"query_loop.budget": 6, "split.repeats": 4}
    after = loop("used", longer)
    assert kept().keys() > first.keys()
    assert len(kept()) == len(first) + 1
    assert after == loop("fresh", longer)


def test_a_shorter_budget_keeps_the_longer_run(loop):
    loop("used", {"query_loop.budget": 6})
    longer = kept()
    after = loop("used", {"query_loop.budget": 3})
    assert kept() == longer
    assert after == loop("fresh", {"query_loop.budget": 3})


COSTS = {"query_loop.class_costs": {"0": 1.0, "1": 2.0}, "query_loop.budget": 9}


@pytest.mark.parametrize(("before", "then"), [(4.0, 9.0), (9.0, 4.0), (3.5, None)])
def test_another_budget_in_cost_continues(loop, before, then):
    loop("used", {**COSTS, "query_loop.cost_budget": before})
    first = kept()
    changes = {**COSTS, "query_loop.cost_budget": then}
    after = loop("used", changes)
    assert kept().keys() == first.keys()
    assert after == loop("fresh", changes)


@pytest.mark.parametrize("binding", [None, "max_confidence"])
def test_a_longer_budget_continues_with_rules(loop, binding):
    rules = {
        "stopping.rules": ["stabilising_predictions", "plateau", "max_confidence"],
        "stopping.binding": binding,
        "stopping.max_confidence.threshold": 0.9,
        "stopping.every": 2,
    }
    loop("used", {**rules, "query_loop.budget": 5})
    first = kept()
    after = loop("used", {**rules, "query_loop.budget": 9})
    assert kept().keys() == first.keys()
    assert after == loop("fresh", {**rules, "query_loop.budget": 9})


def test_the_same_run_keeps_nothing_new(loop):
    once = loop("used", {})
    files = kept()
    assert loop("used", {}) == once
    assert kept() == files


def test_what_is_damaged_is_run_again(loop):
    once = loop("used", {})
    files = kept()
    for number, path in enumerate(sorted(files)):
        path.write_bytes(files[path][: 40 * number])
    assert loop("used", {}) == once
    assert kept() == files


def test_what_is_of_another_repeat_is_run_again(loop):
    once = loop("used", {})
    files = kept()
    first, second, _ = sorted(files)
    first.write_bytes(files[second])
    assert loop("used", {}) == once
    assert kept() == files


def a_run(length):
    """Run of so many labels, bought one by one."""
    return Run(
        scores=np.ones((length + 1, 1)), converged=np.ones(length + 1, bool),
        rows=np.arange(length), steps=np.arange(1, length + 1), informativeness=np.ones(length),
        answers=np.zeros(length, int), looks=np.ones((1, 1)),
    )  # fmt: skip


def test_any_damage_to_a_file_is_seen(tmp_path):
    run = a_run(1)
    path = tmp_path / "0.npz"
    store.save(path, run)
    content = path.read_bytes()
    directory = content.index(b"PK\1\2")
    for place in [*range(0, directory, 7), *range(directory, len(content))]:
        path.write_bytes(content[:place] + bytes([content[place] ^ 255]) + content[place + 1 :])
        read = store.read(path)  # the file may be whole in all that counts
        assert read is None or same_run(read, run)


@pytest.mark.parametrize("change", [{"rows": np.arange(3)}, {"scores": np.ones(3)}, {"more": 1}])
def test_what_is_odd_is_not_read(tmp_path, change):
    path = tmp_path / "0.npz"
    store.save(path, a_run(2))
    assert same_run(store.read(path), a_run(2))
    with np.load(path) as arrays:
        np.savez(path, **{**arrays, **change})
    assert store.read(path) is None


def test_a_shorter_run_does_not_replace_a_longer_one(tmp_path):
    path = tmp_path / "0.npz"
    store.save(path, a_run(6))
    before = path.stat().st_mtime_ns
    for length in (2, 6):
        store.save(path, a_run(length))
    assert path.stat().st_mtime_ns == before


def test_a_shorter_run_that_is_saved_meanwhile_does_not_either(tmp_path, monkeypatch):
    path = tmp_path / "0.npz"
    write = store.files.write_arrays

    def slow_if_short(path, arrays):
        time.sleep(0.3 if len(arrays["rows"]) == 2 else 0.0)
        write(path, arrays)

    monkeypatch.setattr(store.files, "write_arrays", slow_if_short)
    short = threading.Thread(target=store.save, args=(path, a_run(2)))
    short.start()
    time.sleep(0.1)
    store.save(path, a_run(6))
    short.join()
    assert len(store.read(path).rows) == 6


def test_a_run_is_saved_every_five_seconds(tmp_path, monkeypatch):
    path = tmp_path / "0.npz"
    now = [0.0]
    monkeypatch.setattr(store.time, "monotonic", lambda: now[0])
    on_step = store.periodic_saver(path)
    lengths = []
    for length in range(1, 13):
        now[0] = float(length)
        on_step(lambda length=length: a_run(length))
        lengths.append(len(store.read(path).rows) if path.exists() else 0)
    assert lengths == [0] * 4 + [5] * 5 + [10] * 3


def test_a_place_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ArtifactError, match=r"^[^\n]+ cannot be written \([^\n]+\)\.$"):
        store.save(tmp_path / "file" / "0.npz", a_run(2))
