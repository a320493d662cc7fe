"""What every data set keeps to; a new file in datasets/ is tested with no new test."""

import pandas as pd
import pytest

from active_learning.base import plugins
from active_learning.base.columns import KINDS
from stages.generate import card, checked
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
        yield plugins.load("datasets", name)(**examples.PARAMS["generate"][name])


@pytest.fixture
def load(made):
    return made.load


@pytest.fixture
def accepted(made, name):
    """The table as ``generate`` takes it, its kinds, and its roles."""
    roles = getattr(made, "roles", {})
    return *checked(made.load(0), name, roles, {}), roles


def test_same_seed_same_table(load):
    pd.testing.assert_frame_equal(load(5), load(5))


def test_is_accepted_with_the_target_last(load, accepted):
    table = load(0)
    assert isinstance(table, pd.DataFrame)
    taken, kinds, roles = accepted
    assert list(taken.columns) == list(table.columns)
    assert taken.columns.is_unique
    assert list(kinds) == list(table.columns[: -1 - len(roles)])
    assert set(kinds.values()) <= set(KINDS)
    numbers = [column for column, kind in kinds.items() if kind == "number"]
    assert all(taken[numbers].dtypes == "float64")
    target = taken.columns[-1]
    assert 2 <= taken[target].nunique() <= len(taken) / 2


def test_card_counts_every_row_and_class(accepted, name):
    table, kinds, roles = accepted
    summary = card(table, name, roles, kinds)
    assert summary["rows"] == len(table) == sum(summary["classes"].values())
    assert summary["features"] == len(table.columns) - 1 - len(roles)
    assert summary["target"] == table.columns[-1]


def test_column_names_are_texts(load):
    assert all(isinstance(column, str) for column in load(0).columns)
