"""Numbers, dates and times as people and programs write them in texts.

A notation is decided by all values of a column together: ``31/12/2020`` shows that the day is first
in ``3/4/2020``, too. One value alone is never enough for a guess.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date
from functools import cache, cached_property, partial
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
_DIGIT = re.compile(r"\d")
_NOT_ZERO = re.compile(r"[1-9]")
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
_PERIOD = r"(?P<period>[QH])(?P<number>[1-4])"  # quarter or half
_MONTHS_OF = {"Q": 3, "H": 6}
_UNIX_TIME = r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)(?: (?P<zone>UTC|GMT|[+-]\d{4}))?"
_WEEKDAY = r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*\.?,?\s+)?"
_NAME = r"(?P<name>[^\W\d_]{3,10})\.?"
_ORDINAL = r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|º)?"
_DATES = [
    re.compile(_WEEKDAY + form + (_TIME if "(?P<hour>" not in form else ""))
    for form in (
        rf"(?P<year>\d{{4}})[- ]?{_PERIOD}",
        rf"{_PERIOD}[-/ ]?(?P<year>\d{{4}})",
        # 1H30 may be a time, unlike 1Q30.
        r"(?P<number>[1-4])(?P<period>Q|H(?=[-/ ]|\d{4}))[-/ ]?(?P<year>\d{4}|\d\d)",
        r"(?P<year>\d{4})-?W(?P<week>\d\d)(?:-?(?P<weekday>[1-7]))?",
        r"(?P<first>\d{1,2})(?P<mark>[-/.])(?P<other>\d{1,2})(?P=mark)(?P<year>\d{4}|\d\d)",
        r"(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})",
        r"(?P<year>\d{4})[-M](?P<month>\d\d)",
        r"(?P<month>\d{1,2})/(?P<year>(?:19|20)\d\d)",
        rf"{_ORDINAL}[-/. ]?\s?(?:de )?{_NAME}[-/, ]?\s?(?:de )?(?P<year>\d{{4}}|\d\d)",
        rf"{_NAME}[- ]{_ORDINAL},?[- ]\s?(?P<year>\d{{4}})",
        rf"{_NAME}[- ](?P<year>\d{{4}})",
        rf"{_NAME} {_ORDINAL} {_UNIX_TIME} (?P<year>\d{{4}})(?P<half>)",
    )
]
_ISO_DATE = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
)
# In English, German, French, Spanish, Italian, Portuguese and Dutch.
_MONTHS = [
    names.split()
    for names in (
        "january januar janvier enero gennaio janeiro januari",
        "february februar février fevrier febrero febbraio fevereiro februari",
        "march märz maerz mrz mars marzo março marco maart mrt",
        "april avril abril aprile",
        "may mai mayo maggio maio mei",
        "june juni juin junio giugno junho",
        "july juli juillet julio luglio julho",
        "august août aout agosto augustus",
        "september septembre septiembre settembre setembro",
        "october oktober octobre octubre ottobre outubro",
        "november novembre noviembre novembro",
        "december dezember décembre decembre diciembre dicembre dezembro",
    )
]
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
_MAGNITUDES = {"k", "K", "M", "B", "G", "T", "mn", "bn", "tn"}  # as in 1.5M and 300k
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
    if not _may_be_read(text):
        return None
    value: float | str | None = _PARSERS[notation](text.strip())
    return value


def _may_be_read(text: str) -> bool:
    """Whether a text is short and has a digit, as every number, date and time does."""
    return len(text) <= _LONGEST and _DIGIT.search(text) is not None


class Texts:
    """Distinct texts of a column, each parsed once in a notation.

    Parameters
    ----------
    texts : sequence of str
        Without duplicates.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self.parse = cache(parse)

    @cached_property
    def notations(self) -> list[Notation]:
        """Notations that all texts have; several if nothing decides between them.

        Numbers without a mark such as ``%`` are not meant: as texts, they may be codes: 007.
        """
        if not self.texts or len(self._readable) < len(self.texts):
            return []
        candidates = (self._number_notations, self._date_notations, self._time_notations)
        return next((notations for each in candidates if (notations := each())), [])

    @cached_property
    def are_plain(self) -> bool:
        """Whether all are numbers as programs write them."""
        return all(map(is_plain, self.texts))

    def all_parse(self, notation: Notation) -> bool:
        """Whether all have a value in a notation."""
        return all(self.parse(text, notation) is not None for text in self.texts)

    @cached_property
    def are_iso_dates(self) -> bool:
        """Whether all are dates by ISO 8601."""
        return all(map(_ISO_DATE.fullmatch, self.texts))

    @cached_property
    def family(self) -> Family | None:
        """What at least half of the texts are, in any notation; ``None`` if something else."""
        return next((what for what in FAMILIES if self.texts and self._mostly(what)), None)

    def is_of(self, text: str, what: Family) -> bool:
        """Whether a text is a number, date or time in any notation."""
        return any(self.parse(text, each) is not None for each in FAMILIES[what])

    @property
    def is_quantity(self) -> bool:
        """Whether they are mostly numbers, dates, times or numbers with a unit, not mere codes."""
        if all(text.isalnum() for text in self.texts):
            return False
        return self.family is not None or self.has_unit

    @property
    def has_unit(self) -> bool:
        """Whether all are numbers with the same unit, such as ``63 kg``, or with a magnitude."""
        units = set()
        for text in self.texts:
            match = _UNIT.fullmatch(text.strip())
            if match is None:
                return False
            units.add(match["unit"])
            if len(units) > 1 and not units <= _MAGNITUDES:
                return False
        return bool(units)

    @cached_property
    def _readable(self) -> list[str]:
        return [text for text in self.texts if _may_be_read(text)]

    def _mostly(self, what: Family) -> bool:
        n_others = len(self.texts) - len(self._readable)
        for text in self._readable:
            if 2 * n_others > len(self.texts):
                break
            n_others += not self.is_of(text, what)
        return 2 * n_others <= len(self.texts)

    def _same(self, one: Notation, other: Notation) -> bool:
        return all(self.parse(text, one) == self.parse(text, other) for text in self.texts)

    def _number_notations(self) -> list[Notation]:
        possible: list[Notation] = [n for n in FAMILIES["numbers"] if self.all_parse(n)]
        if not possible or self.are_plain:
            return []
        units = {_unit(text) for text in self.texts if _NOT_ZERO.search(text)}
        if len(units - {None}) > 1 or (units & {*_PER} and None in units):
            return []  # 63% and 0.5, or $5 and €5, are not of one scale
        if any("," in text for text in self.texts) or units & {*_PER}:
            return possible[:1]  # 1,250 is written for 1250, and 12.345% for 0.12345
        return possible[:1] if self._same(possible[0], possible[-1]) else possible

    def _date_notations(self) -> list[Notation]:
        if self.all_parse("date"):
            return ["date"]
        possible: list[Notation] = [n for n in ("day_first", "month_first") if self.all_parse(n)]
        if len(possible) > 1 and (self._same(*possible) or self._marks == {"."}):
            return possible[:1]  # 3.4.2020 has the day first
        return possible

    @property
    def _marks(self) -> set[str]:
        """What stands between day and month, if both are numbers."""
        matches = (_match_date(text.strip()) or {} for text in self.texts)
        return {fields["mark"] for fields in matches if "first" in fields}

    def _time_notations(self) -> list[Notation]:
        return ["time"] if self.all_parse("time") else []


