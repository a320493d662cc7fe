"""Files of all formats: each line of the documentation is a test."""

import bz2
import gzip
import io
import lzma
import re
import sys
import zipfile

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from active_learning.core.errors import DataError, ParamsError
from active_learning.data.csv_format import Csv
from active_learning.data.read import SUFFIXES, read_file, read_strings
from active_learning.data.sources.table import Table
from active_learning.data.table import validate_table
from tests.data.test_notations import lines

ROWS = 40
FRAME = pd.DataFrame(
    {
        "x": np.arange(ROWS) / 4 + 0.25,
        "n": np.arange(ROWS),
        "c": ["café", None] * (ROWS // 2),
        "y": ["p", "q"] * (ROWS // 2),
    }
)
ARFF = """@relation r
@attribute x real
@attribute n integer
@attribute c {cafe}
@attribute y {p,q}
"""


def csv_text(frame=FRAME, **options):
    return frame.to_csv(index=False, lineterminator="\n", **options)


def write_arff(path):
    rows = FRAME.replace("café", "cafe").to_csv(index=False, header=False, na_rep="?")
    path.write_text(f"{ARFF}@data\n{rows}")


def write_npz(path):
    texts = FRAME["c"].fillna("").to_numpy("U")
    np.savez(path, x=FRAME["x"], n=FRAME["n"], c=texts, y=FRAME["y"].to_numpy("U"))


def write_npy(path):
    fields = [("x", float), ("n", int), ("c", "U4"), ("y", "U1")]
    rows = FRAME.fillna("").itertuples(index=False, name=None)
    np.save(path, np.array(list(rows), dtype=fields))


WRITERS = {
    ".csv": lambda path: path.write_text(csv_text(), encoding="utf-8"),
    ".txt": lambda path: path.write_text(csv_text(sep="|"), encoding="utf-8"),
    ".tsv": lambda path: path.write_text(csv_text(sep="\t"), encoding="utf-8"),
    ".parquet": lambda path: FRAME.to_parquet(path, index=False),
    ".feather": FRAME.to_feather,
    ".jsonl": lambda path: FRAME.to_json(path, orient="records", lines=True),
    ".xlsx": lambda path: FRAME.to_excel(path, index=False),
    ".arff": write_arff,
    ".npz": write_npz,
    ".npy": write_npy,
}


def load(path, target="y", **options):
    source = Table(path=str(path), target=target, **options)
    frame = source.load(0)
    table = validate_table(frame, target=frame.columns[-1], roles=source.roles)
    return table, source.remarks(frame)


DOCUMENTED = [name.strip("`") for name, *_ in lines("## Files")]
FORMATS = [name for name in DOCUMENTED if name.startswith(".")]
OPTIONS = [name for name in DOCUMENTED if name in Csv.model_fields]


@pytest.mark.parametrize(
    "suffix",
    [pytest.param(each, marks=pytest.mark.extras if each == ".xlsx" else ()) for each in FORMATS],
)
def test_line_of_the_documentation(tmp_path, suffix):
    path = tmp_path / f"table{suffix}"
    WRITERS[suffix](path)
    if suffix != ".csv":  # in upper case, too
        path = path.rename(tmp_path / f"TABLE{suffix.upper()}")
    table, _ = load(path)
    assert table.kinds == {"x": "number", "n": "number", "c": "category"}
    assert table.frame["x"].tolist() == FRAME["x"].tolist()
    assert table.frame["n"].tolist() == FRAME["n"].tolist()
    assert table.frame["c"].isna().tolist() == FRAME["c"].isna().tolist()
    assert table.labels.tolist() == FRAME["y"].tolist()
    strings = read_strings(str(path))
    assert strings["n"].tolist() == [str(n) for n in range(ROWS)]
    assert strings["y"].tolist() == FRAME["y"].tolist()


def test_every_format_is_documented():
    assert set(FORMATS) == set(SUFFIXES) == set(WRITERS)


def pack_zst(content):
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(content)
    return sink.getvalue().to_pybytes()


def zipped(content):
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("table.csv", content)
    return sink.getvalue()


@pytest.mark.parametrize(
    ("suffix", "compress"),
    [
        ("gz", gzip.compress),
        ("bz2", bz2.compress),
        ("xz", lzma.compress),
        ("zip", zipped),
        ("zst", pack_zst),
    ],
)
def test_compressed(tmp_path, suffix, compress):
    path = tmp_path / f"table.csv.{suffix}"
    path.write_bytes(compress(csv_text().encode()))
    assert load(path)[0].frame["x"].tolist() == FRAME["x"].tolist()
    path.write_bytes(compress(csv_text().encode())[:-30])
    with pytest.raises(DataError, match=r"^.*table.csv.\w+ cannot be read as a table \("):
        load(path)


# What is written, and what is said to be recognised.
CSVS = {
    "separator": [
        (csv_text(sep=";").encode(), "separator: ';'"),
        (csv_text(sep="|").encode(), "separator: '|'"),
        (csv_text(sep="\t").encode(), "separator: '\\t'"),
    ],
    "decimal": [(csv_text(sep=";", decimal=",").encode(), "separator: ';', decimal: ','")],
    "thousands": [
        (csv_text(FRAME.assign(x=[f"{x + 1000:,.2f}" for x in FRAME["x"]])).encode(), None)
    ],
    "encoding": [
        (csv_text().encode("cp1252"), "encoding: 'cp1252'"),
        (csv_text().encode("utf-16"), "encoding: 'utf-16'"),
        (csv_text().encode("utf-16-le"), "encoding: 'utf-16-le'"),
        (csv_text().encode("utf-16-be"), "encoding: 'utf-16-be'"),
        (csv_text().encode("utf-8-sig"), None),
    ],
    "header": [(csv_text().encode(), None)],
    "skip": [
        (f"{first}\n{csv_text(sep=';')}".encode(encoding), f"separator: ';', {said}skip: [1]")
        for first in ("sep=;", '"sep=;"', "SEP=;")
        for encoding, said in (("utf-8", ""), ("utf-16", "encoding: 'utf-16', "))
    ],
}


@pytest.mark.parametrize("option", OPTIONS)
def test_option_of_the_documentation(tmp_path, option):
    path = tmp_path / "table.csv"
    for content, said in CSVS[option]:
        path.write_bytes(content)
        table, problems = load(path)
        first = 1000.25 if option == "thousands" else 0.25
        assert table.frame["x"].tolist() == (FRAME["x"] - 0.25 + first).tolist()
        assert table.frame["c"].tolist()[0] == "café"
        expected = said and f"The file was read with {said}; csv confirms or corrects it."
        assert problems.get("csv") == expected


def test_options_are_those_of_the_documentation():
    assert set(CSVS) == set(OPTIONS) == set(Csv.model_fields)


def test_what_is_set_is_not_said(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text(csv_text(sep=";", decimal=","), encoding="cp1252")
    options = {"separator": ";", "decimal": ",", "encoding": "cp1252"}
    assert "csv" not in load(path, csv=options)[1]


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        (b"a;y\n1,250;p\n2,125;q\n", {}, "csv.decimal must be set to '.' or ','.* '1,250' .* 'a'"),
        (b"a;y\n1.250;p\n950;q\n", {}, "csv.decimal must be set .* '1.250' of column 'a'"),
        (
            b"a;b|y\n1;2|p\n3;4|q\n",
            {},
            r"csv.separator must be set: ';' and '\|' are both possible",
        ),
        (b"a b y\n1 2 p\n", {}, "unknown column 'y'.* one column: .* set csv.separator"),
        ("t,y\nжизнь,p\n".encode("cp1251"), {}, "csv.encoding must be set"),
        ("t,y\nこんにちは,p\n世界,q\n".encode("shift_jis"), {}, "csv.encoding must be set"),
        ("t,y\ncafé,p\n".encode() + b"caf\xe9,q\n", {}, "csv.encoding must be set"),
        (b"5.1,3.5,p\n4.9,3.0,q\n5.0,3.1,p\n", {}, "no header, set csv.header to false"),
        (b"5.1,5.1,p\n4.9,3.0,q\n", {}, "two columns are named '5.1'; .* set csv.header to false"),
    ],
)
def test_what_cannot_be_recognised(tmp_path, content, options, message):
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    with pytest.raises((DataError, ParamsError), match=message):
        load(path, csv=options)


@pytest.mark.parametrize(
    ("content", "options", "values"),
    [
        (b"a;y\n1,250;p\n2,125;q\n", {"decimal": ","}, [1.25, 2.125]),
        (b"a;y\n1,250;p\n2,125;q\n", {"decimal": "."}, [1250, 2125]),
        (b"a;b;y\n1,250;0,5;p\n2,125;1,5;q\n", {}, [1.25, 2.125]),
        (b"a;b;y\n1.250;0,5;p\n950;1,5;q\n", {}, [1250, 950]),
        (b"a;y\n1,250;p\n950;q\n", {}, [1250, 950]),
        (b"a\ty\n1.250\tp\n2.125\tq\n", {}, [1.25, 2.125]),
        (b'a,y\n"1,250",p\n"2,125",q\n', {}, [1250, 2125]),
        (b"a b  y\n1 2 p\n3 4 q\n", {"separator": r"\s+"}, [1, 3]),
        (b"a,y\n1 000,p\n2,q\n", {"thousands": " "}, [1000, 2]),
        # As ever: a comma wherever it can be read so.
        (b"a,y\n1,p;q\n2,q;p\n", {}, [1, 2]),
    ],
)
def test_numbers_of_a_csv(tmp_path, content, options, values):
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    assert load(path, csv=options)[0].frame["a"].tolist() == values


def test_no_header(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text(csv_text(header=False), encoding="utf-8")
    table, problems = load(path, "x3", csv={"header": False})
    assert list(table.kinds) == ["x0", "x1", "x2"]
    assert len(table.frame) == ROWS
    assert "header" not in problems


@pytest.mark.parametrize("names", [["0", "1", "2"], ["2019", "2020", "2021"], ["a", "1.5", "y"]])
def test_names_that_are_a_header(tmp_path, names):
    path = tmp_path / "table.csv"
    frame = FRAME[["x", "n"]].assign(y=np.arange(ROWS) % 2).set_axis(names, axis=1)
    path.write_text(csv_text(frame))
    assert "header" not in load(path, names[-1])[1]


def test_names_that_are_values(tmp_path):
    path = tmp_path / "table.csv"
    frame = FRAME[["x", "n"]].assign(y=np.arange(ROWS) % 2).set_axis(["5.25", "7", "1"], axis=1)
    path.write_text(csv_text(frame))
    assert "set csv.header to false" in load(path, "1")[1]["header"]
    assert "header" not in load(path, "1", csv={"header": True})[1]


def test_index_and_names_of_a_parquet(tmp_path):
    path = tmp_path / "table.parquet"
    frame = pd.DataFrame({0: range(6), 1: ["a", "", "?"] * 2, 2: [1.0, -9.0, 3.0] * 2})
    frame.index = pd.Index([f"r{i}" for i in range(6)], name="key")
    frame["y"] = ["p", "q"] * 3
    frame.set_index("y", append=True).to_parquet(path)
    table, _ = load(path, id="key", missing=["?", "-9"])
    assert table.frame["key"].tolist() == [f"r{i}" for i in range(6)]
    assert list(table.kinds) == ["0", "1", "2"]
    assert table.features.isna().sum().tolist() == [0, 4, 2]
    assert table.classes == ["p", "q"]
    assert "key" not in read_file(str(path), [], (), Csv(), ["y"])


def test_rows_are_counted_as_in_the_file(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("x,y\n1,p\ninf,q\n")
    with pytest.raises(DataError, match=r"got inf in row 3\."):
        load(path)
    path.write_text("1,p\ninf,q\n")
    with pytest.raises(DataError, match=r"got inf in row 2\."):
        load(path, "x1", csv={"header": False})


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_blank_rows_count_too(tmp_path, end):
    path = tmp_path / "table.csv"
    rows = ["Report", "", "x,y", "1,p", " ", '"2",q', "", "total,r", ""]
    path.write_text(end.join(rows), newline="")
    table = read_file(str(path), csv=Csv(skip=[1]))
    assert table.index.tolist() == [4, 6, 8]
    assert read_file(str(path), csv=Csv(skip=[1, 8]))["x"].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("suffix", "content", "reason"),
    [
        (".npz", b"no archive", ""),
        (".npy", b"", ""),
        (".arff", b"@relation r\n@attribute s string\n@data\nabc\n", "String attributes"),
        (".jsonl", b'{"x": 1', ""),
        (".feather", b"ARROW1 and no more", ""),
        (".csv.gz", b"not compressed", ""),
    ],
)
def test_damaged_file(tmp_path, suffix, content, reason):
    path = tmp_path / f"table{suffix}"
    path.write_bytes(content)
    with pytest.raises(DataError, match=rf"table{re.escape(suffix)} cannot be read .*\({reason}"):
        load(path)


def test_array_of_objects_is_not_run(tmp_path):
    path = tmp_path / "table.npy"
    np.save(path, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(DataError, match="cannot be read as a table"):
        load(path)


def test_matrices_of_an_archive(tmp_path):
    path = tmp_path / "table.npz"
    np.savez(path, X=np.ones((4, 2)), y=np.arange(4) % 2)
    assert list(load(path)[0].kinds) == ["X0", "X1"]
    np.savez(path, X=np.ones((3, 2)), y=np.arange(4) % 2)
    with pytest.raises(DataError, match="equally many rows; they have 3 to 4"):
        load(path)


@pytest.mark.extras
def test_workbook_with_several_sheets(tmp_path):
    path = tmp_path / "table.xlsx"
    with pd.ExcelWriter(path) as book:
        pd.DataFrame({"note": ["x"]}).to_excel(book, sheet_name="Notes", index=False)
        FRAME.to_excel(book, sheet_name="My data", index=False)
        pd.DataFrame().to_excel(book, sheet_name="Empty")
    with pytest.raises(ParamsError, match=r"^sheet must be set, .*: 'Notes', 'My data'\.$"):
        load(path)
    with pytest.raises(ParamsError, match=r"^sheet: unknown sheet 'data'; .*: Empty, My data, No"):
        load(path, sheet="data")
    assert load(path, sheet="My data")[0].frame["x"].tolist() == FRAME["x"].tolist()
    assert read_strings(str(path), sheet="My data")["n"].tolist() == [str(n) for n in range(ROWS)]


@pytest.mark.extras
def test_workbook_with_a_title_and_with_two_columns_of_a_name(tmp_path):
    path = tmp_path / "table.xlsx"
    FRAME.to_excel(path, index=False, startrow=2)
    with pytest.raises(ParamsError, match=r"in row 3, below other lines, delete these\.$"):
        load(path)
    pd.concat([FRAME, FRAME], axis=1).to_excel(path, index=False)
    with pytest.raises(DataError, match="two columns are named 'x'"):
        load(path)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"PK\x03\x04...", "an archive or a workbook, .* .xlsx"),
        (b"\xef\xbb\xbf<!DOCTYPE html>\n<html>", "a web page"),
        (b"version https://git-lfs.github.com/spec/v1\n", ".* `git lfs pull`"),
    ],
)
def test_csv_that_is_something_else(tmp_path, content, what):
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=rf"cannot be read as a table \(it is {what}"):
        load(path)


