"""Numbers, dates and times in texts: each line of the documentation is a test."""

import re
from collections import Counter
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest

from active_learning.core.errors import DataError
from active_learning.data.checks import find_problems
from active_learning.data.columns import Column, plain_kind
from active_learning.data.notations import Texts, parse
from active_learning.data.table import validate_table

PAGE = Path("docs/own_data.md").read_text(encoding="utf-8")


def lines(heading):
    """Cells of the table below a heading of the page, by line."""
    rows = re.findall(r"^\|(.*)\|$", PAGE.split(f"{heading}\n")[1].split("\n#")[0], re.MULTILINE)
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)] for row in rows[2:]]


NOTATIONS = [
    (re.findall("`([^`]+)`", values), kind.strip("`"), becomes.strip("`"))
    for values, kind, becomes in lines("### Numbers, dates and times as strings")
]


KINDS = [
    (kind.strip("`"), re.findall("`([^`]+)`", example))
    for kind, _, example, _ in lines("## Kinds of columns")
]


def test_lines_are_there():
    assert len(NOTATIONS) > 20
    assert [kind for kind, _ in KINDS] == ["boolean", "number", "date", "text", "category"]


@pytest.mark.parametrize(("kind", "values"), KINDS, ids=str)
def test_kind_of_the_documentation(kind, values):
    column = pd.read_csv(StringIO("\n".join(["a,b", *(f"{each},1" for each in values), ",1"])))["a"]
    assert Column(column).kind == kind
    assert Column(column).cast(kind).notna().tolist() == [True] * len(values) + [False]


@pytest.mark.parametrize(("values", "kind", "becomes"), NOTATIONS, ids=str)
def test_line_of_the_documentation(values, kind, becomes):
    column = pd.Series([*values, None], name="a")
    assert Column(column).kind == kind
    cast = Column(column).cast(kind)
    assert cast.isna().tolist() == [False] * len(values) + [True]
    expected = {"number": float, "date": pd.Timestamp}.get(plain_kind(kind), str)(becomes)
    assert cast.iloc[0] == expected


@pytest.mark.parametrize(
    ("texts", "notations"),
    [
        (["3/4/2020", "12/12/2020"], ["day_first", "month_first"]),
        (["€1.250", "€950"], ["number", "decimal_comma"]),
        (["$5", "€5"], []),
        (["31/12/2020", "12/31/2020"], []),
        (["31/02/2020"], []),
        (["4.0.3", "1.2.10"], []),
        (["24:61", "1:05"], []),
        (["13:05 PM"], []),
        (["12,34"], ["decimal_comma"]),
        (["0,125", "1,250"], ["decimal_comma"]),
        (["12,34,567"], ["number"]),
        (["1-2"], []),
        (["Wednesday, September 16, 2020"], ["date"]),
        ([""], []),
    ],
    ids=str,
)
def test_what_texts_can_be(texts, notations):
    for order in (texts, texts[::-1]):
        assert Texts(order).notations == notations


def test_no_text_is_parsed_twice_in_a_notation(monkeypatch):
    calls = Counter()

    def counted(text, notation):
        calls[text, notation] += 1
        return parse(text, notation)

    monkeypatch.setattr("active_learning.data.notations.parse", counted)
    validate_table(
        table(
            price=[f"${i % 40}.50" for i in range(60)],
            day=[f"{i % 12 + 1}/{i % 28 + 1}/2020" for i in range(60)],
            when=[f"{i % 12 + 1}/{i % 12 + 1}/19{i + 10}" for i in range(59)] + ["soon"],
        ),
        target="y",
    )
    assert calls["$1.50", "number"] == 1
    assert max(calls.values()) == 1


def test_quarters_and_halves_are_no_times():
    for text in ("1H 20", "1H2020", "1Q20"):
        assert parse(text, "date") == "2020-01-01"
    assert parse("1H30", "date") is None


@pytest.mark.parametrize(
    ("text", "month"),
    [("12 septembre 2020", 9), ("1er août 2020", 8), ("3 dezembro 2020", 12), ("3. Okt. 2020", 10),
     ("5 februari 2020", 2), ("1 mag 2020", 5), ("sept 2020", 9)],
)  # fmt: skip
def test_names_of_months(text, month):
    assert parse(text, "date")[5:7] == f"{month:02}"
    assert parse("1 jui 2020", "date") is None  # of juin or juillet


