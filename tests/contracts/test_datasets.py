"""What every data set keeps to; a new file in data/sources/ is tested with no new test."""

import pandas as pd
import pytest

from active_learning.core import plugins
from active_learning.data.columns import KINDS
from active_learning.data.table import validate_table
from tests import examples
from tests.openml_server import serving

EXTRAS = {"keel"}  # those that need a package which `make extras` installs


@pytest.fixture(
    params=[
        pytest.param(name, marks=pytest.mark.extras if name in EXTRAS else ())
        for name in plugins.available("datasets")
    ]
)
def name(request):
    return request.param


@pytest.fixture
def made(name, monkeypatch, tmp_path):
    """The data set, with the options of params.yaml."""
    monkeypatch.chdir(examples.ROOT)
    with serving(tmp_path):
        yield plugins.load("datasets", name)(**examples.PARAMS["generate"].get(name, {}))


@pytest.fixture
def load(made):
    return made.load


@pytest.fixture
def accepted(made):
    """The table as ``generate`` takes it."""
    table = made.load(0)
    return validate_table(table, target=table.columns[-1], roles=getattr(made, "roles", {}))


def test_same_seed_same_table(load):
    pd.testing.assert_frame_equal(load(5), load(5))


def test_is_accepted_with_the_target_last(load, accepted):
    table = load(0)
    assert isinstance(table, pd.DataFrame)
    taken = accepted.frame
    assert list(taken.columns) == list(table.columns)
    assert taken.columns.is_unique
    assert list(accepted.kinds) == list(table.columns[: -1 - len(accepted.roles)])
    assert set(accepted.kinds.values()) <= set(KINDS)
    numbers = [column for column, kind in accepted.kinds.items() if kind == "number"]
    assert all(taken[numbers].dtypes == "float64")
    assert 2 <= accepted.labels.nunique() <= len(taken) / 2


def test_card_counts_every_row_and_class(accepted, name):
    summary = accepted.card(name)
    assert summary["rows"] == len(accepted.frame) == sum(summary["classes"].values())
    assert summary["features"] == len(accepted.frame.columns) - 1 - len(accepted.roles)
    assert summary["target"] == accepted.frame.columns[-1]


def test_column_names_are_texts(load):
    assert all(isinstance(column, str) for column in load(0).columns)
