"""A data set as it is loaded: features, labels and classes, each file read once."""

import builtins
import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from active_learning.core.errors import ArtifactError, ParamsError
from active_learning.data import files
from active_learning.data.dataset import Dataset
from active_learning.data.table import validate_table
from tests.examples import ROOT


def write(folder, frame, target="y", **options):
    """Write a table and its card as ``generate`` does."""
    table = validate_table(pd.DataFrame(frame), target=target, **options)
    files.write_table(folder / "table.parquet", table.frame)
    files.write_json(folder / "card.json", table.card("table"))
    return folder


@pytest.fixture
def raw(tmp_path):
    """Folder as ``generate`` writes it; the classes are numbers, out of the order of texts."""
    table = {"a": [1.0, 2.0, 3.0], "b": [4, 5, 6], "grade": [10, 9, 10]}
    return write(tmp_path, table, target="grade")


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_dataset_has_features_labels_and_classes(raw: Path, dtype):
    data = Dataset.load(raw, dtype)
    assert data.features.tolist() == [[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]]
    assert data.features.dtype == dtype
    assert data.features.flags.c_contiguous
    assert data.classes == ["9", "10"]
    assert data.labels.tolist() == [1, 0, 1]


def test_number_too_large_is_an_error_of_the_params(tmp_path):
    write(tmp_path, {"a": [1.0, 1e300], "y": [0, 1]})
    with pytest.raises(ParamsError, match=r"^dtype must be float64 for feature 'a'"):
        Dataset.load(tmp_path, "float32")


def test_columns_of_every_kind_from_files_and_from_a_table_in_memory(tmp_path):
    table = pd.DataFrame(
        {
            "n": [1.5, None],
            "b": [True, None],
            "d": ["2000-01-02", "2000-01-03"],
            "c": ["x", None],
            "t": ["some free text", "some other words"],
            "key": ["k1", "k2"],
            "home": [7, 7],
            "price": [1, 2],
            "y": [10, 9],
        }
    )
    roles = {"id": "key", "group": "home", "cost": "price"}
    write(tmp_path, table, roles=roles)
    kinds = {"n": "number", "b": "boolean", "d": "date", "c": "category", "t": "text"}
    loaded = Dataset.load(tmp_path)
    made = Dataset.from_table(validate_table(table, target="y", roles=roles))
    pd.testing.assert_frame_equal(made.features, loaded.features)
    for data in (loaded, made):
        assert data.kinds == kinds
        assert list(data.features) == list(kinds)
        numbers = data.features[["n", "b", "d"]]
        np.testing.assert_array_equal(numbers, [[1.5, 1, 1], [np.nan, np.nan, 2]])
        assert data.features["c"].isna().tolist() == [False, True]
        assert data.features["t"].tolist() == table["t"].tolist()
        assert (data.ids.tolist(), data.groups.tolist()) == (["k1", "k2"], ["7", "7"])
        assert data.costs.tolist() == [1.0, 2.0]
        assert (data.labels.tolist(), data.classes) == ([1, 0], ["9", "10"])


def test_each_file_is_opened_once(raw: Path, monkeypatch):
    opened, really = [], io.open

    def record(file, *args, **kwargs):
        opened.append(Path(file).name)
        return really(file, *args, **kwargs)

    monkeypatch.setattr(io, "open", record)
    monkeypatch.setattr(builtins, "open", record)
    Dataset.load(raw)
    assert sorted(opened) == ["card.json", "table.parquet"]


def test_digest_is_of_the_table_and_what_the_card_says_of_it(raw: Path):
    digests, card = [Dataset.load(raw).digest], files.read_json(raw / "card.json")
    for change in ({"dataset": "another", "checks": {"a": "b"}}, {"kinds": {"a": "boolean"}}):
        files.write_json(raw / "card.json", card | change)
        digests.append(Dataset.load(raw).digest)
    table = files.read_table(raw / "table.parquet")
    files.write_table(raw / "table.parquet", table.assign(a=0.0))
    digests.append(Dataset.load(raw).digest)
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3


READ = """
import sys
from pathlib import Path
from active_learning.data.dataset import Dataset
from speed.memory import peak_mb
before = peak_mb()
size = Dataset.load(Path(sys.argv[1])).features.nbytes / 1e6
print((peak_mb() - before) / size)
"""


@pytest.mark.slow
def test_table_is_in_memory_once(tmp_path):
    table = pd.DataFrame(np.random.default_rng(0).normal(size=(100_000, 100)))
    write(tmp_path, table.rename(columns=str).assign(y=np.arange(100_000) % 2))
    command = [sys.executable, "-c", READ, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert 1 < float(done.stdout) < 1.6


def test_columns_whose_names_begin_alike_are_told_apart(tmp_path):
    write(tmp_path, {"a": [1.0, 2.0], "a.b": [3.0, 4.0], "a.b.c": [5.0, 6.0], "y": [0, 1]})
    data = Dataset.load(tmp_path)
    assert data.features.tolist() == [[1, 3, 5], [2, 4, 6]]
    assert list(data.kinds) == ["a", "a.b", "a.b.c"]


def test_dataset_and_card_must_belong_together(raw: Path):
    table = files.read_table(raw / "table.parquet")
    for other in (table[:2], table.assign(grade="11")):
        files.write_table(raw / "table.parquet", other)
        with pytest.raises(ArtifactError, match=r"it is not the table of .*card.json"):
            Dataset.load(raw)
