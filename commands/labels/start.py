"""Start rounds: check the table and write rounds/dvc.yaml and rounds/params.yaml.

Labels that the table already has, in the column --target, are imported into the label log. If
anything is wrong, nothing is written.
"""

import argparse
import csv
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from active_learning.core.errors import (
    ArtifactError,
    DataError,
    ParamsError,
    UserError,
    located,
    unknown,
)
from commands.labels.template import fill
from stages import git, paths

if TYPE_CHECKING:
    import pandas as pd

    from active_learning.data.csv_format import Csv
    from active_learning.rounds.exchange.incoming import Arrivals
    from active_learning.rounds.log import Log
    from active_learning.rounds.table import LabelTable
    from stages.params.rounds import RoundsParams

TEMPLATE = paths.ROUNDS / "template.yaml"
ATTRIBUTES = Path(".gitattributes")
MERGE_LINES = f"{paths.LABELS}/*.jsonl text eol=lf merge=union"
LARGEST_IN_GIT = 2**20  # bytes
_LISTED = 5
_FEW_MEASURED = 50  # rows of the hold-out: below, the interval is wider than ±0.1


def split_names(text: str) -> list[str]:
    """Split a list at its commas; quotes hold a name with a comma together."""
    return [name for row in csv.reader([text], skipinitialspace=True) for name in row if name]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("table", metavar="TABLE", help="CSV, Parquet or other file in the project")
    parser.add_argument(
        "--csv", metavar="OPTION=VALUE", action="append", default=[],
        help="how a CSV is written, such as separator=';' (default: detected)",
    )  # fmt: skip
    for option, metavar, text in (
        ("--sheet", "NAME", "sheet of a workbook (default: only one)"),
        ("--id", "COLUMN", "id of each row (default: a hash of it)"),
        ("--target", "COLUMN", "labels that the table already has"),
        ("--by", "NAME", "who gave these labels (default: %(default)s)"),
        ("--image", "COLUMN", "path of an image in --image-folder"),
        ("--image-folder", "FOLDER", "folder of the images"),
    ):
        parser.add_argument(option, metavar=metavar, help=text)
    for option, text in (
        ("--classes", "names (default: those in --target)"),
        ("--show", "columns that annotators see (default: the image, or else all)"),
        ("--annotators", "who labels: each gets rows of their own (default: anyone)"),
        ("--drop", "columns that are neither learned from nor shown"),
        (
            "--missing",
            "strings that mark a missing value, besides empty cells (default: NA and the like)",
        ),
    ):
        parser.add_argument(option, metavar="A,B", type=split_names, default=[], help=text)
    parser.set_defaults(by="table", missing=None)


def main(options: argparse.Namespace) -> None:
    """Check everything, write it, and say what comes next."""
    from stages.rounds.guard import refuse_missing
    from stages.rounds.journal import Journal

    refuse_to_start_twice()
    journal = Journal.of_repository()
    journal.finish()
    refuse_missing(journal)
    plan = make_plan(options, journal.read())
    journal.append(plan.arrivals.events)
    plan.write()
    print("\n".join(plan.summary(options)))