def is_plain(text: str) -> bool:
    """Whether a text is a number as programs write it; without a space of typesetters, say."""
    try:
        float(text)
    except ValueError:
        return False
    return text.isascii()


def _unit(number: str) -> str | None:
    match = _NUMBER.fullmatch(number.strip())
    return match and (match["before"] or match["after"])


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
    try:
        day = _day(_year(fields["year"]), fields).isoformat()
    except ValueError:
        return None
    return day if fields["hour"] is None else _at_time(day, fields)


def _day(year: int, fields: dict[str, Any]) -> date:
    """Day, or the first day of a week, month, quarter or half."""
    if "week" in fields:
        return date.fromisocalendar(year, int(fields["week"]), int(fields["weekday"] or 1))
    if "period" in fields:
        return date(year, 1 + _MONTHS_OF[fields["period"]] * (int(fields["number"]) - 1), 1)
    month = _month(fields["name"]) if "name" in fields else int(fields["month"])
    return date(year, month, int(fields.get("day") or 1))


def _at_time(day: str, fields: dict[str, Any]) -> str | None:
    hour = _hour(int(fields["hour"]), fields["half"])
    second = (fields["second"] or "00").replace(",", ".")
    if hour is None or hour > 23 or int(fields["minute"]) > 59 or float(second) >= 60:
        return None
    zone = {"Z": "+00:00", "UTC": "+00:00", "GMT": "+00:00"}.get(fields["zone"], fields["zone"])
    return f"{day}T{hour:02}:{fields['minute']}:{second}{zone or ''}"


def _hour(hour: int, half: str | None) -> int | None:
    """Hour of the day; with ``half``, a of a.m. or p of p.m., twelve comes before one."""
    if not half:
        return hour
    return hour % 12 + 12 * (half in "Pp") if 1 <= hour <= 12 else None


def _month(name: str) -> int:
    """Number of a month by its name or the beginning of it; 0 if there is none, or several."""
    start = name.casefold()
    months = [i for i, names in enumerate(_MONTHS, 1) if any(n.startswith(start) for n in names)]
    return months[0] if len(months) == 1 else 0


def _year(digits: str) -> int:
    year = int(digits)
    if len(digits) > 2:
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
