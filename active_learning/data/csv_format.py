"""How a CSV file is written: its options, and which of them can be detected."""

import codecs
import csv
import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from io import TextIOWrapper
from itertools import islice, pairwise
from typing import IO, Annotated, Any, Literal

import pandas as pd
from pydantic import AfterValidator, Field

from active_learning.core.errors import ParamsError
from active_learning.core.strict import Count, Strict
from active_learning.data.columns import Column

_SEPARATORS = ",;\t|"
_WHITESPACE = r"\s+"
_RECORDS = 1000  # that show the separator
_RECORDS_OF_CODES = 10_000
_CHUNK = 2**20
_HINT = re.compile(r'"?sep=(?P<separator>[^"])"?', re.IGNORECASE)  # of Excel, in the first line
_LONGEST_HINT = 10
_ROWS_OF_HEADER = 3
_LETTER = r"[^\W\d_]"
_BOMS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
# Western texts have single letters beyond ASCII, among ASCII ones. In other encodings such bytes
# follow each other, or are signs between letters.
_NOT_WESTERN = re.compile(
    rb"[\x81\x8d\x8f\x90\x9d]|[\xc3-\xf4][\x80-\xbf]|[A-Za-z][\x80\x82-\x89\x8b][A-Za-z]"
)
_RUN = re.compile(rb"[\x80-\xff]{2,}")
_MOST_IN_RUNS = 0.1


def _known_encoding(name: str) -> str:
    try:
        codecs.lookup(name)
    except LookupError:
        raise ValueError("must be an encoding that Python knows, such as cp1252") from None
    return name


def _one_separator(text: str) -> str:
    if len(text) != 1 and text != _WHITESPACE:
        raise ValueError(rf"must be one character, or '{_WHITESPACE}' for any white space")
    return text


class Csv(Strict):
    """How a CSV is written; null options are detected where that is unambiguous."""

    separator: Annotated[str, AfterValidator(_one_separator)] | None = None
    """Character between two fields, or ``\\s+`` for any white space."""

    decimal: Literal[".", ","] | None = None
    """Decimal sign of numbers."""

    thousands: Literal[",", ".", "'", " "] | None = None
    """Sign between thousands."""

    encoding: Annotated[str, AfterValidator(_known_encoding)] | None = None
    """Encoding of the file, such as utf-8, utf-16 or cp1252."""

    header: bool | None = Field(default=None)
    """Whether the first row has the names of the columns; if not, they are x0, x1, …"""

    skip: list[Count] | None = None
    """Rows to leave out, such as lines above the header; the first row of the file is 1."""

    def given(self) -> dict[str, Any]:
        """The options that are not null."""
        return self.model_dump(exclude_none=True)


def recognise(file: IO[bytes], csv_options: Csv, separator: str | None) -> Csv:
    """Fill in encoding and separator, and skip a first line such as ``sep=;``.

    Parameters
    ----------
    file : binary file
        At its beginning.
    csv_options : Csv
    separator : str or None
        The one that the name of the file tells.

    Raises
    ------
    ParamsError
        If one cannot safely be told.
    """
    encoding, skip = csv_options.encoding or _encoding(file), csv_options.skip or []
    file.seek(0)
    text = TextIOWrapper(file, encoding, newline="")
    if hint := _HINT.fullmatch(text.readline(_LONGEST_HINT).rstrip("\r\n")):
        separator, skip = hint["separator"], sorted({1, *skip})
    separator = csv_options.separator or separator or _separator(text, skip)
    text.detach()
    options = {"encoding": encoding, "separator": separator, "skip": skip or None}
    return csv_options.model_copy(update=options)


def _encoding(file: IO[bytes]) -> str:
    head = file.read(4096)
    for bom, encoding in _BOMS.items():
        if head.startswith(bom):
            return encoding
    if utf16 := _utf16(head):
        return utf16
    file.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in _chunks(file):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        file.seek(0)
        if _is_western(file):
            return "cp1252"
        byte = error.object[error.start]
        raise ParamsError(
            f"csv.encoding must be set, such as to cp1251: the file is not UTF-8 (byte"
            f" 0x{byte:02x})."
        ) from None
    return "utf-8"