@dataclass(frozen=True)
class Plan:
    """What is to be written, checked.

    Attributes
    ----------
    texts : dict of Path to str
        Content of each file to write; the last one makes DVC see the rounds.
    params : RoundsParams
        As in the file that is to be written.
    table : LabelTable
    n_labels : int
        Number of rows with a label in the table.
    arrivals : Arrivals
        Events of the labels that are not in the log yet.
    """

    texts: Mapping[Path, str]
    params: "RoundsParams"
    table: "LabelTable"
    n_labels: int
    arrivals: "Arrivals"

    def write(self) -> None:
        """Write the files."""
        from active_learning.data import files

        for path, text in self.texts.items():
            with files.replacing(path) as temporary:
                temporary.write_text(text, encoding="utf-8")

    def summary(self, options: argparse.Namespace) -> Iterator[str]:
        """What was written, what may be wrong, and what comes next."""
        from active_learning.core.sentences import count
        from active_learning.data.target import likely_typos

        path, table, n_rows = self.params.table.path, self.table, len(self.table.ids)
        id_of = repr(options.id) if options.id else "a hash of the row"
        yield f"{path}: {n_rows} rows, {len(table.kinds)} features, id: {id_of}"
        source = "" if options.classes else f", from column {options.target!r}"
        if recognised := self.params.table.csv.given():
            yield f"csv: {', '.join(f'{name} {value!r}' for name, value in recognised.items())}"
        yield f"classes: {', '.join(self.params.classes.names)}{source}"
        if typos := likely_typos(self.params.classes.names):
            yield f"warning: {typos}"
        if options.target:
            yield (
                f"labels: {self.n_labels} of {n_rows} rows have one in column "
                f"{options.target!r}; they are in the log as those of {options.by}"
            )
        if n := self.arrivals.n_outdated:
            yield (
                f"warning: {count(n, 'label')} imported before and corrected or taken back since; "
                "that stays so. The page can change it."
            )
        if options.target and not options.id:
            yield (
                "warning: without --id, a row is known by a hash of all its values; if a label is "
                "filled in later, it is another row."
            )
        yield from (f"warning: {text}" for text in _likely_mistakes(table))
        yield from self._small_holdout()
        yield f"written: {', '.join(map(str, self.texts))}"
        folder = self.params.table.image_folder
        tracked = [command for name in (path, folder) if name for command in track(Path(name))]
        commands = [
            *tracked,
            f"git add {paths.ROUNDS} {ATTRIBUTES} && git commit -m 'Start rounds'",
            f"make label NAME={self.params.annotators[0] if self.params.annotators else 'ann'}",
            "make round",
        ]
        yield from ("next:", *(f"  {command}" for command in commands))

    def _small_holdout(self) -> "Iterator[str]":
        """What to do if too few rows will measure the accuracy."""
        from active_learning.core.sentences import count
        from active_learning.rounds.holdout import choose_holdout

        options = self.params.holdout
        n = len(choose_holdout(self.table.ids, options.share, options.seed))
        if n < min(options.size, _FEW_MEASURED):
            yield (
                f"warning: the hold-out has {count(n, 'row')}, so the accuracy will stay "
                f"uncertain; to have more, raise holdout.share in {paths.ROUNDS_PARAMS} before "
                "you label."
            )


def refuse_to_start_twice() -> None:
    """Refuse to overwrite rounds."""
    for path in (paths.ROUNDS_DVC, paths.ROUNDS_PARAMS):
        if path.exists():
            raise UserError(
                f"{path} exists: rounds were started before, and nothing was changed. Edit "
                f"{paths.ROUNDS_PARAMS} to change an option; rows can be added to the table at "
                f"any time. To start again, remove {paths.ROUNDS_DVC} and {paths.ROUNDS_PARAMS}; "
                "labels stay."
            )


def make_plan(options: argparse.Namespace, log: "Log") -> Plan:
    """Check the options and the table.

    Raises
    ------
    UserError
        If anything is wrong; the message names the option or the place in the table.
    """
    from active_learning.rounds.events import check_annotator

    path = _inside(options.table, "TABLE")
    folder = _image_folder(options)
    check_annotator("--by", options.by)
    csv = _recognise(options, path)
    labels = _labels(options, path, csv)
    classes = options.classes or _classes(labels.dropna(), options.target)
    drop = [name for name in options.drop if name != options.target]
    values: dict[str, Any] = {
        "table.path": path,
        "table.id": options.id,
        "table.show": options.show,
        "table.image": options.image,
        "table.image_folder": folder,
        "table.drop": [*drop, options.target] if options.target else drop,
        "table.missing": options.missing,
        # Written down, so that no row changes when the file grows.
        "table.csv": csv.given(),
        "table.sheet": options.sheet,
        "classes": classes,
        "annotators": options.annotators,
    }
    template = _shipped(TEMPLATE)
    params = _parse_params(fill(template, values))
    with _naming_options():
        params.check()
        table = params.read_table()
    if not table.kinds:
        raise DataError(
            f"{path}: the table must have a column to learn from, besides id, image, target and "
            "dropped ones; got none."
        )
    if not (options.show or options.image):
        # Named, so that no row changes when a column comes, or is dropped, later.
        values["table.show"] = list(table.shown)
    if folder:
        _check_images(table, Path(folder))
    text = fill(template, values)
    arrivals = _import(labels, options.by, params, table, log)
    return Plan(_texts(text), _parse_params(text), table, labels.notna().sum(), arrivals)