@pytest.mark.parametrize("first", [0, 0.5])
def test_separator_at_the_end_of_rows_shifts_nothing(tmp_path, first):
    path = tmp_path / "table.csv"
    path.write_text("a,b,y\n" + "".join(f"{i + first},{-i},{'pq'[i % 2]},\n" for i in range(9)))
    table, _ = load(path)
    assert table.frame["b"].tolist() == [-i for i in range(9)]
    assert table.classes == ["p", "q"]


ROWS_OF_PAGE = "".join(f"{i},{'pq'[i % 2]}\n" for i in range(9))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"a,y\n{ROWS_OF_PAGE}".replace("\n", ",1\n", 4)[4:], "more fields than the first row"),
        (f"Report 2020\n\na,y\n{ROWS_OF_PAGE}", "set csv.skip to their numbers"),
        (f"# one\n# two\na,y\n{ROWS_OF_PAGE}", "line 3 has more .* csv.skip to their numbers"),
        (f"Report,\n,\na,y\n{ROWS_OF_PAGE}", r"in row 3, .* set csv.skip to \[1, 2\]\.$"),
    ],
)
def test_lines_above_the_header(tmp_path, text, message):
    path = tmp_path / "table.csv"
    path.write_text(text)
    with pytest.raises((DataError, ParamsError), match=message):
        load(path)


