"""Data sets of OpenML: what is asked for, kept, checked and refused."""

import pytest

from active_learning.core.errors import DataError, ParamsError
from active_learning.data.sources.openml import Openml
from tests.openml_server import SHA256, serving


@pytest.fixture
def asked(tmp_path):
    with serving(tmp_path) as asked:
        yield asked


def test_is_downloaded_once(asked):
    table = Openml().load(0)
    assert (table.shape, table.columns[-1]) == ((1309, 14), "survived")
    assert len(asked) == 4
    assert Openml().load(0).equals(table)
    assert len(asked) == 4


def test_by_name_and_version(asked):
    table = Openml(data_id=None, name="Titanic", version=1).load(0)
    assert table.shape == (1309, 14)
    assert asked[0].endswith("/titanic/limit/2/data_version/1")


def test_columns_with_a_role_stand_between_features_and_target(asked):
    made = Openml(target="sex", drop=["boat", "body"], group="ticket", id="name")
    assert list(made.load(0).columns[-3:]) == ["name", "ticket", "sex"]
    assert made.roles == {"id": "name", "group": "ticket"}


def test_content_is_checked(asked, capsys):
    Openml().load(0)
    assert f"set sha256 to {SHA256}" in capsys.readouterr().out
    Openml(sha256=SHA256).load(0)
    assert capsys.readouterr().out == ""
    with pytest.raises(ParamsError, match=f"must be that of the data set, {SHA256}; got 00"):
        Openml(sha256="0" * 64).load(0)


def test_unknown_data_set_or_column(asked):
    with pytest.raises(DataError, match=r"cannot be downloaded .*data_id 7 not found"):
        Openml(data_id=7).load(0)
    with pytest.raises(DataError, match=r"cannot be downloaded .*no_such_column"):
        Openml(target="no_such_column").load(0)
    with pytest.raises(ParamsError, match=r"^drop: unknown column .* did you mean 'boat'"):
        Openml(drop=["boats"]).load(0)


def test_needs_a_number_or_a_name_with_a_version():
    for options in (
        {"data_id": None},
        {"name": "titanic", "version": 1},
        {"data_id": None, "name": "titanic"},
        {"version": 1},
    ):
        with pytest.raises(ValueError, match="must set"):
            Openml(**options)
