"""Is a rerun what was committed: identical, equal but for last bits, or different?"""

import hashlib
import json
import math

import numpy as np
import pandas as pd
import pytest
import yaml

from active_learning.base.errors import ArtifactError
from commands.gate.rerun import compare_values, differences, gap

METRICS = "metrics/summary.json"


def project(folder, value=0.5, *, locked=None, code="a", data="b", params=1):
    """Folder with a metrics file and its lock file; data is only in the lock."""
    text = json.dumps({"margin": {"aulc": value}, "n": 3})
    (folder / "metrics").mkdir(parents=True)
    (folder / METRICS).write_text(text, encoding="utf-8")
    digest = hashlib.md5((locked or text).encode(), usedforsecurity=False).hexdigest()
    stages = {
        "make": {"cmd": "make", "outs": [{"path": "data", "md5": data}]},
        "compare": {
            "cmd": "compare",
            "deps": [{"path": "code.py", "md5": code}, {"path": "data", "md5": data}],
            "params": {"params.yaml": {"split.seed": params}},
            "outs": [{"path": METRICS, "md5": digest}],
        },
    }
    text = yaml.safe_dump({"schema": "2.0", "stages": stages})
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


def test_stale_code_and_params(compared):
    found = compared({"code": "old", "params": 1}, {"code": "new", "params": 2})
    assert [one.detail.split(": ", 1)[1] for one in found] == [
        "code.py is not what the committed results came from",
        "params.yaml: split.seed is not what the committed results came from",
    ]


def test_data_that_cannot_be_compared_fails(compared):
    (found,) = compared({"data": "old"}, {"data": "new"})
    assert (found.path, found.fails) == ("data", True)
    assert "`dvc pull` brings it" in found.detail


def test_a_lock_file_that_was_edited(compared):
    (found,) = compared({"locked": "something else"}, {})
    assert found.fails
    assert "another hash" in found.detail


def test_a_metrics_file_that_is_not_committed(tmp_path):
    ours, theirs = project(tmp_path / "a"), project(tmp_path / "b")
    (ours / METRICS).unlink()
    (found,) = differences(ours, theirs)
    assert found.fails
    assert found.detail == "is not there in the commit"


def test_another_set_of_stages(tmp_path):
    ours, theirs = project(tmp_path / "a"), project(tmp_path / "b")
    lock = yaml.safe_load((ours / "dvc.lock").read_text())
    del lock["stages"]["make"]
    (ours / "dvc.lock").write_text(yaml.safe_dump(lock))
    assert any("the commit lacks stage make" in one.detail for one in differences(ours, theirs))


def test_a_lock_file_that_cannot_be_read(tmp_path):
    ours, theirs = project(tmp_path / "a"), project(tmp_path / "b")
    (ours / "dvc.lock").write_text("a: [")
    with pytest.raises(ArtifactError, match=r"dvc\.lock cannot be read"):
        differences(ours, theirs)


@pytest.mark.parametrize(
    ("ours", "theirs", "size", "place"),
    [
        ({"a": [1.0, 2.0]}, {"a": [1.0, 2.5]}, 0.25, "a.1"),
        ({"a": 1e12}, {"a": 1e12 + 1}, 1e-12, "a"),
        ({"a": 0.1}, {"a": 0.2}, 0.1, "a"),
        ({"a": 1}, {"b": 1}, math.inf, "the whole is not the same"),
        ({"a": [1]}, {"a": [1, 2]}, math.inf, "a is not the same"),
        ({"a": None}, {"a": 0.0}, math.inf, "a is not the same"),
        ({"a": math.nan}, {"a": 0.0}, math.inf, "a is not the same"),
        ({"a": "x"}, {"a": "y"}, math.inf, "a is not the same"),
        ({"a": True}, {"a": 1}, 0.0, "a"),
        ({"content_sha256": "x"}, {"content_sha256": "y"}, 0.0, ""),
        (np.array(["x", "y"]), np.array(["x", "z"]), math.inf, "the whole is not the same"),
        (np.array([1.0, np.nan]), np.array([1.0, np.nan]), 0.0, ""),
    ],
)
def test_the_largest_difference(ours, theirs, size, place):
    found, where = gap(ours, theirs)
    assert found == pytest.approx(size)
    assert where == place


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
@pytest.mark.parametrize(("shift", "fails"), [(1e-9, False), (1e-3, True)])
def test_tables(tmp_path, suffix, shift, fails):
    for name, value in (("a", 0.0), ("b", shift)):
        table = pd.DataFrame({"name": ["x", "y"], "score": [0.5, 0.6 + value]})
        path = tmp_path / f"{name}.{suffix}"
        table.to_csv(path) if suffix == "csv" else table.to_parquet(path)
    found = compare_values("t", tmp_path / f"a.{suffix}", tmp_path / f"b.{suffix}")
    assert found.fails == fails
    assert "score" in found.detail


def test_pictures_do_not_fail_and_other_files_do(tmp_path):
    for name in ("a.svg", "b.svg", "a.txt", "b.txt"):
        (tmp_path / name).write_text(name)
    assert not compare_values("p", tmp_path / "a.svg", tmp_path / "b.svg").fails
    assert compare_values("t", tmp_path / "a.txt", tmp_path / "b.txt").fails
