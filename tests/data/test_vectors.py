"""Columns of vectors become columns of numbers; other containers are refused by name."""

import time

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from active_learning.core.errors import DataError
from active_learning.data import files
from active_learning.data.dataset import Dataset
from active_learning.data.sources.table import Table
from active_learning.data.table import validate_table
from active_learning.data.vectors import spread_vectors

VALUES = np.random.default_rng(0).normal(size=(60, 3)).astype(np.float32)
CLASSES = np.array(["a", "b", "c"])[np.arange(60) % 3]


def read(path, columns, **options):
    """Features of a Parquet file of pyarrow columns, and the classes."""
    path = path / "t.parquet"
    parquet.write_table(pa.table({**columns, "y": CLASSES}), path)
    source = Table(path=str(path), target="y", **options)
    return validate_table(source.load(0), target="y", roles=source.roles)


LISTS = {
    "list": lambda: pa.array(VALUES.tolist(), pa.list_(pa.float32())),
    "large list": lambda: pa.array(VALUES.tolist(), pa.large_list(pa.float32())),
    "fixed size": lambda: pa.FixedSizeListArray.from_arrays(pa.array(VALUES.ravel()), 3),
}


@pytest.mark.parametrize("make", LISTS.values(), ids=LISTS)
def test_vectors_of_a_parquet_are_numbers(tmp_path, make):
    table = read(tmp_path, {"x": range(60), "v": make(), "town": ["Ulm", "Bonn"] * 30})
    assert list(table.features) == ["x", "v_0", "v_1", "v_2", "town"]
    assert table.kinds == dict.fromkeys(["x", "v_0", "v_1", "v_2"], "number") | {"town": "category"}
    spread = table.features[["v_0", "v_1", "v_2"]]
    assert set(spread.dtypes) == {np.dtype(np.float32)}
    np.testing.assert_array_equal(spread, VALUES)


def test_single_precision_is_kept_in_the_file(tmp_path):
    table = read(tmp_path, {"v": LISTS["list"]()})
    files.write_table(tmp_path / "table.parquet", table.frame)
    files.write_json(tmp_path / "card.json", table.card("table"))
    stored = parquet.read_schema(tmp_path / "table.parquet")
    assert [stored.field(f"v_{i}").type for i in range(3)] == [pa.float32()] * 3
    for dtype in ("float32", "float64"):
        data = Dataset.load(tmp_path, dtype)
        assert data.features.dtype == dtype
        np.testing.assert_array_equal(data.features, VALUES)


@pytest.mark.parametrize(
    ("vectors", "dtype"),
    [
        (list(VALUES), np.float32),
        (list(VALUES.astype(np.float16)), np.float32),
        (VALUES.astype(float).tolist(), np.float64),
        ([(1, 2, 3), [4, 5, 6.5]], np.float64),
        ([[True, False], [False, True]], np.float64),
        ([np.array([1, 2]), np.array([1.5, np.nan])], np.float64),
    ],
)
def test_vectors_in_memory(vectors, dtype):
    spread = spread_vectors(
        pd.DataFrame({"v": pd.Series(vectors, index=range(5, 5 + len(vectors)))})
    )
    assert spread.index[0] == 5
    assert set(spread.dtypes) == {np.dtype(dtype)}
    np.testing.assert_array_equal(spread, np.array(vectors, dtype=dtype))


def test_vectors_that_are_left_out_are_not_read_as_numbers(tmp_path):
    ragged = pa.array([[1.0], [1.0, 2.0], [2.0]] * 20)
    assert list(read(tmp_path, {"x": range(60), "v": ragged}, drop=["v"]).features) == ["x"]


BAD = {
    "ragged": ([[1.0, 2.0], [1.0]], "vectors of one length; got 2 in row 1 and 1 in row 2"),
    "empty": ([[], []], "vectors of one length; got 0 in row 1"),
    "none": ([[1.0], None], "a vector in every row; got none in row 2, and 29 more rows"),
    "texts": ([["a"], ["b"]], r"vectors of numbers; got .*'a'.* in row 1"),
    "matrices": ([[[1.0], [2.0]], [[1.0], [2.0]]], "vectors of numbers"),
    "mappings": ([{"k": 1}, {"k": 2}], "not hold mappings; got {'k': 1} in row 1"),
    "bytes": ([b"one", b"two"], "not hold bytes; got b'one' in row 1"),
}


@pytest.mark.parametrize(("values", "message"), BAD.values(), ids=BAD)
def test_other_containers_are_refused_by_name(tmp_path, values, message):
    column = pa.array(values * 30)
    with pytest.raises(DataError, match=f"^feature 'v' must (have|hold)? ?{message}"):
        read(tmp_path, {"x": range(60), "v": column})


@pytest.mark.parametrize("role", ["id", "group", "cost", "target"])
@pytest.mark.parametrize(
    ("value", "what"), [([1.0], "lists"), ({"k": 1}, "mappings"), (b"b", "bytes")]
)
def test_containers_have_no_role(role, value, what):
    frame = pd.DataFrame({"x": range(2), "r": [value, value], "y": ["a", "b"]})
    target, roles = ("r", {}) if role == "target" else ("y", {role: "r"})
    with pytest.raises(
        DataError, match=rf"^{role} 'r' must .*not.* {what}.*row 0, and 1 more row\.$"
    ):
        validate_table(frame, target=target, roles=roles)


def test_lists_beside_other_values_and_sets():
    for column, what in (([[1.0], "a"], "lists"), ([{1}, {2}], "sets")):
        with pytest.raises(DataError, match=f"^feature 'v' must not hold {what}"):
            spread_vectors(pd.DataFrame({"v": column}))


def test_name_of_a_number_that_another_column_has():
    with pytest.raises(DataError, match=r"^feature 'v_1' must have another name: .* of 'v'\.$"):
        spread_vectors(pd.DataFrame({"v": [[1.0, 2.0]], "v_1": [3.0]}))


def test_no_loop_over_the_numbers():
    """One second for 8 million numbers: a loop would take several."""
    values = np.zeros((10_000, 800), dtype=np.float32)
    start = time.process_time()
    spread_vectors(pd.DataFrame({"v": list(values)}))
    assert time.process_time() - start < 1
