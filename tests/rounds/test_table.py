"""The table of the rounds: ids, what is shown, what is learned from."""

import numpy as np
import pandas as pd
import pytest

from active_learning.core.errors import DataError, ParamsError
from active_learning.data.csv_format import Csv
from active_learning.rounds.table import LabelTable
from active_learning.rounds.trainer import Columns

ROWS = """id,text,n,extra
007,one two three four,1,x
8,five six seven eight,2,y
9,nine ten eleven,3,y
"""


@pytest.fixture
def read(tmp_path):
    def read(content=ROWS, **options):
        path = tmp_path / "table.csv"
        path.write_text(content)
        return LabelTable.read(str(path), **options)

    return read


def test_columns_have_their_parts(read):
    table = read(id="id", drop=["extra"])
    assert table.ids == ["007", "8", "9"]
    assert table.shown == ["text", "n"]
    assert table.kinds == {"text": "text", "n": "number"}
    assert table.values("007") == {"text": "one two three four", "n": "1"}
    assert read(id="id", show=["extra"]).values("8") == {"extra": "y"}
    image = read(id="id", image="extra")
    assert image.shown == ["extra"]
    assert "extra" not in image.kinds
    assert str(image.image_path("9")) == "y"
    assert read(id="id", kinds={"n": "category"}).kinds["n"] == "category"


def test_what_is_shown_stays_the_same_if_a_column_gets_another_type(read):
    before = read(id="id", show=["n"])
    after = read(ROWS + "10,twelve,,z\n", id="id", show=["n"])
    assert after.features["n"].isna().any()
    assert before.digest("8") == after.digest("8")
    assert before.digest("8") != before.digest("9")


def test_without_an_id_a_row_is_its_content(read):
    header, first, second, third = ROWS.splitlines(keepends=True)
    table = read(ROWS + second)
    mixed = read(header + third + second + second + first)
    assert len(set(table.ids)) == 4
    assert set(table.ids) == set(mixed.ids)
    assert table.ids[3] == f"{table.ids[1]}-2"


def test_a_category_of_digits_keeps_its_characters(read):
    table = read("id,zip\n1,01\n2,1\n3,\n", id="id", kinds={"zip": "category"})
    assert table.features["zip"].fillna("-").tolist() == ["01", "1", "-"]


def test_a_parquet_file_gives_the_same(read, tmp_path):
    frame = pd.DataFrame({"id": ["a", "b"], "x": [0.1, None], "t": ["u", None]})
    frame.to_parquet(tmp_path / "table.parquet")
    table = LabelTable.read(str(tmp_path / "table.parquet"), id="id")
    assert [table.values(row) for row in "ab"] == [{"x": "0.1", "t": "u"}, {"x": "", "t": ""}]


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        (ROWS, {"id": "idd"}, "id: unknown column 'idd'; available: extra, id, n, text; did you"),
        (ROWS, {"show": ["m"]}, "show: unknown column 'm'"),
        (ROWS, {"kinds": {"m": "text"}}, "kinds: unknown feature 'm'"),
        (
            "id,x\n1,2\n1,3\n2,3\n2,4\n3,1\n",
            {"id": "id"},
            "id 'id' must differ in every row; 4 rows share theirs: 1, 2.",
        ),
        ("id,x\n,2\n1,3\n", {"id": "id"}, "id 'id' must be present in every row; 1 lack it."),
        ('id,x\n"1\r2",2\n', {"id": "id"}, "must hold no carriage return; got '1\\r2'."),
        ("id,x\n", {}, "the table must have at least one row; got none."),
        ("a,a\n1,2\n", {}, "two columns are named 'a'"),
    ],
)
def test_mistakes_name_the_option_the_rule_and_the_value(read, content, options, message):
    with pytest.raises((ParamsError, DataError)) as error:
        read(content, **options)
    assert message in str(error.value)


def test_vectors_are_learned_from_and_written_in_full(tmp_path):
    path, vectors = str(tmp_path / "t.parquet"), np.zeros((3, 1200), dtype=np.float32)
    vectors[:, 600] = [1, 2, 3]
    pd.DataFrame({"text": list("abc"), "v": list(vectors)}).to_parquet(path)
    table = LabelTable.read(path, show=["text"])
    assert list(table.features) == ["text", *(f"v_{place}" for place in range(1200))]
    assert table.features["v_600"].tolist() == [1, 2, 3]
    assert table.kinds["v_0"] == "number"
    assert table.values(table.ids[0]) == {"text": "a"}
    assert table.strings["v"].str.count("0.0").tolist() == [1199] * 3
    assert "v_0" not in LabelTable.read(path, drop=["v"]).kinds
    assert LabelTable.read(path, kinds={"v_600": "category"}).kinds["v_600"] == "category"
    with pytest.raises(ParamsError, match=r"^kinds: unknown feature 'v'; available: text, v_0, "):
        LabelTable.read(path, kinds={"v": "number"})
    columns = Columns(dict(table.kinds), "float32").transform(pd.read_parquet(path))
    np.testing.assert_array_equal(columns.drop(columns="text"), vectors)


def test_first_rows_that_look_like_names_are_said(read):
    table = read("a,b\nyears,text\n1,x\n2,y\n3,z\n")
    assert table.remarks["header"].startswith("Row 2 looks like a part of the header")
    assert read("a,b\nyears,text\n1,x\n2,y\n3,z\n", csv=Csv(skip=[2])).remarks == {}
