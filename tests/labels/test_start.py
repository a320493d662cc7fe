"""Rounds begin with one command, which writes everything or nothing."""

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from active_learning.core.errors import ArtifactError, ParamsError
from active_learning.rounds.votes import standing
from commands.labels.__main__ import main
from commands.labels.start import split_names
from commands.labels.template import fill, flow
from stages import paths
from stages.params import yaml
from stages.params.rounds import RoundsParams
from stages.rounds.journal import Journal
from tests.examples import ROOT

N_ROWS = 60
OPTIONS = ("--id", "key", "--classes", "ham,spam")


def rows():
    generator = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "key": [f"{number:03d}" for number in range(N_ROWS)],
            "size": generator.normal(size=N_ROWS),
            "town": generator.choice(["Ulm", "Bonn"], N_ROWS),
            "y": np.resize(["spam", "ham", None], N_ROWS),
        }
    )


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A repository with a table and what is shipped for rounds, as the current folder."""
    monkeypatch.chdir(tmp_path)
    for name in ("template.yaml", "pipeline.yaml"):
        (tmp_path / "rounds").mkdir(exist_ok=True)
        shutil.copy(ROOT / "rounds" / name, tmp_path / "rounds" / name)
    (tmp_path / "tables").mkdir()
    rows().to_csv("tables/mine.csv", index=False)
    subprocess.run(["git", "init", "--quiet"], check=True)
    return tmp_path


def start(*options, table="tables/mine.csv"):
    main(["start", table, *options])


@pytest.fixture
def refusal(project, capsys):
    """What the command says when it refuses; it must leave everything as it was."""

    def content():
        return {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}

    def refuse(*options, **table):
        before = content()
        with pytest.raises(SystemExit) as stop:
            start(*options, **table)
        assert stop.value.code == 1
        assert content() == before
        said = capsys.readouterr()
        assert said.out == ""
        assert said.err.count("\n") == 1
        return said.err.removeprefix("error: ").rstrip("\n")

    return refuse


@pytest.mark.usefixtures("project")
def test_a_column_that_comes_or_is_dropped_later_changes_no_row():
    start(*OPTIONS)
    params = RoundsParams.read()
    table = params.read_table()
    assert params.table.show == list(table.shown)
    path = Path(params.table.path)
    frame = pd.read_csv(path, dtype=str)
    frame.assign(new=range(len(frame))).to_csv(path, index=False)
    text = paths.ROUNDS_PARAMS.read_text()
    paths.ROUNDS_PARAMS.write_text(text.replace("drop: [", f'drop: ["{table.shown[0]}"', 1))
    later = RoundsParams.read().read_table()
    assert "new" in later.kinds
    assert table.shown[0] not in later.kinds
    assert [later.digest(row) for row in later.ids] == [table.digest(row) for row in table.ids]


@pytest.mark.usefixtures("project")
def test_what_is_written(capsys):
    start(*OPTIONS, "--drop", "y", "--annotators", "ann,bob", "--show", "size,town")
    params = RoundsParams.read()
    assert params.classes.names == ["ham", "spam"]
    assert params.annotators == ["ann", "bob"]
    assert params.table.model_dump() == {
        "path": "tables/mine.csv", "id": "key", "show": ["size", "town"], "image": None,
        "image_folder": None, "drop": ["y"], "missing": None, "sheet": None, "kinds": {},
        "csv": dict.fromkeys(("separator", "decimal", "thousands", "encoding", "header", "skip")),
    }  # fmt: skip
    text, template = Path("rounds/params.yaml").read_text(), (ROOT / "rounds/template.yaml")
    assert re.findall("#.*", text) == re.findall("#.*", template.read_text())
    shipped = (ROOT / "rounds/pipeline.yaml").read_text()
    written = Path("rounds/dvc.yaml").read_text()
    assert written.startswith("stages:\n")
    assert yaml.parse(written, "") == yaml.parse(shipped, "")
    assert Path(".gitattributes").read_text() == ("rounds/labels/*.jsonl text eol=lf merge=union\n")
    assert Path("rounds/labels").is_dir()
    assert Journal.of_repository().read().events == []
    said = capsys.readouterr().out
    assert "60 rows, 2 features, id: 'key'" in said
    assert said.splitlines()[-4:] == [
        "  git add tables/mine.csv",
        "  git add rounds .gitattributes && git commit -m 'Start rounds'",
        "  make label NAME=ann",
        "  make round",
    ]


def test_attributes_of_ones_own_stay(project):
    (project / ".gitattributes").write_text("*.png binary")
    start(*OPTIONS)
    lines = (project / ".gitattributes").read_text().splitlines()
    assert lines == ["*.png binary", "rounds/labels/*.jsonl text eol=lf merge=union"]


@pytest.mark.usefixtures("project")
def test_labels_of_the_table_become_events(capsys):
    start("--id", "key", "--target", "y")
    params, log = RoundsParams.read(), Journal.of_repository().read()
    assert params.classes.names == ["ham", "spam"]
    assert params.table.drop == ["y"]
    table = params.read_table()
    assert set(table.kinds) == {"size", "town"}
    assert "y" not in table.shown
    labels = rows().set_index("key")["y"].dropna()
    assert {event.row: event.label for event in log.events} == labels.to_dict()
    for event in log.events:
        assert (event.by, event.source, event.why, event.round) == ("table", "csv", "free", 0)
        assert event.seen == table.digest(event.row)
        assert event.classes == params.classes.digest
    said = capsys.readouterr().out
    assert "classes: ham, spam, from column 'y'" in said
    assert "labels: 40 of 60 rows have one in column 'y'; they are in the log as those of" in said
    staged = subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True)
    assert "rounds/labels/table.jsonl" in staged.stdout.split()


@pytest.mark.usefixtures("project")
def test_begun_again_only_what_changed_is_new():
    start("--id", "key", "--target", "y", "--by", "ann")
    first = Journal.of_repository().read().events
    table = rows()
    table.loc[0, "y"], table.loc[2, "y"] = "ham", "spam"
    table.to_csv("tables/mine.csv", index=False)
    for name in ("dvc.yaml", "params.yaml"):
        Path("rounds", name).unlink()
    start("--id", "key", "--target", "y", "--by", "ann")
    events = Journal.of_repository().read().events
    assert events[: len(first)] == first
    assert {(e.row, e.label, e.instead_of is None) for e in events[len(first) :]} == {
        ("000", "ham", False), ("002", "spam", True)
    }  # fmt: skip
    assert standing(events)["000", "ann"].label == "ham"


@pytest.mark.usefixtures("project")
def test_begun_again_a_label_that_was_corrected_stays_so(capsys):
    for label in ("spam", "ham", "spam"):
        table = rows()
        table.loc[0, "y"] = label
        table.to_csv("tables/mine.csv", index=False)
        for name in ("dvc.yaml", "params.yaml"):
            Path("rounds", name).unlink(missing_ok=True)
        capsys.readouterr()
        start("--id", "key", "--target", "y", "--by", "ann")
        warned = "warning: 1 label imported before and corrected" in capsys.readouterr().out
        assert warned == (len(Journal.of_repository().read().events) == 41 and label == "spam")
    assert standing(Journal.of_repository().read().events)["000", "ann"].label == "ham"


def test_begun_twice(project, refusal, capsys):
    start(*OPTIONS)
    capsys.readouterr()
    assert refusal(*OPTIONS).startswith(
        "rounds/dvc.yaml exists: rounds were started before, and nothing"
    )
    (project / "rounds/dvc.yaml").unlink()
    assert refusal(*OPTIONS).startswith("rounds/params.yaml exists: rounds were started before")


def test_labels_of_deleted_rounds_are_brought_back_first(project, refusal, capsys):
    start("--id", "key", "--target", "y")
    capsys.readouterr()
    shutil.rmtree(project / "rounds/labels")
    for name in ("dvc.yaml", "params.yaml"):
        (project / "rounds" / name).unlink()
    assert "40 labels of table are missing from rounds/labels/table.jsonl" in refusal(*OPTIONS)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--id", "kez"], "--id: unknown column 'kez'; available: .* did you mean 'key'\\?"),
        (["--drop", "z"], "--drop: unknown column 'z'; .*"),
        (["--show", "z"], "--show: unknown column 'z'; .*"),
        (["--target", "z"], "--target: unknown column 'z'; .*"),
        (["--target", "y", "--show", "y"], "--show must not be the column of --target, 'y'."),
        (["--target", "y", "--id", "y"], "--id must not be the column of --target, 'y'."),
        (["--image", "key"], "--image and --image-folder must be given together, or neither."),
        (
            ["--image", "key", "--image-folder", "img"],
            "--image-folder must be an existing folder; got 'img'.",
        ),
        (
            ["--image", "key", "--image-folder", "/"],
            "--image-folder must lie in the project, .*; got '/'. .*",
        ),
        (
            ["--image", "town", "--image-folder", "tables"],
            "column 'town' must name files in tables; 60 of 60 are not there: .*, .*.",
        ),
        (
            ["--annotators", "ann,A b"],
            "--annotators.1 must be 1 to 32 characters of a-z, 0-9, _ and -; got 'A b'.",
        ),
        (["--annotators", "ann,ann"], "--annotators: duplicate entry: ann."),
        (["--by", "A b"], "--by must be 1 to 32 characters of a-z, 0-9, _ and -; got 'A b'."),
        (["--classes", "ham"], "--classes must name 2 or more; got 1."),
        (["--classes", "ham,ham"], "--classes must name each class once; got 'ham' twice."),
        (
            ["--target", "y", "--classes", "ham,spma"],
            "column 'y', row 2: unknown class 'spam'; .* 'spma'\\?",
        ),
        (["--target", "size"], "tables/mine.csv: target 'size' must hold .*"),
        (
            ["--id", "key", "--drop", "size,town,y"],
            "tables/mine.csv: the table must have a column to learn from, .*; got none.",
        ),
        (["--id", "town"], "tables/mine.csv: id 'town' must differ in every row; 60 rows .*"),
    ],
    ids=str,
)
def test_wrong_options(refusal, options, message):
    given = [] if "--target" in options else ["--classes", "ham,spam"]
    assert re.fullmatch(message, refusal(*given, *options))


def test_wrong_tables(project, refusal, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "mine.csv"
    shutil.copy("tables/mine.csv", elsewhere)
    assert refusal(*OPTIONS, table=str(elsewhere)).startswith("TABLE must lie in the project")
    assert refusal(*OPTIONS, table="tables/mime.csv") == (
        "TABLE must be an existing file; got 'tables/mime.csv'."
    )
    (project / "tables/mine.csv").write_text("key,a\n1,2,3\n")
    assert refusal(*OPTIONS).startswith("tables/mine.csv cannot be read as a table")
    rows().assign(y="spam").to_csv("tables/mine.csv")
    assert refusal("--target", "y") == (
        "--classes must name the classes: column 'y' has only 'spam'."
    )
    assert refusal() == "--classes must name the classes, as in --classes ham,spam."
    (project / "rounds/template.yaml").unlink()
    assert refusal(*OPTIONS).startswith("rounds/template.yaml is missing: run this in the project")


def test_without_git(project, refusal):
    shutil.rmtree(project / ".git")
    assert refusal(*OPTIONS).startswith("this is not a git repository")


def test_images(project, capsys):
    (project / "images").mkdir()
    for key in rows()["key"]:
        (project / "images" / f"{key}.png").write_bytes(b"")
    table = rows().assign(image=[f"{key}.png" for key in rows()["key"]]).drop(columns="y")
    table.to_csv("tables/mine.csv", index=False)
    start(*OPTIONS, "--image", "image", "--image-folder", "images")
    assert RoundsParams.read().read_table().shown == ["image"]
    said = capsys.readouterr().out
    assert "  dvc add images\n  git add images.dvc .gitignore\n" in said


def test_an_image_outside_its_folder(project, refusal):
    (project / "images").mkdir()
    rows().assign(image="../tables/mine.csv").to_csv("tables/mine.csv", index=False)
    assert re.search(
        r"60 of 60 are not there: \.\./tables/mine.csv\.$",
        refusal(*OPTIONS, "--image", "image", "--image-folder", "images"),
    )


@pytest.mark.usefixtures("project")
def test_likely_mistakes_are_warned_of(capsys):
    rows().assign(same=1).to_csv("tables/mine.csv", index=False)
    start("--target", "y")
    said = capsys.readouterr().out
    assert "warning: without --id, a row is known by a hash of all its values" in said
    assert "warning: 1 column ('key') is different in every row, like an id" in said
    assert "warning: 1 column ('same') is constant" in said
    assert "nearly the same" not in said


@pytest.mark.usefixtures("project")
def test_classes_that_may_be_one_are_warned_of(capsys):
    start("--classes", "Yes,no,noo,yes")
    (said,) = (line for line in capsys.readouterr().out.splitlines() if "nearly" in line)
    assert said.startswith("warning: classes are nearly the same: 'no' and 'noo', 'Yes' and 'yes'.")


@pytest.mark.parametrize("kept", ["git", "mine.csv.dvc", "tables.dvc", ""])
def test_a_large_table_belongs_in_dvc(project, capsys, kept):
    rows().assign(text="x" * 20_000).to_csv("tables/mine.csv", index=False)
    if kept == "git":
        subprocess.run(["git", "add", "tables"], check=True)
    elif kept:
        folder = project if kept == "tables.dvc" else project / "tables"
        (folder / kept).write_text("outs: []\n")
    start(*OPTIONS)
    advice = "  dvc add tables/mine.csv\n  git add tables/mine.csv.dvc tables/.gitignore\n"
    assert (advice in capsys.readouterr().out) == (not kept)


# The template.


def test_the_template_has_every_option_with_its_default():
    template = yaml.read(ROOT / "rounds/template.yaml")
    params = RoundsParams(template)
    params.check()
    for name, model in RoundsParams.sections().items():
        assert set(model.model_fields) <= set(template[name]), name
    assert set(template) == {*RoundsParams.sections(), *RoundsParams.OTHERS}


@pytest.mark.parametrize(
    "value",
    ["ham", "not spam", "true", "null", "1", "a, b", "größe", 'say "no"', "x: y", "# x", "-", "😀",
     "it's", " a", "a ", "[a]", "yes", "~", "back\\slash", "two\nlines", None, [], ["a", "b c"]],
    ids=repr,
)  # fmt: skip
def test_any_name_can_be_filled_in(value):
    template = "a: 1\nb:\n  a: []  # why\n  # a: 2\nc: 3\n"
    text = fill(template, {"b.a": value})
    assert yaml.parse(text, "") == {"a": 1, "b": {"a": value}, "c": 3}
    assert text.count("\n") == template.count("\n")
    assert "  # why\n  # a: 2\n" in text


def test_names_are_plain_where_they_can_be():
    assert flow(["ham", "not spam", "true"]) == '[ham, not spam, "true"]'
    with pytest.raises(ParamsError, match="can be seen"):
        flow("\x00")
    with pytest.raises(ArtifactError, match=r"has no key b\.c"):
        fill("b:\n  a: 1\nc: 2\n", {"b.c": "x"})


def test_lists_of_names():
    assert split_names('ham, "a,b",spam,') == ["ham", "a,b", "spam"]


@pytest.mark.usefixtures("project")
def test_how_a_csv_is_written_is_written_down(capsys):
    rows().to_csv("tables/mine.csv", index=False, sep=";", decimal=",", encoding="utf-16")
    start(*OPTIONS, "--target", "y")
    params = RoundsParams.read()
    assert params.table.csv.given() == {"separator": ";", "decimal": ",", "encoding": "utf-16"}
    table = params.read_table()
    assert table.kinds == {"size": "number", "town": "category"}
    assert table.features["size"].to_numpy() == pytest.approx(rows()["size"].to_numpy())
    assert len(Journal.of_repository().read().events) == 40


@pytest.mark.usefixtures("project")
def test_options_of_a_csv():
    text = rows().to_csv(index=False, header=False, sep=" ")
    Path("tables/mine.csv").write_text(f"Export of today\n\n{text}")
    options = ("--csv", "separator= ", "--csv", "header=false", "--csv", "skip=1,2")
    start("--id", "x0", "--classes", "ham,spam", *options)
    params = RoundsParams.read()
    assert params.table.csv.given() == {"separator": " ", "header": False, "skip": [1, 2]}
    assert list(params.read_table().kinds) == ["x1", "x2", "x3"]


@pytest.mark.extras
def test_sheet_of_a_workbook(refusal):
    with pd.ExcelWriter("tables/mine.xlsx") as book:
        for name in ("first", "second"):
            rows().to_excel(book, sheet_name=name, index=False)
    message = refusal(*OPTIONS, table="tables/mine.xlsx")
    assert message.strip() == "--sheet must be set, since several are not empty: 'first', 'second'."
    start(*OPTIONS, "--sheet", "second", table="tables/mine.xlsx")
    assert RoundsParams.read().table.sheet == "second"


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("decimal=;", "--csv: decimal must be .*; got ';'.*"),
        ("seperator=;", "--csv: unknown key 'seperator'; .* did you mean 'separator'.*"),
        ("skip=1,b", "--csv: skip.1 must be an int in .*; got 'b'.*"),
        ("encoding=latinx", "--csv: encoding must be an encoding that Python knows.*"),
    ],
)
def test_wrong_options_of_a_csv(refusal, option, message):
    assert re.fullmatch(message, refusal(*OPTIONS, "--csv", option))


@pytest.mark.parametrize("suffix", ["parquet", "feather", "jsonl"])
@pytest.mark.usefixtures("project")
def test_tables_of_other_formats(suffix):
    path = f"tables/mine.{suffix}"
    writers = {"parquet": rows().to_parquet, "feather": rows().to_feather}
    writers.get(suffix, lambda to: rows().to_json(to, orient="records", lines=True))(path)
    start(*OPTIONS, "--target", "y", table=path)
    table = RoundsParams.read().read_table()
    assert list(table.ids) == rows()["key"].tolist()
    assert table.kinds == {"size": "number", "town": "category"}
    assert len(Journal.of_repository().read().events) == 40
