"""Import labels from a CSV, or from Label Studio.

FILE is a CSV with a column of row ids and one of labels, the JSON that Label Studio exports, or
what `python -m commands.labels export` wrote. Everything is imported, or nothing. Importing a file
again adds nothing; another label for a row by the same person is a correction.
"""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from active_learning.core.errors import ArtifactError, ParamsError, located

if TYPE_CHECKING:
    from active_learning.rounds.exchange.incoming import Arrivals, Target


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("file", type=Path, metavar="FILE", help=".csv or .json")
    parser.add_argument("--by", metavar="NAME", help="annotator, where the file does not say who")
    parser.add_argument(
        "--annotator",
        action="append",
        default=[],
        metavar="ID=NAME",
        help="name of an annotator of Label Studio, by number or e-mail address; can be repeated",
    )
    parser.add_argument(
        "--row",
        metavar="COLUMN",
        help="ids of the rows; by default `row`, or else the id column of rounds/params.yaml",
    )
    parser.add_argument("--label", default="label", metavar="COLUMN", help="labels of a CSV")
    parser.add_argument("--by-column", metavar="COLUMN", help="annotators of a CSV")
    parser.add_argument("--time", metavar="COLUMN", help="times of the labels of a CSV")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be imported")


def main(options: argparse.Namespace) -> None:
    """Run the command."""
    from datetime import UTC, datetime

    from active_learning.rounds.events import timestamp
    from active_learning.rounds.exchange.incoming import Target
    from stages.params.rounds import RoundsParams
    from stages.rounds.guard import refuse_missing
    from stages.rounds.inputs import make_labelling, read_queries
    from stages.rounds.journal import Journal

    content = _read(options.file)
    params = RoundsParams.read()
    journal = Journal.of_repository()
    if not options.dry_run:
        journal.finish()
    refuse_missing(journal)
    queries = read_queries()
    labelling = make_labelling(params, params.read_table(), journal.read().events)
    number = queries.round if queries and queries.rows else labelling.next_round
    target = Target(labelling, number, timestamp(datetime.now(UTC)))
    names = [options.row] if options.row else list(filter(None, ["row", params.table.id]))
    arguments = {"by": "--by", "people": "--annotator ID=NAME, or --by NAME for everyone,"}
    with located(names=arguments):
        arrivals = _import(content, options, target, names)
    if arrivals.events and not options.dry_run:
        journal.append(arrivals.events)
    print(_summary(options.file, arrivals, options.dry_run))


def _read(file: Path) -> bytes:
    if file.suffix.lower() not in {".csv", ".json"}:
        raise ParamsError(f"FILE must end in .csv or .json; got {str(file)!r}.")
    try:
        return file.read_bytes()
    except OSError as error:
        raise ArtifactError(f"{file} cannot be read ({error.strerror}).") from None


def _import(
    content: bytes, options: argparse.Namespace, target: "Target", row: list[str]
) -> "Arrivals":
    from active_learning.rounds.exchange.csv_file import Columns, import_csv
    from active_learning.rounds.exchange.label_studio_json import People, import_tasks

    file = str(options.file)
    if options.file.suffix.lower() == ".csv":
        columns = Columns(row, options.label, options.by_column, options.time)
        return import_csv(content, file, target, columns, options.by)
    names = {}
    for text in options.annotator:
        person, equals, name = text.rpartition("=")
        if not equals:
            raise ParamsError(f"--annotator must be ID=NAME; got {text!r}.")
        names[person] = name
    return import_tasks(content, file, target, People(names, options.by), row)


def _summary(file: Path, arrivals: "Arrivals", dry_run: bool) -> str:
    counts = [
        (arrivals.n_corrections, "of them correct what the same person said before"),
        (arrivals.n_present, "in the log already"),
        (arrivals.n_outdated, "imported before and corrected since; they stay as corrected"),
        (arrivals.n_empty, "without a label, left out"),
    ]
    lines = [f"{file}: {len(arrivals.events)} new{' (dry run: not written)' if dry_run else ''}"]
    return "\n".join([*lines, *(f"  {number} {what}" for number, what in counts if number)])
