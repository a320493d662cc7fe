"""The pipeline of the rounds, run by DVC itself."""

import hashlib
import json

import pandas as pd
import pytest

from tests.labels.rounds import begin, digits, event, give, labels, metrics, queries
from tests.pipeline.clone import Clone

pytestmark = pytest.mark.slow

RESULTS = ("queries.csv", "metrics", "data")


@pytest.fixture(scope="session")
def begun(shared, env):
    """Rounds with one round of labels, committed; to be copied."""
    from filelock import FileLock

    path = shared / "rounds-begun"
    with FileLock(shared / "rounds-begun.lock"):
        if not path.exists():
            path.mkdir()
            project = Clone.of_project(path, env)
            table, truth = digits()
            begin(project, table)
            labels(project, "round")
            give(project, queries(project)["row"], truth)
            labels(project, "round")
            project.run("git", "add", "rounds")
            project.run("git", "commit", "--quiet", "--message", "Round 1")
    return path


@pytest.fixture
def project(begun, env, tmp_path):
    return Clone(begun, env).copy(tmp_path / "project")


@pytest.fixture(scope="session")
def truth():
    return digits()[1]


def content(project):
    """Digest of every result, by path."""
    root = project.path / "rounds"
    files = [path for name in RESULTS for path in [root / name, *(root / name).rglob("*")]]
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(files)
        if path.is_file()
    }


def test_a_round_trains_measures_and_asks_and_a_second_run_does_nothing(project):
    summary = metrics(project)
    asked = queries(project)
    assert summary["round"] == 1
    assert summary["labels"] + summary["holdout"] == 20
    assert summary["low"] <= summary["accuracy"] <= summary["high"]
    assert set(asked["round"]) == {"2"}
    assert set(asked["guess"]) <= set("01234")
    curve = pd.read_csv(project.path / "rounds/metrics/curve.csv")
    assert curve["labels"].tolist() == [summary["labels"]]
    card = (project.path / "rounds/data/card.md").read_text()
    assert f"{summary['labels']} to train on" in card
    assert "events of" not in labels(project, "round")
    assert project.run("git", "status", "--porcelain").stdout == ""
    assert "accuracy" in labels(project, "status")


def test_a_fresh_clone_gives_the_same_bytes(project, env, tmp_path):
    project.run("git", "clone", "--quiet", str(project.path), str(tmp_path / "fresh"))
    fresh = Clone(tmp_path / "fresh", env)
    fresh.dvc("repro", "rounds/dvc.yaml")
    assert content(fresh) == content(project)
    assert fresh.run("git", "status", "--porcelain").stdout == ""


def test_another_strategy_on_the_same_labels_is_an_experiment(project):
    before = queries(project)
    project.dvc(
        "exp", "run", "--name", "entropy", "-S", "rounds/params.yaml:query.strategy=random",
        "-S", "rounds/params.yaml:query.compare=[margin]", "rounds/dvc.yaml",
    )  # fmt: skip
    after = queries(project)
    hold = before["why"] == "holdout"
    assert before.loc[hold, "row"].tolist() == after.loc[after["why"] == "holdout", "row"].tolist()
    assert set(before["row"]) != set(after["row"])
    shown = project.dvc("exp", "show", "--no-pager", "--csv")
    assert "accuracy" in shown
    assert "entropy" in shown


def test_labels_that_come_while_a_stage_runs_are_taken_in_by_make_round(project, truth):
    """Given after merge-labels has read, and before DVC hashes what it depends on."""
    rows = queries(project)["row"].tolist()
    give(project, rows[:3], truth)
    late = json.dumps(event(project, rows[3], truth[rows[3]], round=2))
    script = project.path / "stages/rounds/merge_labels.py"
    writer = (
        "\n    from pathlib import Path\n"
        "    if not Path('came').exists():\n"
        "        Path('came').touch()\n"
        "        for folder in ('.git/al-labels', 'rounds/labels'):\n"
        f"            with open(folder + '/a1.jsonl', 'a') as file:\n"
        f"                file.write({late + chr(10)!r})\n"
    )
    code = script.read_text()
    script.write_text(code.replace("\n\n\nif __name__", f"\n{writer}\n\nif __name__"))
    assert "Too late for this run: 1 label." in project.dvc("repro", "rounds/dvc.yaml")
    assert "Too late" not in project.dvc("repro", "rounds/dvc.yaml")
    assert "Newer than the model: 1 decision." in labels(project, "status")
    output = labels(project, "round")
    assert "Given meanwhile: 1 label." in output
    assert rows[3] in pd.read_parquet(project.path / "rounds/data/merged.parquet")["row"].tolist()
    assert "events of" not in labels(project, "round")


