"""Artifacts: whole or not at all, rounded where people read them, exact where programs do."""

import math
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from active_learning.base import files
from active_learning.base.errors import ArtifactError
from stages.generate import card, checked
from tests.examples import ROOT


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


@pytest.mark.parametrize("name", ["a.json", "a.csv", "a.parquet"])
def test_writing_what_cannot_be_written_leaves_the_old_file(tmp_path, name):
    path = tmp_path / name
    path.write_text("old")
    with pytest.raises((TypeError, AttributeError, ValueError)):
        files.write_json(path, {"a": object()}) if name == "a.json" else files.write_table(
            path, object()
        )
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


def test_json_comes_back(tmp_path):
    files.write_json(tmp_path / "a.json", {"a": [1, 2.5], "b": {"c": None}})
    assert files.read_json(tmp_path / "a.json", "a", "b") == {"a": [1, 2.5], "b": {"c": None}}


def test_parquet_is_exact_and_csv_is_for_people(tmp_path):
    table = pd.DataFrame({"x": [1 / 3, math.nan], "name": ["a", "b,c"], "n": [1, 2]})
    for name in ("a.parquet", "a.csv"):
        files.write_table(tmp_path / name, table)
    pd.testing.assert_frame_equal(files.read_table(tmp_path / "a.parquet"), table)
    assert (tmp_path / "a.csv").read_text() == 'x,name,n\n0.333333,a,1\n,"b,c",2\n'
    pd.testing.assert_frame_equal(files.read_table(tmp_path / "a.csv"), table.round(6))
    for name in ("a.parquet", "a.csv"):
        assert list(files.read_table(tmp_path / name, ["n"])) == ["n"]


def test_same_table_same_bytes(tmp_path):
    table = pd.DataFrame({"x": [1 / 3, 0.5], "name": ["a", "b"]})
    for name in ("a.parquet", "b.parquet"):
        files.write_table(tmp_path / name, table)
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


@pytest.mark.parametrize("name", ["a.json", "a.csv", "a.parquet"])
def test_missing_file_says_what_makes_it(tmp_path, name):
    path = tmp_path / name
    read = files.read_json if name == "a.json" else files.read_table
    with pytest.raises(ArtifactError) as error:
        read(path)
    assert str(error.value) == f"{path} is missing; `dvc repro` makes it."


@pytest.mark.parametrize("name", ["a.json", "a.csv", "a.parquet"])
def test_truncated_file_is_refused_in_one_line(tmp_path, name):
    path = tmp_path / name
    read = files.read_json if name == "a.json" else files.read_table
    if name == "a.json":
        files.write_json(path, {"a": 1, "b": [1, 2, 3]})
    else:
        files.write_table(path, pd.DataFrame({"x": range(50), "y": range(50)}))
    whole = path.read_bytes()
    for length in (0, 1, len(whole) // 2, len(whole) - 2):
        path.write_bytes(whole[:length])
        with pytest.raises(ArtifactError, match=r"^[^\n]* is damaged \([^\n]+\); delete it[^\n]*$"):
            read(path)


@pytest.mark.parametrize("text", ["[]", "null", "3", '{"b": 1}'])
def test_json_without_the_keys_that_are_needed_is_refused(tmp_path, text):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(ArtifactError, match="it must hold a, b"):
        files.read_json(tmp_path / "a.json", "a", "b")


def test_table_without_the_columns_that_are_needed_is_refused(tmp_path):
    for name in ("a.parquet", "a.csv"):
        files.write_table(tmp_path / name, pd.DataFrame({"x": [1]}))
        with pytest.raises(ArtifactError, match="is damaged"):
            files.read_table(tmp_path / name, ["x", "y"])


@pytest.fixture
def raw(tmp_path):
    """Folder as ``generate`` writes it; the classes are numbers, out of the order of texts."""
    table, kinds = checked(
        pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [4, 5, 6], "grade": [10, 9, 10]}),
        "mine.csv",
        {},
        {},
    )
    files.write_table(tmp_path / "table.parquet", table)
    files.write_json(tmp_path / "card.json", card(table, "table", {}, kinds))
    return tmp_path


def test_dataset_has_features_labels_and_classes(raw: Path):
    data = files.read_dataset(raw)
    assert data.features.tolist() == [[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]]
    assert data.features.dtype == np.float64
    assert data.classes == ["9", "10"]
    assert data.labels.tolist() == [1, 0, 1]


def test_dataset_of_single_precision(raw: Path):
    data = files.read_dataset(raw, "float32")
    assert data.features.tolist() == [[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]]
    assert data.features.dtype == np.float32
    assert data.features.flags.c_contiguous


READ = """
import sys
from pathlib import Path
from active_learning.base import files
from bench.memory import peak_mb
before = peak_mb()
size = files.read_dataset(Path(sys.argv[1])).features.nbytes / 1e6
print((peak_mb() - before) / size)
"""


def test_table_is_in_memory_once(tmp_path):
    table = pd.DataFrame(np.random.default_rng(0).normal(size=(100_000, 100)))
    table = table.rename(columns=str).assign(y=np.arange(100_000) % 2)
    table, kinds = checked(table, "mine.csv", {}, {})
    files.write_table(tmp_path / "table.parquet", table)
    files.write_json(tmp_path / "card.json", card(table, "table", {}, kinds))
    command = [sys.executable, "-c", READ, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert 1 < float(done.stdout) < 1.6


def test_columns_whose_names_begin_alike_are_told_apart(tmp_path):
    names = {"a": [1.0, 2.0], "a.b": [3.0, 4.0], "a.b.c": [5.0, 6.0], "y": [0, 1]}
    table, kinds = checked(pd.DataFrame(names), "mine.csv", {}, {})
    files.write_table(tmp_path / "table.parquet", table)
    files.write_json(tmp_path / "card.json", card(table, "table", {}, kinds))
    data = files.read_dataset(tmp_path)
    assert data.features.tolist() == [[1, 3, 5], [2, 4, 6]]
    assert [column.name for column in data.columns] == ["a", "a.b", "a.b.c"]


def test_dataset_and_card_must_belong_together(raw: Path):
    table = files.read_table(raw / "table.parquet")
    for other in (table[:2], table.assign(grade="11")):
        files.write_table(raw / "table.parquet", other)
        with pytest.raises(ArtifactError, match=r"it is not the table of .*card.json"):
            files.read_dataset(raw)