def _utf16(head: bytes) -> str | None:
    """UTF-16 without a mark of its byte order: of ASCII, every second byte is 0."""
    even, odd = (head[start::2].count(0) / max(len(head) // 2, 1) for start in (0, 1))
    if max(even, odd) < 0.5 or min(even, odd) > 0.1:
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _is_western(file: IO[bytes]) -> bool:
    total = in_runs = 0
    for chunk in _chunks(file):
        if _NOT_WESTERN.search(chunk):
            return False
        total += sum(map(len, re.findall(rb"[\x80-\xff]+", chunk)))
        in_runs += sum(map(len, _RUN.findall(chunk)))
    return in_runs <= _MOST_IN_RUNS * total


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk


def _separator(text: TextIOWrapper, skip: Collection[int]) -> str:
    """Comma wherever it can be read so, else the one separator by which all rows are equally long.

    Raises
    ------
    ParamsError
        If there are several.
    """
    lengths = {each: _lengths(text, each, skip) for each in _SEPARATORS}
    header, *rows = lengths.pop(",") or [0]
    if header > 1 and max(rows, default=0) <= header:
        return ","
    possible = [each for each, n in lengths.items() if n and n[0] > 1 and set(n) == {n[0]}]
    if len(possible) > 1:
        raise ParamsError(
            f"csv.separator must be set: {' and '.join(map(repr, possible))} are both possible."
        )
    return possible[0] if possible else ","


def _lengths(text: TextIOWrapper, separator: str, skip: Collection[int]) -> list[int]:
    """Fields in each of the first records; empty if they cannot be read."""
    try:
        return [len(record) for record in islice(_records(text, separator, skip), _RECORDS)]
    except csv.Error:
        return []


def _records(text: TextIOWrapper, separator: str, skip: Collection[int]) -> Iterator[list[str]]:
    text.seek(0)
    reader = csv.reader(iter(text.readline, ""), delimiter=separator, skipinitialspace=True)
    return (record for row, record in enumerate(reader, start=1) if record and row not in skip)


def find_blank_rows(file: IO[bytes], csv_options: Csv) -> list[int]:
    """Numbers of the rows that are blank, which are not read; the first row of the file is 1.

    Parameters
    ----------
    file : binary file
    csv_options : Csv
        With everything filled in.
    """
    file.seek(0)
    text = TextIOWrapper(file, csv_options.encoding, newline="")
    blank: list[int] = []
    if any(map(str.isspace, text)):
        text.seek(0)
        separator = csv_options.separator or ","
        delimiter = " " if separator == _WHITESPACE else separator
        reader = csv.reader(iter(text.readline, ""), delimiter=delimiter, skipinitialspace=True)
        with suppress(csv.Error):
            blank += [
                row for row, record in enumerate(reader, start=1)
                if not record or (len(record) == 1 and not record[0].strip())
            ]  # fmt: skip
    text.detach()
    return blank


def find_codes(file: IO[bytes], csv_options: Csv) -> dict[str, str]:
    """Columns that have whole numbers with leading zeros in the first rows, and one of each.

    Parameters
    ----------
    file : binary file
    csv_options : Csv
        With everything filled in.
    """
    separator, skip = csv_options.separator, csv_options.skip or ()
    if separator is None or separator == _WHITESPACE:
        return {}
    codes: dict[int, str] = {}
    text = TextIOWrapper(file, csv_options.encoding, newline="")
    records = _records(text, separator, skip)
    first = next(records, [])
    names = [f"x{i}" for i in range(len(first))] if csv_options.header is False else first
    with suppress(csv.Error):
        for record in islice(records, _RECORDS_OF_CODES):
            for i, field in enumerate(record):
                if field[:1] == "0" and len(field) > 1 and field.isdecimal():
                    codes.setdefault(i, field)
    text.detach()
    return {names[i]: codes[i] for i in sorted(codes) if i < len(names)}


def recognise_decimal(table: pd.DataFrame) -> Literal[".", ","]:
    """Decimal sign of a table of texts.

    Raises
    ------
    ParamsError
        If 1,250 could be 1.25 or 1250, and no other number shows which.
    """
    votes = {name: _vote(column) for name, column in table.items()}
    kinds = set(votes.values())
    if "," in kinds and "." not in kinds:
        return ","
    if "?" in kinds and ("." in kinds) == ("," in kinds):
        name = next(name for name, vote in votes.items() if vote == "?")
        example = next(each for each in table[name].dropna() if re.search(r"[.,]", each))
        raise ParamsError(
            f"csv.decimal must be set to '.' or ',': no number shows which it is in {example!r} of "
            f"column {name!r}."
        )
    return "."


def _vote(column: "pd.Series[Any]") -> Literal[".", ",", "?", ""]:
    """The decimal sign that a column shows; ``?`` if either is possible, empty if it has none."""
    texts = Column(column).texts
    signs = {sign for text in texts.texts for sign in ".," if sign in text} if texts else set()
    if texts is None or not signs:
        return ""
    point, comma = texts.all_parse("number"), texts.all_parse("decimal_comma")
    if not point or not comma:
        return "." if point else "," if comma else ""
    if signs == {"."}:
        # With %.3f every number has its decimals; 950 beside 1.250 shows thousands.
        return "." if all("." in text for text in texts.texts) else "?"
    return "?" if all("," in text for text in texts.texts) else "."


def convert_decimal_commas(series: "pd.Series[Any]") -> "pd.Series[Any]":
    """Numbers of a column in which every text is one, such as 1.250,50; else the column itself."""
    column = Column(series)
    if column.texts is None or not column.texts.all_parse("decimal_comma"):
        return series
    return column.cast("decimal_comma")


def doubt_header(table: pd.DataFrame) -> str | None:
    """Sentence if the names of the columns look like values of a first row."""
    names = [str(name) for name in table]
    numbers = [_to_number(name) for name in names]
    counts_up = None not in numbers and all(
        b - a == 1  # type: ignore[operator]
        for a, b in pairwise(numbers)
    )
    if counts_up or not names:
        return None
    for (_, column), number, name in zip(table.items(), numbers, names, strict=True):
        if number is None and not column.astype(object).eq(name).any():
            return None
        if number is not None and pd.to_numeric(column.dropna(), errors="coerce").isna().any():
            return None
    return (
        f"The names of the columns look like a row of values ({', '.join(names[:3])}, …): if the "
        "file has no header, set csv.header to false, else to true."
    )


def rows_of_header(table: pd.DataFrame) -> list[int]:
    """Numbers of the first rows if they look like more names: numbers begin below them only.

    No value in them is a number, and without them a column of texts would be one of numbers.
    """
    texts = table.select_dtypes(["object", "str"])
    head = table.head(_ROWS_OF_HEADER)
    is_number = head.drop(columns=texts.columns).notna().any(axis=1)
    numbers = head[texts.columns].astype(object).apply(pd.to_numeric, errors="coerce")
    is_number |= numbers.notna().any(axis=1)
    n_rows = int(is_number.argmax()) if is_number.any() else len(head)
    for name in texts if n_rows else ():
        column = table[name]
        below = column.iloc[n_rows:].dropna()
        has_names = column.iloc[:n_rows].astype(str).str.contains(_LETTER).all()
        if (
            has_names
            and len(below) > n_rows
            and pd.to_numeric(below, errors="coerce").notna().all()
        ):
            return [int(row) for row in table.index[:n_rows]]
    return []


def _to_number(name: str) -> float | None:
    """Number in a name; pandas appends .1 to one that occurs twice."""
    try:
        return float(name)
    except ValueError:
        return None
