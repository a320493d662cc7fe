"""Generate or read the table: ``data/raw/table.parquet`` and its card."""

import csv
import io
import shlex
from collections.abc import Iterator, Sequence
from typing import Any

from active_learning.core.errors import DataError, TooFewClassesError, located
from active_learning.data import files
from active_learning.data.checks import HINTS, find_problems
from active_learning.data.source import Source
from active_learning.data.sources.table import Table
from active_learning.data.table import validate_table
from stages import command
from stages.params import Params
from stages.params.config import PARAMS
from stages.paths import CARD, PAGE, TABLE

_FEW_CLASSES = 10  # so many are spelt out in a command
_LISTED_CLASSES = 20  # so many are printed with their counts


def main(params: Params) -> None:
    """Load the table, check it, and write it with its card."""
    section = params.generate
    plugin = section.plugin
    source, place = plugin.label, f"{PARAMS}: generate."
    with located(f"{place}{section.dataset}."):
        frame = plugin.load(section.seed)
    try:
        with located(place, f"{source}: "):
            table = validate_table(
                frame,
                target=frame.columns[-1],
                roles=plugin.roles,
                kinds=section.kinds,
            )
    except TooFewClassesError as error:
        start = start_command(plugin, ["A", "B"])
        raise DataError(f"{error} To label its rows: {start}" if start else str(error)) from error
    remarks = {} if section.checks == "off" else plugin.remarks(frame, section.kinds)
    problems = None if section.checks == "off" else remarks | find_problems(table)
    faults = [text for name, text in (problems or {}).items() if name not in HINTS]
    if faults and section.checks == "error":
        raise DataError(f"{source}: {' '.join(faults)} (generate.checks is error.)")
    card = table.card(section.dataset)
    files.write_table(TABLE, table.frame)
    files.write_json(CARD, card | {"checks": problems})
    few = len(card["classes"]) <= _LISTED_CLASSES
    classes = f"classes {card['classes']}" if few else f"{len(card['classes'])} classes"
    print(f"{section.dataset}: {card['rows']} rows, {card['features']} features, {classes}")
    for text in (problems or {}).values():
        print(f"warning: {text}")
    if table.n_unlabelled:
        print(f"{table.n_unlabelled} of {len(frame)} rows have no label; they are left out.")
        if start := start_command(plugin, table.classes):
            print(f"To label them: {start}")


def start_command(plugin: Source, classes: Sequence[str]) -> str | None:
    """Command that starts rounds of labelling with a table; ``None`` if it is not a file."""
    if not isinstance(plugin, Table):
        return None
    return shlex.join(
        ["python", "-m", "commands.labels", "start", plugin.path, *_options(plugin, classes)]
    )


def _options(plugin: Table, classes: Sequence[str]) -> Iterator[str]:
    if plugin.id:
        yield from ("--id", plugin.id)
    yield from ("--target", plugin.target)
    if len(classes) <= _FEW_CLASSES:  # else `start` takes them from the column
        yield from ("--classes", _list(classes))
    if not_features := [*plugin.drop, *filter(None, (plugin.group, plugin.cost))]:
        yield from ("--drop", _list(not_features))
    if plugin.missing is not None:
        yield from ("--missing", _list(plugin.missing))
    if plugin.sheet:
        yield from ("--sheet", plugin.sheet)
    for name, value in plugin.csv.given().items():
        yield from ("--csv", f"{name}={_option(value)}")


def _option(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _list(names: Sequence[str]) -> str:
    """Names as one option, in quotes if they have a comma."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(names)
    return line.getvalue()


if __name__ == "__main__":
    command.stage(main, Params.read, stale=PAGE)
