"""Ours beside published figures."""

from pathlib import Path

import pytest

from active_learning.analysis.benchmark.agreement import agreement
from stages.params import yaml
from stages.params.benchmark import Published
from tests.examples import ROOT

FILE = ROOT / "benchmark/lu2023/published.yaml"


def published(rows="same", seeds=100):
    entry = {"seeds": seeds, "rows": rows, "note": "n", "figures": {"a": {"mean": 0.9, "sd": 0.03}}}
    return {
        "measure": "m", "tolerance": 0.0002, "strategies": {"a": "A"}, "datasets": {"d": entry}
    }  # fmt: skip


def row(mean, rows="same", n_repeats=100):
    cell = {
        "dataset": "d",
        "n_repeats": n_repeats,
        "strategies": {"a": {"m": {"mean": mean, "sd": 0.04}}, "b": {}},
    }
    (found,) = agreement([cell, cell | {"dataset": "other"}], published(rows))
    return found


@pytest.mark.parametrize(
    ("mean", "agrees"), [(0.90019, True), (0.89981, True), (0.90021, False), (0.89979, False)]
)
def test_the_same_rows_agree_to_the_tolerance(mean, agrees):
    found = row(mean)
    assert found["bound"] == 0.0002
    assert found["agrees"] is agrees


@pytest.mark.parametrize(
    ("mean", "agrees"), [(0.9099, True), (0.8901, True), (0.9101, False), (0.8899, False)]
)
def test_other_rows_agree_within_two_standard_errors(mean, agrees):
    found = row(mean, rows="other")
    # √(.04² / 100 + .03² / 100) = .005
    assert found["bound"] == pytest.approx(0.01)
    assert found["agrees"] is agrees
    assert found["difference"] == pytest.approx(mean - 0.9)


def test_fewer_seeds_than_theirs_are_other_splits():
    found = row(0.905, n_repeats=25)
    assert not found["same_rows"]
    assert found["bound"] == pytest.approx(2 * (0.04**2 / 25 + 0.03**2 / 100) ** 0.5)


def test_the_published_file_is_complete():
    values = yaml.read(Path(FILE))
    found = Published.model_validate(values)
    params = yaml.read(FILE.parent / "params.yaml")
    assert set(found.datasets) == set(params["settings"])
    for name, entry in found.datasets.items():
        assert set(entry.figures) == set(params["strategies"]) == set(found.strategies)
        repeats = params["settings"][name].get("split", params["experiment"]["split"])["repeats"]
        assert entry.seeds == repeats
    assert found.datasets["wdbc"].rows == "same"