def _inside(name: str, option: str) -> str:
    """Path relative to the project's root."""
    path, root = Path(name).resolve(), Path.cwd()
    if not path.is_relative_to(root):
        raise ParamsError(
            f"{option} must lie in the project, so that git or DVC keeps it; got {name!r}. Copy it "
            f"to tables/ first."
        )
    return path.relative_to(root).as_posix()


def _image_folder(options: argparse.Namespace) -> str | None:
    if (options.image is None) != (options.image_folder is None):
        raise ParamsError("--image and --image-folder must be given together, or neither.")
    if options.image_folder is None:
        return None
    folder = _inside(options.image_folder, "--image-folder")
    if not Path(folder).is_dir():
        raise ParamsError(f"--image-folder must be an existing folder; got {folder!r}.")
    return folder


def _recognise(options: argparse.Namespace, path: str) -> "Csv":
    """How the table is written, if it is a CSV."""
    from pydantic import ValidationError

    from active_learning.core.explain import explain
    from active_learning.data.csv_format import Csv
    from active_learning.data.read import recognise_csv

    given: dict[str, Any] = dict(each.partition("=")[::2] for each in options.csv)
    if given.get("header") in ("true", "false"):
        given["header"] = given["header"] == "true"
    if "skip" in given:
        given["skip"] = [int(row) if row.isdecimal() else row for row in split_names(given["skip"])]
    try:
        csv = Csv(**given)
    except ValidationError as error:
        raise ParamsError(f"--csv: {explain(error, Csv, given, '').lstrip('.')}") from None
    with located(names={"path": "TABLE"}):
        return recognise_csv(path, options.missing, csv)


def _labels(options: argparse.Namespace, path: str, csv: "Csv") -> "pd.Series[str]":
    """Labels that came with the table, by its rows as they are counted in messages."""
    import pandas as pd

    from active_learning.data.read import read_file
    from active_learning.data.target import cast_labels

    if options.target is None:
        return pd.Series(dtype=str)
    names = [name for name in (options.id, options.target) if name]
    with located(names={"path": "TABLE", "sheet": "--sheet", "sheet:": "--sheet:"}):
        frame = read_file(path, options.missing, names, csv, names, sheet=options.sheet)
    if options.target not in frame:
        raise ParamsError(f"--target: {unknown('column', options.target, map(str, frame))}")
    for option, others in (("--id", [options.id]), ("--image", [options.image]),
                           ("--show", options.show)):  # fmt: skip
        if options.target in others:
            raise ParamsError(f"{option} must not be the column of --target, {options.target!r}.")
    with located(data=f"{path}: "):
        return cast_labels(frame[options.target]).reindex(frame.index)


def _classes(labels: "pd.Series[str]", target: str | None) -> list[str]:
    """Classes in the column of labels."""
    from active_learning.data.table import order_classes

    if target is None:
        raise ParamsError("--classes must name the classes, as in --classes ham,spam.")
    classes = order_classes(labels.unique())
    if len(classes) < 2:  # a classifier needs two classes
        got = f"only {classes[0]!r}" if classes else "no label"
        raise ParamsError(f"--classes must name the classes: column {target!r} has {got}.")
    return classes


def _parse_params(text: str) -> "RoundsParams":
    """Parse what will be rounds/params.yaml."""
    from stages.params import yaml
    from stages.params.rounds import RoundsParams

    return RoundsParams(yaml.parse(text, str(paths.ROUNDS_PARAMS)), paths.ROUNDS_PARAMS)


