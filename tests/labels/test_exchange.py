"""The commands export and import, on the files of a project."""

import json
import subprocess

import pandas as pd
import pytest

from commands.labels.__main__ import main
from stages import paths
from stages.rounds.journal import Journal

PARAMS = """\
table: {path: tables/mine.csv, id: ID}
classes: [ham, spam]
annotators: []
holdout: {share: 0.5}
query: {}
review: {}
preprocess: {}
learner: {name: logistic_regression}
strategies: {}
stopping: {}
artifact: {}
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project with a table of six rows, and no labels."""
    monkeypatch.chdir(tmp_path)
    for variable in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"):
        monkeypatch.delenv(variable, raising=False)
    subprocess.run(["git", "init", "-q"], check=True)
    rows = "".join(f"r{number},text {number}\n" for number in range(6))
    for path, text in {"tables/mine.csv": f"ID,text\n{rows}", "rounds/params.yaml": PARAMS}.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def read():
    return Journal.of_repository().read().events


def export_everything(folder):
    main(["export", "--csv", f"{folder}/labels.csv", "--label-studio", f"{folder}/tasks.json",
          "--hf", f"{folder}/data"])  # fmt: skip


def test_import_export_and_import_again(project, capsys):
    (project / "given.csv").write_text("ID,label\nr1,ham\nr2,\nr3,spam\n")
    main(["import", "given.csv", "--by", "a1"])
    events = read()
    assert {(event.row, event.label, event.by) for event in events} == {
        ("r1", "ham", "a1"),
        ("r3", "spam", "a1"),
    }
    assert capsys.readouterr().out == "given.csv: 2 new\n  1 without a label, left out\n"
    export_everything("out")
    capsys.readouterr()
    for file in ("out/labels.csv", "out/tasks.json"):
        main(["import", file])
        assert capsys.readouterr().out == f"{file}: 0 new\n  2 in the log already\n"
    assert read() == events
    assert "<Choices" in (project / "out/tasks.xml").read_text()
    splits = [pd.read_parquet(path) for path in (project / "out/data/data").glob("*.parquet")]
    assert set(pd.concat(splits)["row"]) == {"r1", "r3"}


def test_an_export_fills_an_empty_log(project):
    (project / "given.csv").write_text("row,label,who\nr1,ham,bo\nr2,spam,al\n")
    main(["import", "given.csv", "--by-column", "who"])
    events = read()
    export_everything(".")
    for file in ("labels.csv", "tasks.json"):
        for path in [*paths.LABELS.glob("*"), *(project / ".git/al-labels").glob("*")]:
            path.unlink()
        main(["import", file])
        assert read() == events


def test_queries_with_labels_are_imported_in_their_round(project):
    table = pd.DataFrame(
        {"round": 3, "rank": [0, 1], "row": ["r4", "r5"], "why": "query", "for": "", "guess": "ham",
         "p": 0.6, "model": "0123abcd"}
    )  # fmt: skip
    table.to_csv(paths.QUERIES, index=False)
    main(["export", "--label-studio", "tasks.json"])
    assert {task["data"]["row"] for task in json.loads((project / "tasks.json").read_text())} == {
        "r4",
        "r5",
    }
    table.assign(label=["ham", ""]).to_csv(project / "filled.csv", index=False)
    main(["import", "filled.csv", "--by", "a1"])
    (event,) = read()
    assert (event.row, event.round) == ("r4", 3)


def test_a_dry_run_writes_nothing(project, capsys):
    (project / "given.csv").write_text("row,label\nr1,ham\n")
    main(["import", "given.csv", "--by", "a1", "--dry-run"])
    assert capsys.readouterr().out == "given.csv: 1 new (dry run: not written)\n"
    assert not paths.LABELS.exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["export"], "export must be told what to write: --csv, --label-studio or --hf."),
        (["export", "--hf", "out"], "a data set must have a row with a label; got none."),
        (["import", "given.csv"], "--by must name the annotator of given.csv, unless a column doe"),
        (["import", "given.csv", "--by", "a1"], "given.csv, line 3: unknown row 'r9'; did you mea"),
        (["import", "given.csv", "--by", "a1", "--row", "id"], "given.csv: unknown column 'id'; a"),
        (["import", "none.csv"], "none.csv cannot be read (No such file or directory)."),
        (["import", "given.xlsx"], "FILE must end in .csv or .json; got 'given.xlsx'."),
        (["import", "tasks.json"], "--annotator ID=NAME, or --by NAME for everyone, must name ann"),
        (["import", "tasks.json", "--annotator", "3"], "--annotator must be ID=NAME; got '3'."),
    ],
)
def test_errors_are_one_line_and_nothing_is_written(project, capsys, arguments, message):
    (project / "given.csv").write_text("row,label\nr1,ham\nr9,spam\n")
    choice = {"type": "choices", "value": {"choices": ["ham"]}}
    annotation = {"result": [choice], "completed_by": 3}
    (project / "tasks.json").write_text(
        json.dumps([{"data": {"ID": "r1"}, "annotations": [annotation]}])
    )
    with pytest.raises(SystemExit):
        main(arguments)
    error = capsys.readouterr().err
    assert error.startswith(f"error: {message}")
    assert error.count("\n") == 1
    assert not paths.LABELS.exists()
    assert not (project / "out").exists()


def test_the_names_of_annotators_of_label_studio(project):
    annotation = {
        "result": [{"type": "choices", "value": {"choices": ["ham"]}}],
        "completed_by": 3,
        "updated_at": "2026-01-31T09:00:05Z",
    }
    (project / "tasks.json").write_text(
        json.dumps([{"data": {"ID": "r1"}, "annotations": [annotation]}])
    )
    main(["import", "tasks.json", "--annotator", "3=anna"])
    (event,) = read()
    assert (event.row, event.by, event.time) == ("r1", "anna", "2026-01-31T09:00:05.000Z")


@pytest.mark.parametrize("arguments", [["export", "--csv", "all.csv"], ["import", "given.csv"]])
def test_missing_labels_are_noticed_first(project, capsys, arguments):
    (project / "given.csv").write_text("row,label\nr1,ham\nr2,spam\n")
    main(["import", "given.csv", "--by", "a1"])
    (paths.LABELS / "a1.jsonl").unlink()
    with pytest.raises(SystemExit):
        main(arguments)
    assert "labels of a1 are missing from rounds/labels/a1.jsonl" in capsys.readouterr().err
    assert not (project / "all.csv").exists()