def test_two_machines_that_both_ran_a_round_are_merged(project, truth, env, tmp_path):
    project.run("git", "clone", "--quiet", str(project.path), str(tmp_path / "other"))
    other = Clone(tmp_path / "other", env)
    rows = queries(project)["row"].tolist()
    for clone, by, own in ((project, "a1", rows[:8]), (other, "b2", rows[8:16])):
        give(clone, own, truth, by)
        labels(clone, "round")
        clone.run("git", "add", "rounds")
        clone.run("git", "commit", "--quiet", "--message", f"Round of {by}")
    project.run("git", "pull", "--quiet", "--no-rebase", str(other.path), ok=False)
    assert "<<<<<<<" in (project.path / "rounds/dvc.lock").read_text()
    output = labels(project, "round")
    assert "Resolved by computing them again" in output
    project.run("git", "add", "rounds")
    project.run("git", "commit", "--quiet", "--message", "Merge")
    merged = pd.read_parquet(project.path / "rounds/data/merged.parquet")
    assert set(rows[:16]) <= set(merged["row"])
    assert set(merged["by"]) == {"a1", "b2"}
    assert project.run("git", "status", "--porcelain").stdout == ""
    assert "events of" not in labels(project, "round")


def test_a_missing_label_stops_the_pipeline_before_anything_is_written(project, truth):
    give(project, queries(project)["row"][:4], truth)
    before = content(project)
    project.run("git", "checkout", "--quiet", "HEAD", "--", "rounds/labels")
    lost = "4 labels of a1 are missing from rounds/labels/a1.jsonl"
    assert lost in labels(project, "round", ok=False)
    assert lost in labels(project, "status", ok=False)
    give(project, queries(project)["row"][4:5], truth, "b2")
    assert lost in project.dvc("repro", "rounds/dvc.yaml", ok=False)
    assert content(project)["queries.csv"] == before["queries.csv"]
    labels(project, "recover")
    assert "4" in labels(project, "round")
    assert metrics(project)["round"] == 2


def test_the_model_labels_another_table(project, truth):
    table, all_truth = digits(300)
    ids = [f"{number:03d}" for number in range(100)]
    table.tail(100).assign(id=ids).to_csv(project.path / "tables/new.csv", index=False)
    predict = ("python", "-m", "commands.predict", "tables/new.csv", "--out")
    project.run(*predict, "predicted.csv", "--ask-below", "0.9")
    predicted = pd.read_csv(project.path / "predicted.csv", dtype={"id": str, "label": str})
    assert predicted["id"].tolist() == ids
    right = predicted["label"].to_numpy() == list(all_truth.values())[200:]
    assert right.mean() > 0.6
    assert (predicted["ask"] == (predicted["p"] < 0.9)).all()
    assert 0 < predicted["ask"].sum() < 100
    done = project.run(*predict, "predicted.txt", ok=False)
    assert done.stderr == "error: --out must end in .csv or .parquet; got 'predicted.txt'.\n"
    bare = project.path / "tables/bare.csv"
    table[["id", "p01"]].to_csv(bare, index=False)
    predict = ("python", "-m", "commands.predict", "tables/bare.csv", "--out", "x.csv")
    done = project.run(*predict, ok=False)
    expected = "error: tables/bare.csv: unknown column 'p00'; available: id, p01"
    assert done.stderr.startswith(expected)