@contextmanager
def _naming_options() -> Iterator[None]:
    """Let errors name the command's options instead of the params that they become."""
    try:
        yield
    except ParamsError as error:
        rule = str(error).removeprefix(f"{paths.ROUNDS_PARAMS}: ")
        raise ParamsError(f"--{rule.removeprefix('table.')}") from None


def _import(
    labels: "pd.Series[str]", by: str, params: "RoundsParams", table: "LabelTable", log: "Log"
) -> "Arrivals":
    """Labels of the table that are not in the log yet, as events."""
    from active_learning.rounds.events import timestamp
    from active_learning.rounds.exchange.incoming import Arrivals, Statement, Target
    from stages.rounds.inputs import make_labelling

    statements = [
        Statement(f"column {labels.name!r}, row {row}", table.ids[position], by, "label", label)
        for position, (row, label) in enumerate(labels.items())
        if isinstance(label, str)
    ]
    arrivals = Arrivals()
    target = Target(make_labelling(params, table, log.events), 0, timestamp(datetime.now(UTC)))
    target.add(statements, "csv", arrivals)
    return arrivals


def _check_images(table: "LabelTable", folder: Path) -> None:
    root = folder.resolve()
    paths_of_rows = [table.image_path(row) or Path() for row in table.ids]
    bad = [
        path
        for path in paths_of_rows
        if not ((root / path).is_file() and (root / path).resolve().is_relative_to(root))
    ]
    if bad:
        different = list(dict.fromkeys(map(str, bad)))
        some = ", ".join(different[:_LISTED]) + (", …" if len(different) > _LISTED else "")
        raise DataError(
            f"column {table.image!r} must name files in {folder}; {len(bad)} of {len(table.ids)} "
            f"are not there: {some}."
        )


def _texts(params: str) -> dict[Path, str]:
    """Content of each file; of the pipeline's template all but its first comment."""
    pipeline = _shipped(paths.ROUNDS_PIPELINE).splitlines(keepends=True)
    while pipeline and (pipeline[0].startswith("#") or not pipeline[0].strip()):
        del pipeline[0]
    attributes = ATTRIBUTES.read_text(encoding="utf-8") if ATTRIBUTES.exists() else ""
    texts = {}
    if MERGE_LINES not in attributes.splitlines():
        newline = "\n" if attributes and not attributes.endswith("\n") else ""
        texts[ATTRIBUTES] = f"{attributes}{newline}{MERGE_LINES}\n"
    # Git keeps no empty folder, and DVC wants the one that the stage depends on.
    keep = paths.LABELS / ".gitkeep"
    return texts | {keep: "", paths.ROUNDS_PARAMS: params, paths.ROUNDS_DVC: "".join(pipeline)}


def _shipped(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        raise ArtifactError(
            f"{path} is missing: run this in the project's root, or bring it back by "
            f"`git checkout HEAD -- {path}`."
        ) from None


def _likely_mistakes(table: "LabelTable") -> Iterator[str]:
    from active_learning.data import checks

    features, kinds = table.features, table.kinds
    texts = (
        checks.id_columns(features, kinds),
        checks.constant_columns(features),
    )
    yield from (*table.remarks.values(), *filter(None, texts))


def track(path: Path) -> list[str]:
    """Commands after which git or DVC keeps a file or folder; none if one of them does."""
    by_dvc = [Path(f"{each}.dvc") for each in (path, *path.parents)]
    if git.git("ls-files", "--", str(path)) or any(each.is_file() for each in by_dvc):
        return []
    name = shlex.quote(str(path))
    if path.is_file() and path.stat().st_size <= LARGEST_IN_GIT:
        return [f"git add {name}"]
    ignored = shlex.quote(str(path.parent / ".gitignore"))
    return [f"dvc add {name}", f"git add {shlex.quote(f'{path}.dvc')} {ignored}"]
