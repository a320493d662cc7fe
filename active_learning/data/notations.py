"""Numbers, dates and times as people and programs write them in texts.

A notation is decided by all values of a column together: ``31/12/2020`` shows that the day is first
in ``3/4/2020``, too. One value alone is never enough for a guess.
"""

import re
from calendar import month_name
from collections.abc import Callable, Collection, Iterable
from datetime import date
from functools import partial
from typing import Any, Literal, get_args

Notation = Literal["number", "decimal_comma", "date", "day_first", "month_first", "time"]
Family = Literal["numbers", "dates", "times"]
NOTATIONS: tuple[Notation, ...] = get_args(Notation)
FAMILIES: dict[Family, tuple[Notation, ...]] = {
    "numbers": ("number", "decimal_comma"),
    "dates": ("date", "day_first", "month_first"),
    "times": ("time",),
}

_LONGEST = 60  # characters of a number, date or time
_SPACES = " \u00a0\u202f"
_CURRENCY = (
    r"(?:[A-Z]{1,2})?[$€£¥₹₩₽₺₪฿₫₱₴₦]|kr|zł|Kč|"
    r"USD|EUR|GBP|JPY|CHF|CNY|INR|AUD|CAD|NZD|SEK|NOK|DKK|PLN|CZK|BRL|MXN|ZAR|TRY|RUB|KRW"
)
_NUMBER = re.compile(
    rf"(?P<open>\()?(?P<sign>[-+−]?)[{_SPACES}]?(?P<before>{_CURRENCY})?[{_SPACES}]?(?P<sign2>[-+−]?)"
    rf"(?P<digits>[\d.,'\u2019{_SPACES}]*\d[.,]?)(?P<exponent>[eE][-+]?\d+)?"
    rf"[{_SPACES}]?(?P<after>{_CURRENCY}|[%‰])?(?P<more>\+)?(?P<close>\))?"
)
_PER = {"%": 100, "‰": 1000}
# Thousands in groups of three, or as in India; 0,125 is no such group.
_GROUPED = {
    decimal: re.compile(
        rf"(?:\d+|[1-9]\d{{0,2}}([{group}'\u2019{_SPACES}])\d{{3}}(?:\1\d{{3}})*"
        rf"|[1-9]\d?(?:[{group}]\d\d)+[{group}]\d{{3}})?(?:[{decimal}]\d*)?"
    )
    for decimal, group in ((".", ","), (",", "."))
}
_NOT_DIGITS = re.compile(rf"['\u2019{_SPACES}]")

_TIME = (
    r"(?:[T ,]\s*(?P<hour>\d{1,2})[:.](?P<minute>\d\d)(?:[:.](?P<second>\d\d(?:[.,]\d{1,9})?))?"
    r"(?:\s?(?P<half>[AaPp])\.?[Mm]\.?)?)?(?:\s?(?P<zone>Z|UTC|GMT|[+-]\d\d(?::?\d\d)?))?"
)
_UNIX_TIME = r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)(?: (?P<zone>UTC|GMT|[+-]\d{4}))?"
_WEEKDAY = r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*\.?,?\s+)?"
_NAME = r"(?P<name>[A-Za-z]{3,9})\.?"
_ORDINAL = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_DATES = [
    re.compile(_WEEKDAY + form + (_TIME if "(?P<hour>" not in form else ""))
    for form in (
        r"(?P<first>\d{1,2})(?P<mark>[-/.])(?P<other>\d{1,2})(?P=mark)(?P<year>\d{4}|\d\d)",
        r"(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})",
        r"(?P<year>\d{4})-(?P<month>\d\d)",
        r"(?P<month>\d{1,2})/(?P<year>(?:19|20)\d\d)",
        rf"{_ORDINAL}[-/. ]?\s?{_NAME}[-/, ]?\s?(?P<year>\d{{4}}|\d\d)",
        rf"{_NAME}[- ]{_ORDINAL},?[- ]\s?(?P<year>\d{{4}})",
        rf"{_NAME}[- ](?P<year>\d{{4}})",
        rf"{_NAME} {_ORDINAL} {_UNIX_TIME} (?P<year>\d{{4}})(?P<half>)",
    )
]
_MONTHS = [name.casefold() for name in month_name]
_LAST_CENTURY = 69  # two-digit years from here on are of the 20th century, as in POSIX

