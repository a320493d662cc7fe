"""Labels as CSV: all events, or rows and labels of another tool.

A cell that a spreadsheet would take for a formula gets an apostrophe in front, and so does one that
begins like this already; importing takes it off again.
"""

import csv
import io
import re
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from active_learning.core.errors import DataError, ParamsError, shown
from active_learning.rounds.events import Event
from active_learning.rounds.exchange.incoming import (
    Arrivals,
    Statement,
    Target,
    parse_event,
    parse_time,
    pick,
)
from active_learning.rounds.exchange.records import COLUMNS, FIELDS, to_records
from active_learning.rounds.labelling import Labelling

_FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
_QUOTED = re.compile(r'[",\r\n]')
_TYPES: dict[str, Callable[[str], Any]] = {
    "v": int,
    "round": int,
    "rank": int,
    "seconds": float,
    "p": float,
    "shown": {"true": True, "false": False}.__getitem__,
}

Line = tuple[str, dict[str, str]]


@dataclass(frozen=True)
class Columns:
    """Columns of another tool's CSV.

    Attributes
    ----------
    row : sequence of str
        The first of these that is there holds the ids of rows.
    label : str
        Labels.
    by : str or None
        Annotators.
    time : str or None
        Times of the labels.
    """

    row: Sequence[str] = ("row",)
    label: str = "label"
    by: str | None = None
    time: str | None = None


def export_csv(labelling: Labelling) -> bytes:
    """All events as CSV, see ``records.to_records``."""
    rows = [[_write(values[name]) for name in COLUMNS] for values in to_records(labelling)]
    return "".join(",".join(row) + "\n" for row in [COLUMNS, *rows]).encode()


def import_csv(
    content: bytes, file: str, target: Target, columns: Columns, by: str | None = None
) -> Arrivals:
    """Import a CSV that ``export_csv`` made, or that has a label for each row.

    Parameters
    ----------
    content : bytes
    file : str
        Name, for messages.
    target : Target
    columns : Columns
        Of another tool's CSV.
    by : str, optional
        Annotator, where no column says so.

    Raises
    ------
    DataError
        At the first line that cannot be imported.
    ParamsError
        If nothing says who the annotator is.
    """
    lines = _read(content, file)
    if lines and set(FIELDS) <= set(lines[0][1]):
        return target.restore((place, _event(place, values)) for place, values in lines)
    arrivals, given = Arrivals(), dict[tuple[str, str], Statement]()
    for place, values in lines:
        _check_columns(file, values, columns, by)
        if not values[columns.label]:
            arrivals.n_empty += 1
            continue
        one = _statement(place, values, columns, by)
        first = given.setdefault((one.row, one.by), one)
        if first is not one:
            raise DataError(
                f"{place}: row {shown(one.row)} must have one label by {one.by}; got another one "
                f"in {first.place}."
            )
    target.add(given.values(), "csv", arrivals)
    return arrivals


def _check_columns(file: str, values: Collection[str], columns: Columns, by: str | None) -> None:
    for name in filter(None, [columns.label, columns.by, columns.time]):
        pick("column", [name], values, file)
    pick("column", columns.row, values, file)
    if not (columns.by or by):
        raise ParamsError(f"by must name the annotator of {file}, unless a column does.")


def _statement(place: str, values: dict[str, str], columns: Columns, by: str | None) -> Statement:
    time = values[columns.time] if columns.time else ""
    return Statement(
        place,
        values[pick("column", columns.row, values, place)],
        values[columns.by] if columns.by else by or "",
        "label",
        values[columns.label],
        parse_time(f"{place}: {columns.time}", time) if time else None,
    )


def _event(place: str, values: dict[str, str]) -> Event:
    """Event of a line that ``export_csv`` wrote."""
    fields: dict[str, Any] = {name: _parse(name, values[name]) for name in FIELDS}
    guess = {"label": fields.pop("guess"), "p": fields.pop("p")}
    fields["guess"] = None if guess == {"label": None, "p": None} else guess
    return parse_event(place, fields)


def _parse(name: str, cell: str) -> Any:
    """Value of a cell; itself if it is not of the right type, which is an error later."""
    text = cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
    with suppress(ValueError, KeyError):
        return _TYPES.get(name, str)(text) if text else None
    return text


def _write(value: Any) -> str:
    """Cell; the csv module of Python 3.11 does not quote a carriage return."""
    text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    text = f"'{text}" if _FORMULA.match(text) else text
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text


def _read(content: bytes, file: str) -> list[Line]:
    """Lines with their places, by the columns of the header."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{file} must be UTF-8 ({error.reason} at byte {error.start}).") from None
    csv.field_size_limit(max(len(text), csv.field_size_limit()))
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    lines: list[Line] = []
    header: list[str] = []
    number = 1
    try:
        for cells in reader:
            place, number = f"{file}, line {number}", reader.line_num + 1
            if not cells:
                continue
            if not header:
                header = cells
            elif len(cells) == len(header):
                lines.append((place, dict(zip(header, cells, strict=True))))
            else:
                raise DataError(f"{place}: must have {len(header)} cells; got {len(cells)}.")
    except csv.Error as error:
        raise DataError(f"{file}, line {number}: cannot be read as CSV ({error}).") from None
    if repeated := [name for name in header if header.count(name) > 1]:
        raise DataError(f"{file}: columns must differ; got {repeated[0]!r} twice.")
    return lines
