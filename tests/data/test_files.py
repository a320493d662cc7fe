"""Artifacts: whole or not at all, rounded where people read them, exact where programs do."""

import math
import resource

import numpy as np
import pandas as pd
import pytest

from active_learning.core.errors import ArtifactError
from active_learning.data import files


def test_replaces_a_file_when_all_went_well(tmp_path):
    path = tmp_path / "new" / "a.txt"
    with files.replacing(path) as temporary:
        temporary.write_text("new")
        assert not path.exists()
    assert path.read_text() == "new"
    assert list(path.parent.iterdir()) == [path]


def test_keeps_the_old_file_when_something_goes_wrong(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def fail():
        with files.replacing(path) as temporary:
            temporary.write_text("half of the n")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.fixture
def full_disk():
    """A disk that takes no more than 100 bytes of a file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.usefixtures("full_disk")
@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("a.json", files.write_json),
        ("a.csv", files.write_table),
        ("a.parquet", files.write_table),
        ("a.npz", files.write_arrays),
    ],
)
def test_full_disk_is_said_in_one_line(tmp_path, name, write):
    path, numbers = tmp_path / name, {"a": np.arange(1000)}
    path.write_text("old")
    content = pd.DataFrame(numbers) if write is files.write_table else numbers
    with pytest.raises(ArtifactError, match=rf"{name} cannot be written \(.*[Ff]ile too large"):
        write(path, content)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_file_in_place_of_a_folder_is_said_in_one_line(tmp_path):
    (tmp_path / "data").write_text("no folder")
    with pytest.raises(ArtifactError, match=r"data/raw/a.json cannot be written \("):
        files.write_json(tmp_path / "data/raw/a.json", {})


def test_json_is_for_people(tmp_path):
    path = tmp_path / "a.json"
    value = {
        "third": 1 / 3,
        "nothing": math.nan,
        "never": np.float64("inf"),
        "small": -1e-9,
        "count": np.int64(3),
        "yes": np.bool_(True),
        "list": np.array([0.1 + 0.2, math.nan]),
        "nested": {"name": "é", "pair": (1, 2.0)},
    }
    files.write_json(path, value)
    assert path.read_text(encoding="utf-8") == (
        '{\n  "third": 0.333333,\n  "nothing": null,\n  "never": null,\n  "small": 0.0,\n'
        '  "count": 3,\n  "yes": true,\n  "list": [ 0.3, null ],\n'
        '  "nested": {\n    "name": "é",\n    "pair": [ 1, 2.0 ]\n  }\n}\n'
    )


def test_parquet_is_exact_and_csv_is_for_people(tmp_path):
    table = pd.DataFrame({"x": [1 / 3, math.nan], "name": ["a", "b,c"], "n": [1, 2]})
    for name in ("a.parquet", "b.parquet", "a.csv"):
        files.write_table(tmp_path / name, table)
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()
    pd.testing.assert_frame_equal(files.read_table(tmp_path / "a.parquet"), table)
    assert (tmp_path / "a.csv").read_text() == 'x,name,n\n0.333333,a,1\n,"b,c",2\n'
    pd.testing.assert_frame_equal(files.read_table(tmp_path / "a.csv"), table.round(6))
    for name in ("a.parquet", "a.csv"):
        assert list(files.read_table(tmp_path / name, ["n"])) == ["n"]
        with pytest.raises(ArtifactError, match="is damaged"):
            files.read_table(tmp_path / name, ["x", "y"])


@pytest.mark.parametrize("name", ["a.json", "a.csv", "a.parquet"])
def test_missing_or_truncated_file_is_refused_in_one_line(tmp_path, name):
    path, content = tmp_path / name, {"x": list(range(50)), "y": list(range(50))}
    read = files.read_json if name == "a.json" else files.read_table
    with pytest.raises(ArtifactError) as error:
        read(path)
    assert str(error.value) == f"{path} is missing."
    if name == "a.json":
        files.write_json(path, content)
    else:
        files.write_table(path, pd.DataFrame(content))
    assert read(path)["y"][49] == 49
    whole = path.read_bytes()
    for length in (0, 1, len(whole) // 2, len(whole) - 2):
        path.write_bytes(whole[:length])
        with pytest.raises(ArtifactError, match=r"^[^\n]* is damaged \([^\n]+\)\.$"):
            read(path)


@pytest.mark.parametrize("text", ["[]", "null", "3", '{"b": 1}'])
def test_json_without_the_keys_that_are_needed_is_refused(tmp_path, text):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(ArtifactError, match="it must hold a, b"):
        files.read_json(tmp_path / "a.json", "a", "b")