_QUANTITY = r"(?P<{}>\d+(?:[.]\d+)?)\s?{}"
_CLOCK = re.compile(
    r"(?P<sign>-)?(?:(?P<days>\d+)\s?d(?:ays?)?,?\s)?(?P<hours>\d{1,3}):(?P<minutes>[0-5]\d)"
    r"(?::(?P<seconds>[0-5]\d(?:[.,]\d+)?))?(?:\s?(?P<half>[AaPp])\.?[Mm]\.?)?"
)
_UNITS = re.compile(
    r"(?P<sign>-)?(?=.*(?:day|h|min|sec))"
    rf"(?:{_QUANTITY.format('days', 'd(?:ays?)?')},?\s*)?"
    rf"(?:{_QUANTITY.format('hours', 'h(?:(?:ou)?rs?)?')},?\s*)?"
    rf"(?:{_QUANTITY.format('minutes', 'm(?:in(?:ute)?s?)?')},?\s*)?"
    rf"(?:{_QUANTITY.format('seconds', 's(?:ec(?:ond)?s?)?')})?"
)
_ISO_DURATION = re.compile(
    r"(?P<sign>-)?P(?=.)(?:(?P<days>\d+)D)?(?:T(?=.)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?"
    r"(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)
_SECONDS = {"days": 86400, "hours": 3600, "minutes": 60, "seconds": 1}
_UNIT = re.compile(r"[-+]?\d+(?:[.,]\d+)*\s?(?P<unit>[^\W\d]+(?:/[^\W\d]+|[²³])?)")


def parse(text: str, notation: Notation) -> float | str | None:
    """Value of a text: a number, hours, or a date by ISO 8601; ``None`` if it has no such value.

    Parameters
    ----------
    text : str
    notation : str
        ``number``: with a decimal point. ``decimal_comma``. ``date``: of which no reader doubts
        what is day and month. ``day_first``, ``month_first``: any date, such as 3/4/2020.
        ``time``: a time of day or a duration.
    """
    if len(text) > _LONGEST:  # most texts
        return None
    value: float | str | None = _PARSERS[notation](text.strip())
    return value


def infer_notation(texts: Collection[str]) -> Notation | None:
    """Notation that all texts have; ``None`` if there is none, or more than one is possible.

    Numbers without a mark such as ``%`` are not meant: as texts, they may be codes, such as 007.
    """
    possible = _possible(texts)
    return possible[0] if len(possible) == 1 else None


def ambiguous(texts: Collection[str]) -> list[Notation]:
    """Notations between which the texts do not decide; empty if they do."""
    possible = _possible(texts)
    return possible if len(possible) > 1 else []


def family(texts: Collection[str]) -> Family | None:
    """What at least half of the texts are, in any notation; ``None`` if they are something else."""
    for what in FAMILIES:
        n_others = 0
        for text in texts:
            n_others += not is_of(text, what)
            if 2 * n_others > len(texts):
                break
        else:
            return what if texts else None
    return None


def is_of(text: str, what: Family) -> bool:
    """Whether a text is a number, date or time in any notation."""
    return any(parse(text, each) is not None for each in FAMILIES[what])


def is_quantity(texts: Collection[str]) -> bool:
    """Whether texts are mostly numbers, dates, times or numbers with a unit, and no mere codes."""
    if all(text.isalnum() for text in texts):
        return False
    return family(texts) is not None or common_unit(texts) is not None


def common_unit(texts: Iterable[str]) -> str | None:
    """Unit that all texts have after a number, such as kg in ``63 kg``; ``None`` without one."""
    units = set()
    for text in texts:
        match = _UNIT.fullmatch(text.strip())
        units.add(match and match["unit"])
        if len(units) > 1 or None in units:
            return None
    return units.pop() if units else None


def _possible(texts: Collection[str]) -> list[Notation]:
    if not texts or any(len(text) > _LONGEST for text in texts):
        return []
    stripped = [text.strip() for text in texts]
    for candidates in (_number_notations, _date_notations, _time_notations):
        if notations := candidates(stripped):
            return notations
    return []


def _number_notations(texts: list[str]) -> list[Notation]:
    matches = _match_all(_NUMBER, texts)
    if matches is None or all(map(is_plain, texts)):
        return []
    possible: list[Notation] = [n for n in ("number", "decimal_comma") if _all_parse(texts, n)]
    units = {match["before"] or match["after"] for match in matches if re.search("[1-9]", match[0])}
    if not possible or len(units - {None}) > 1 or (units & {*_PER} and None in units):
        return []  # 63% and 0.5, or $5 and €5, are not of one scale
    if any("," in text for text in texts) or units & {*_PER}:
        return possible[:1]  # 1,250 is written for 1250, and 12.345% for 0.12345
    same = all(parse(text, possible[0]) == parse(text, possible[-1]) for text in texts)
    return possible[:1] if same else possible


def is_plain(text: str) -> bool:
    """Whether a text is a number as programs write it."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def _date_notations(texts: list[str]) -> list[Notation]:
    if not all(map(_match_date, texts)):
        return []
    if _all_parse(texts, "date"):
        return ["date"]
    possible: list[Notation] = [n for n in ("day_first", "month_first") if _all_parse(texts, n)]
    if len(possible) > 1:
        marks = {match["mark"] for text in texts if "first" in (match := _match_date(text) or {})}
        same = all(parse(text, "day_first") == parse(text, "month_first") for text in texts)
        return possible[:1] if same or marks == {"."} else possible  # 3.4.2020 has the day first
    return possible


def _time_notations(texts: list[str]) -> list[Notation]:
    return ["time"] if _all_parse(texts, "time") else []


def _match_all(pattern: re.Pattern[str], texts: list[str]) -> list[re.Match[str]] | None:
    matches = []
    for text in texts:
        match = pattern.fullmatch(text)
        if match is None:
            return None
        matches.append(match)
    return matches


def _all_parse(texts: Iterable[str], notation: Notation) -> bool:
    return all(_PARSERS[notation](text) is not None for text in texts)


def _number(text: str, decimal: str) -> float | None:
    match = _NUMBER.fullmatch(text)
    if match is None or bool(match["open"]) != bool(match["close"]):
        return None
    if (match["sign"] and match["sign2"]) or (match["before"] and match["after"]):
        return None
    digits = match["digits"].strip()
    if not _GROUPED[decimal].fullmatch(digits):
        return None
    digits = _NOT_DIGITS.sub("", digits).replace("," if decimal == "." else ".", "")
    value = float(digits.replace(decimal, ".") + (match["exponent"] or ""))
    value /= _PER.get(match["after"] or "", 1)
    negative = match["open"] or {match["sign"], match["sign2"]} & {"-", "−"}
    return -value if negative else value


def _match_date(text: str) -> dict[str, Any] | None:
    if not any(map(str.isdigit, text[:16])):  # most texts are no dates
        return None
    for pattern in _DATES:
        if match := pattern.fullmatch(text):
            return match.groupdict()
    return None


def _date(text: str, day_first: bool | None) -> str | None:
    """The date by ISO 8601; ``None`` also if day and month are numbers in an unknown order."""
    fields = _match_date(text)
    if fields is None:
        return None
    if "first" in fields:
        if day_first is None:
            return None
        order = ("first", "other") if day_first else ("other", "first")
        fields["day"], fields["month"] = (fields[name] for name in order)
    month = _month(fields["name"]) if "name" in fields else int(fields["month"])
    try:
        day = date(_year(fields["year"]), month, int(fields.get("day") or 1)).isoformat()
    except ValueError:
        return None
    return day if fields["hour"] is None else _at_time(day, fields)


def _at_time(day: str, fields: dict[str, Any]) -> str | None:
    hour = _hour(int(fields["hour"]), fields["half"])
    second = (fields["second"] or "00").replace(",", ".")
    if hour is None or hour > 23 or int(fields["minute"]) > 59 or float(second) >= 60:  # noqa: PLR2004
        return None
    zone = {"Z": "+00:00", "UTC": "+00:00", "GMT": "+00:00"}.get(fields["zone"], fields["zone"])
    return f"{day}T{hour:02}:{fields['minute']}:{second}{zone or ''}"


def _hour(hour: int, half: str | None) -> int | None:
    """Hour of the day; with ``half``, a of a.m. or p of p.m., twelve comes before one."""
    if not half:
        return hour
    return hour % 12 + 12 * (half in "Pp") if 1 <= hour <= 12 else None  # noqa: PLR2004


def _month(name: str) -> int:
    """Number of a month by its English name or the beginning of it; 0 if there is none."""
    start = name.casefold()
    start = "sep" if start == "sept" else start
    return next((i for i, whole in enumerate(_MONTHS) if i and whole.startswith(start)), 0)


def _year(digits: str) -> int:
    year = int(digits)
    if len(digits) > 2:  # noqa: PLR2004
        return year
    return year + (1900 if year >= _LAST_CENTURY else 2000)


def _time(text: str) -> float | None:
    """Hours since midnight, or hours of a duration."""
    for pattern in (_CLOCK, _UNITS, _ISO_DURATION):
        if match := pattern.fullmatch(text):
            fields = match.groupdict()
            amounts = {name: (fields[name] or "0").replace(",", ".") for name in _SECONDS}
            if half := fields.get("half"):
                hour = _hour(int(amounts["hours"]), half)
                if hour is None:
                    return None
                amounts["hours"] = str(hour)
            seconds = sum(float(amounts[name]) * size for name, size in _SECONDS.items())
            return -seconds / 3600 if fields["sign"] else seconds / 3600
    return None


_PARSERS: dict[Notation, Callable[[str], Any]] = {
    "number": partial(_number, decimal="."),
    "decimal_comma": partial(_number, decimal=","),
    "date": partial(_date, day_first=None),
    "day_first": partial(_date, day_first=True),
    "month_first": partial(_date, day_first=False),
    "time": _time,
}
