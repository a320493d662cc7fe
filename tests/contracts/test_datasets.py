"""What every data set keeps to; a new file in datasets/ is tested with no new test."""

import pandas as pd
import pytest

from active_learning.base import plugins
from stages.generate import card, checked
from tests import examples


@pytest.fixture(params=plugins.available("datasets"))
def name(request):
    return request.param


@pytest.fixture
def load(name, monkeypatch):
    """The data set's ``load``, with the options of params.yaml."""
    monkeypatch.chdir(examples.ROOT)
    return plugins.load("datasets", name)(**examples.PARAMS["generate"][name]).load


def test_same_seed_same_table(load):
    pd.testing.assert_frame_equal(load(5), load(5))


def test_is_accepted_with_the_target_last(load, name):
    table = load(0)
    assert isinstance(table, pd.DataFrame)
    accepted = checked(table, name)
    assert list(accepted.columns) == list(table.columns)
    assert accepted.columns.is_unique
    assert all(accepted.dtypes.iloc[:-1] == "float64")
    target = accepted.columns[-1]
    assert 2 <= accepted[target].nunique() <= len(accepted) / 2


def test_card_counts_every_row_and_class(load, name):
    table = checked(load(0), name)
    summary = card(table, name)
    assert summary["rows"] == len(table) == sum(summary["classes"].values())
    assert summary["features"] == len(table.columns) - 1
    assert summary["target"] == table.columns[-1]


def test_column_names_are_texts(load):
    assert all(isinstance(column, str) for column in load(0).columns)
