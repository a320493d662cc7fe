"""Are the outputs of a rerun those that are committed: the same, but for last bits, or not?"""

import hashlib
import json
import math

import pandas as pd
import pytest

from active_learning.core.errors import ArtifactError
from commands.gate.rerun import compare_values, differences
from stages.params import yaml

METRICS = "metrics/summary.json"


def project(folder, value=0.5, *, locked=None, data="b", **compare):
    """Folder with a metrics file and its lock file; data is only in the lock."""
    text = json.dumps({"margin": {"aulc": value}, "n": 3})
    (folder / "metrics").mkdir(parents=True)
    (folder / METRICS).write_text(text, encoding="utf-8")
    digest = hashlib.md5((locked or text).encode(), usedforsecurity=False).hexdigest()
    made, outs = [{"path": "data", "md5": data}], [{"path": METRICS, "md5": digest}]
    deps = [{"path": "code.py", "md5": compare.get("code", "a")}, *made]
    params = {"params.yaml": {"split.seed": compare.get("seed", 1)}}
    stages = {
        "make": {"cmd": "make", "outs": made},
        compare.get("name", "compare"): {
            "cmd": compare.get("cmd", "compare"), "deps": deps, "params": params, "outs": outs
        },
    }  # fmt: skip
    text = yaml.dump({"schema": "2.0", "stages": stages})
    (folder / "dvc.lock").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def compared(tmp_path):
    def compare(ours, theirs):
        return differences(project(tmp_path / "a", **ours), project(tmp_path / "b", **theirs))

    return compare


def test_the_same(compared):
    assert compared({}, {}) == []


@pytest.mark.parametrize(("value", "fails"), [(0.5 + 1e-9, False), (0.500001, False), (0.6, True)])
def test_values_are_compared_with_a_tolerance(compared, value, fails):
    (found,) = compared({"value": 0.5}, {"value": value})
    assert (found.path, found.fails) == (METRICS, fails)
    assert "at margin.aulc" in found.detail


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"code": "new"}, "code.py"),
        ({"seed": 2}, "params.yaml.split.seed"),
        ({"cmd": "other"}, "the command"),
    ],
)
def test_what_the_results_come_from(compared, changed, name):
    (found,) = compared({}, changed)
    assert found.fails
    detail = f"stage compare: {name} is not what the committed results came from"
    assert (found.path, found.detail) == ("dvc.lock", detail)


def test_another_stage(compared):
    details = [one.detail for one in compared({}, {"name": "new"})]
    assert len(details) == 6
    assert all(detail.startswith(("stage compare: ", "stage new: ")) for detail in details)


def test_data_that_cannot_be_compared_fails(compared):
    (found,) = compared({"data": "old"}, {"data": "new"})
    assert (found.path, found.fails) == ("data", True)
    assert "`dvc pull` brings it" in found.detail


def test_a_lock_file_that_was_edited(compared):
    (found,) = compared({"locked": "something else"}, {})
    assert found.fails
    assert "another hash" in found.detail


def test_files_that_are_on_one_side_only(tmp_path):
    ours, theirs = project(tmp_path / "a"), project(tmp_path / "b")
    (theirs / METRICS).unlink()
    (found,) = differences(ours, theirs)
    assert (found.fails, found.detail) == (True, "is only in the commit")
    (ours / METRICS).unlink()
    (found,) = differences(ours, theirs)
    assert (found.fails, found.detail) == (True, "is missing from the commit")
    for folder, name in ((ours, "old"), (theirs, "new")):
        (folder / "data").mkdir()
        (folder / "data" / name).touch()
    found = [(one.path, one.detail) for one in differences(ours, theirs) if one.path != METRICS]
    assert found == [("data/new", "is only in the rerun"), ("data/old", "is only in the commit")]


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
    found = compare_values("t", tmp_path / "a.json", tmp_path / "b.json")
    assert found.detail.startswith(detail)
    assert found.fails == fails


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
    n_rows = min(len(column) for column in changed.values())
    changed = {name: column[:n_rows] for name, column in changed.items()}
    for path, columns in ((tmp_path / "a", table), (tmp_path / "b", changed)):
        frame = pd.DataFrame(columns)
        write = frame.to_csv if suffix == "csv" else frame.to_parquet
        write(path.with_suffix(f".{suffix}"), index=False)
    found = compare_values("t", tmp_path / f"a.{suffix}", tmp_path / f"b.{suffix}")
    assert found.fails == fails, found.detail


def test_pictures_do_not_fail_and_other_files_do(tmp_path):
    for name in ("a.svg", "b.svg", "a.txt", "b.txt"):
        (tmp_path / name).write_text(name)
    assert not compare_values("p", tmp_path / "a.svg", tmp_path / "b.svg").fails
    assert compare_values("t", tmp_path / "a.txt", tmp_path / "b.txt").fails