@pytest.mark.parametrize(
    ("text", "skip", "said"),
    [
        (f"a,y\nHow old?,Answer\n{ROWS_OF_PAGE}", [2], "Row 2 looks like a part of the header: "),
        (f'a,y\n"Age, in years",\n[q1],[q2]\n{ROWS_OF_PAGE}', [2, 3], "Rows 2 to 3 look like "),
        (f"a,y\n-,p\n{ROWS_OF_PAGE}", [2], None),
        (f"Report,\na,y\nyears,\n{ROWS_OF_PAGE}Total,p\n", [1, 3, 13], None),
    ],
)
def test_rows_that_are_skipped(tmp_path, text, skip, said):
    path = tmp_path / "table.csv"
    path.write_text(text)
    if skip[0] > 1:
        header = load(path)[1].get("header")
        assert (
            header.startswith(said) and f"set csv.skip to {skip}." in header if said else not header
        )
    table, problems = load(path, csv={"skip": skip})
    assert table.frame["a"].tolist() == list(range(9))
    assert "header" not in problems
    frame = Table(path=str(path), target="y", csv={"skip": skip}).load(0)
    assert frame.index.tolist() == [row for row in range(1, 15) if row not in skip][1:10]
    assert read_strings(str(path), Csv(skip=skip))["a"].tolist() == list("012345678")


def test_leading_zeros_are_said(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("zip,x,y\n00123,1,p\n10234,0,q\n,10,p\n")
    source = Table(path=str(path), target="y")
    frame = source.load(0)
    assert "'zip' ('00123')" in source.remarks(frame)["leading_zeros"]
    assert "leading_zeros" not in source.remarks(frame, {"zip": "category"})


def test_package_that_is_not_installed(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    path = tmp_path / "table.xlsx"
    path.write_bytes(b"PK")
    with pytest.raises(DataError, match=r"without the package openpyxl: .*pip install openpyxl"):
        load(path)
