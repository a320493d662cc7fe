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


def test_same_seed_same_table(made):
    pd.testing.assert_frame_equal(made.load(5), made.load(5))


def test_is_accepted_with_the_target_last(made, name):
    table = made.load(0)
    assert isinstance(table, pd.DataFrame)
    assert all(isinstance(column, str) for column in table.columns)
    roles = getattr(made, "roles", {})
    accepted = validate_table(table, target=table.columns[-1], roles=roles)
    taken = accepted.frame
    assert list(taken.columns) == list(table.columns)
    assert taken.columns.is_unique
    assert list(accepted.kinds) == list(table.columns[: -1 - len(accepted.roles)])
    assert set(accepted.kinds.values()) <= set(KINDS)
    numbers = [column for column, kind in accepted.kinds.items() if kind == "number"]
    assert all(taken[numbers].dtypes == "float64")
    assert 2 <= accepted.labels.nunique() <= len(taken) / 2
    card = accepted.card(name)
    assert card["rows"] == len(taken) == sum(card["classes"].values())
    assert card["features"] == len(taken.columns) - 1 - len(roles)
    assert card["target"] == taken.columns[-1]
