"""Are the outputs of a rerun those that are committed: the same, but for last bits, or not?"""

import hashlib
import json
import math

import pandas as pd
import pytest

from active_learning.core.errors import ArtifactError
from commands.checks.rerun import Difference, compare_values, differences
from stages.params import yaml

METRICS = "metrics/summary.json"
NOT_HERE = "content is not here; `dvc pull` brings it"
SOURCE = "is not what the committed results came from"


def project(folder, value=0.5, *, locked=None, data="b", seed=1, code="a", cmd="c", name="compare"):
    """Folder with a metrics file and its lock file; data is only in the lock."""
    text = json.dumps({"margin": {"aulc": value}, "n": 3})
    (folder / "metrics").mkdir(parents=True)
    (folder / METRICS).write_text(text, encoding="utf-8")
    digest = hashlib.md5((locked or text).encode(), usedforsecurity=False).hexdigest()
    made = {"path": "data", "md5": data}
    compare = {
        "cmd": cmd,
        "deps": [{"path": "code.py", "md5": code}, made],
        "params": {"params.yaml": {"split.seed": seed}},
        "outs": [{"path": METRICS, "md5": digest}],
    }
    stages = {"make": {"cmd": "make", "outs": [made]}, name: compare}
    (folder / "dvc.lock").write_text(yaml.dump({"schema": "2.0", "stages": stages}))
    return folder


@pytest.fixture
def compared(tmp_path):
    """Path, outcome and detail of each difference between two such folders."""

    def compare(ours, theirs):
        results = differences(project(tmp_path / "a", **ours), project(tmp_path / "b", **theirs))
        return [(one.path, one.fails, one.detail) for one in results]

    return compare


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, []),
        ({"value": 0.5 + 1e-9}, [(METRICS, False, "largest difference 1e-09, at margin.aulc")]),
        ({"value": 0.500001}, [(METRICS, False, "largest difference 1e-06, at margin.aulc")]),
        ({"value": 0.6}, [(METRICS, True, "largest difference 0.1, at margin.aulc")]),
        ({"code": "new"}, [("dvc.lock", True, f"stage compare: code.py {SOURCE}")]),
        ({"seed": 2}, [("dvc.lock", True, f"stage compare: params.yaml.split.seed {SOURCE}")]),
        ({"cmd": "new"}, [("dvc.lock", True, f"stage compare: the command {SOURCE}")]),
        ({"data": "new"}, [("data", True, f"its hash differs, and the committed {NOT_HERE}")]),
        ({"locked": "x"}, [(METRICS, True, "dvc.lock has another hash for the same content")]),
    ],
)
def test_what_a_rerun_changes(compared, changed, expected):
    assert compared({}, changed) == expected


def test_another_stage(compared):
    details = [detail for _, fails, detail in compared({}, {"name": "new"}) if fails]
    assert len(details) == 6
    assert all(detail.startswith(("stage compare: ", "stage new: ")) for detail in details)


def test_files_that_are_on_one_side_only(tmp_path):
    ours, theirs = project(tmp_path / "a"), project(tmp_path / "b")
    (theirs / METRICS).unlink()
    assert differences(ours, theirs) == [Difference(METRICS, "is only in the commit")]
    (ours / METRICS).unlink()
    missing = Difference(METRICS, "is missing from the commit")
    assert differences(ours, theirs) == [missing]
    for folder, name in ((ours, "old"), (theirs, "new")):
        (folder / "data").mkdir()
        (folder / "data" / name).touch()
    new, old = (
        Difference("data/new", "is only in the rerun"),
        Difference("data/old", "is only in the commit"),
    )
    assert differences(ours, theirs) == [new, old, missing]


def test_a_lock_file_that_cannot_be_read(tmp_path):
    ours, theirs = project(tmp_path / "a"), project(tmp_path / "b")
    (ours / "dvc.lock").write_text("a: [")
    with pytest.raises(ArtifactError, match=r"dvc\.lock cannot be read"):
        differences(ours, theirs)


@pytest.mark.parametrize(
    ("ours", "theirs", "detail", "fails"),
    [
        ({"a": [1.0, 2.0]}, {"a": [1.0, 2.5]}, "largest difference 0.25, at a.1", True),
        ({"a": 1e12}, {"a": 1e12 + 1}, "largest difference 1e-12, at a", False),
        ({"a": 0.1}, {"a": 0.2}, "largest difference 0.1, at a", True),
        ({"a": 1}, {"a": 1.0}, "largest difference 0, at a", False),
        ({"a": 1}, {"b": 1}, "other names: ", True),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, "other names: order", True),
        ({"a": [1]}, {"a": [1, 2]}, "other names: a.1", True),
        ({"a": []}, {"a": {}}, "a is not the same", True),
        ({"a": None}, {"a": 0.0}, "a is not the same", True),
        ({"a": math.nan}, {"a": 0.0}, "a is not the same", True),
        ({"a": math.inf}, {"a": 0.0}, "a is not the same", True),
        ({"a": "x"}, {"a": "y"}, "a is not the same", True),
        ({"a": True}, {"a": 1}, "a is not the same", True),
        ({"content_sha256": "x"}, {"content_sha256": "y"}, "largest difference 0, at ", False),
    ],
)
def test_values_of_json(tmp_path, ours, theirs, detail, fails):
    for name, value in (("a.json", ours), ("b.json", theirs)):
        (tmp_path / name).write_text(json.dumps(value), encoding="utf-8")
    result = compare_values("t", tmp_path / "a.json", tmp_path / "b.json")
    assert result.detail.startswith(detail)
    assert result.fails == fails


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
@pytest.mark.parametrize(
    ("change", "fails"),
    [
        ({"score": [0.5, None, 0.6 + 1e-9]}, False),
        ({"score": [0.5, None, 0.601]}, True),
        ({"score": [0.5, 0.5, 0.6]}, True),
        ({"score": [0.5, None]}, True),
        ({"name": ["x", "z", None]}, True),
        ({"more": [1, 2, 3]}, True),
    ],
)
def test_tables(tmp_path, suffix, change, fails):
    table = {"name": ["x", "y", None], "score": [0.5, None, 0.6]}
    changed = table | change
    n_rows = min(map(len, changed.values()))
    changed = {name: column[:n_rows] for name, column in changed.items()}
    for path, columns in ((tmp_path / f"a.{suffix}", table), (tmp_path / f"b.{suffix}", changed)):
        frame = pd.DataFrame(columns)
        write = frame.to_csv if suffix == "csv" else frame.to_parquet
        write(path, index=False)
    assert compare_values("t", tmp_path / f"a.{suffix}", path).fails == fails


def test_pictures_do_not_fail_and_other_files_do(tmp_path):
    for name in ("a.svg", "b.svg", "a.txt", "b.txt"):
        (tmp_path / name).write_text(name)
    assert not compare_values("p", tmp_path / "a.svg", tmp_path / "b.svg").fails
    assert compare_values("t", tmp_path / "a.txt", tmp_path / "b.txt").fails
