"""Ours beside published figures."""

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
    (row,) = agreement([cell, cell | {"dataset": "other"}], published(rows))
    return row


@pytest.mark.parametrize(
    ("rows", "mean", "agrees"),
    [
        *(("same", 0.9 + sign * 0.00019, True) for sign in (1, -1)),
        *(("same", 0.9 + sign * 0.00021, False) for sign in (1, -1)),
        *(("other", 0.9 + sign * 0.0099, True) for sign in (1, -1)),
        *(("other", 0.9 + sign * 0.0101, False) for sign in (1, -1)),
    ],
)
def test_means_agree_to_the_tolerance_or_within_two_standard_errors(rows, mean, agrees):
    ours = row(mean, rows)
    # √(.04² / 100 + .03² / 100) = .005
    assert ours["bound"] == pytest.approx({"same": 0.0002, "other": 0.01}[rows])
    assert ours["agrees"] is agrees
    assert ours["difference"] == pytest.approx(mean - 0.9)


def test_fewer_seeds_than_theirs_are_other_splits():
    ours = row(0.905, n_repeats=25)
    assert not ours["same_rows"]
    assert ours["bound"] == pytest.approx(2 * (0.04**2 / 25 + 0.03**2 / 100) ** 0.5)


def test_the_published_file_is_complete():
    published = Published.model_validate(yaml.read(FILE))
    params = yaml.read(FILE.parent / "params.yaml")
    assert set(published.datasets) == set(params["settings"])
    for name, entry in published.datasets.items():
        assert set(entry.figures) == set(params["strategies"]) == set(published.strategies)
        repeats = params["settings"][name].get("split", params["experiment"]["split"])["repeats"]
        assert entry.seeds == repeats
    assert published.datasets["wdbc"].rows == "same"