def test_half_of_the_day():
    assert [parse(f"12:00 {half}", "time") for half in ("AM", "p.m.")] == [0, 12]


def table(**columns):
    n_rows = len(next(iter(columns.values())))
    return pd.DataFrame(columns | {"y": ["p", "q"] * (n_rows // 2)})


def test_remarks_name_columns_that_the_user_did_not_decide():
    frame = table(
        price=[f"${i}.50" for i in range(60)],
        day=[f"{i % 12 + 1}/{i % 11 + 1}/2020" for i in range(60)],
        weight=[f"{i} kg" for i in range(60)],
        paid=[f"{'$€'[i % 2]}{i}.00" for i in range(60)],
        share=[f"{i}{'%' * (i % 2)}" for i in range(60)],
        padded=[f"\u00a0{i}.5" for i in range(60)],
        installs=[f"{i}k" for i in range(30)] + [f"{i}.5M" for i in range(30)],
        when=[20200101 + i % 28 for i in range(60)],
        x=range(60),
    )
    remarks = validate_table(frame, target="y").remarks
    assert {name: re.findall(r"'(\w+)'(?= \(|\.)", text) for name, text in remarks.items()} == {
        "notations": ["price", "padded"],
        "mixed_notations": ["paid", "share"],
        "ambiguous_notations": ["day"],
        "units": ["weight", "installs"],
        "dates_as_numbers": ["when"],
    }
    kinds = {"price": "number", "day": "day_first", "weight": "category", "when": "date"}
    kinds |= dict.fromkeys(("installs", "paid", "share"), "category") | {"padded": "number"}
    decided = validate_table(frame, target="y", kinds=kinds)
    assert decided.remarks == {}
    assert decided.kinds == kinds | {"day": "date", "x": "number"}
    assert decided.frame["when"].iloc[0] == pd.Timestamp("2020-01-01")
    assert decided.frame["day"].iloc[1] == pd.Timestamp("2020-02-02")


def test_dates_are_never_text_even_if_some_values_are_not():
    values = [f"{i % 12 + 1}/{i % 28 + 1}/2020 1:{i:02} PM" for i in range(58)]
    assert Column(pd.Series([*values, "not known yet", "we cannot say"])).kind == "category"


def test_price_or_date_is_no_id():
    columns = {
        "price": [f"€{i + 1}.250" for i in range(59)] + ["€950"],
        "day": [f"{i % 12 + 1}/{i % 12 + 1}/{1950 + i}" for i in range(59)] + ["3/4/2020"],
        "weight": [f"{i} kg" for i in range(60)],
        "code": [f"{i:03}" for i in range(60)],
    }
    problems = find_problems(validate_table(table(**columns), target="y"))
    assert problems["id_columns"].startswith("1 column ('code') is different in every row")


def test_dates_but_for_a_few_texts():
    days = [f"2020-01-{i % 28 + 1:02}" for i in range(58)]
    remarks = validate_table(table(day=[*days, "soon", "later"]), target="y").remarks
    assert "'day' (2 of 60, such as 'soon', 'later')" in remarks["dates_as_texts"]


def test_error_says_what_to_set():
    frame = table(day=["3/4/2020", "5/6/2020"])
    with pytest.raises(DataError, match=r"set day_first or month_first\); got '3/4/2020' in row 0"):
        validate_table(frame, target="y", kinds={"day": "date"})


def test_advice_is_to_set_what_is_not_set():
    frame = table(day=["2020-02-30", "2020-02-01"])
    with pytest.raises(DataError, match=r"'2020-02-30' in row 0\. List the value .* in kinds\.$"):
        validate_table(frame, target="y")
    with pytest.raises(DataError, match=r"got '2020-02-30' in row 0\.$"):
        validate_table(frame, target="y", kinds={"day": "date"})


def test_times_and_durations_of_a_parquet():
    times = pd.Series(pd.to_datetime(["2020-01-01 14:30", "2020-01-01 09:00"])).dt.time
    durations = pd.Series(pd.to_timedelta(["1h", "90min"]))
    for column, hours in ((times, [14.5, 9.0]), (durations, [1.0, 1.5])):
        assert Column(column).kind == "time"
        assert Column(column).cast("time").tolist() == hours
    periods = pd.Series(pd.period_range("2020-01", periods=2, freq="M"))
    assert Column(periods).cast(Column(periods).kind).tolist() == [
        pd.Timestamp("2020-01-01"),
        pd.Timestamp("2020-02-01"),
    ]
