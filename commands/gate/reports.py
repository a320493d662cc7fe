"""The outcome as text: a table for a terminal, Markdown, JSON and JUnit."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

from active_learning.base import files
from commands.gate.changes import Change, Value
from commands.gate.revisions import Revision
from commands.gate.verdicts import Verdict, percent

MARKS = {"pass": "ok", "fail": "FAIL", "new": "new"}


@dataclass(frozen=True)
class Report:
    """What the gate found.

    Attributes
    ----------
    base : Revision or None
    state : list of Verdict
        On the files and the base.
    judged : list of Verdict
        On the metrics.
    changes : dict of str to Change
        Every metric.
    confidence : float
        Of the intervals.
    notes : list of str
        What to know when reading the numbers.
    """

    base: Revision | None
    state: list[Verdict]
    judged: list[Verdict]
    changes: Mapping[str, Change]
    confidence: float
    notes: list[str]

    @property
    def verdicts(self) -> list[Verdict]:
        """All of them."""
        return [*self.state, *self.judged]

    @property
    def failures(self) -> list[Verdict]:
        """The verdicts that make the gate fail."""
        return [verdict for verdict in self.verdicts if verdict.status == "fail"]

    @property
    def outcome(self) -> str:
        """One line that sums it up."""
        count = len(self.verdicts)
        if self.failures:
            return f"failed: {len(self.failures)} of {count} checks"
        new = sum(verdict.status == "new" for verdict in self.verdicts)
        return f"passed: {count} checks" + (f", {new} of them new, without a base" if new else "")


def number(value: Value | None) -> str:
    """A metric for people."""
    if value is None:
        return "–"
    if value.number is None:
        return value.fault.removeprefix("is ").split(":")[0]
    return str(value.number) if isinstance(value.number, int) else f"{value.number:.4f}"


def _difference(change: Change) -> str:
    if math.isnan(change.difference):
        return ""
    whole = change.now.number is not None and isinstance(change.now.number, int)
    return f"{change.difference:+.0f}" if whole else f"{change.difference:+.4f}"


def _interval(change: Change) -> str:
    if math.isnan(change.low):
        return ""
    kind = "" if change.paired else ", unpaired"
    return f"{change.low:+.4f} to {change.high:+.4f}{kind}"


def _rows(report: Report, marks: Mapping[str, str]) -> list[list[str]]:
    """Header, and a row for each metric with what its rules say."""
    rows = [
        ["metric", "base", "now", "difference", f"{percent(report.confidence)} interval", "rules"]
    ]
    for name, change in report.changes.items():
        said = [
            f"{marks[verdict.status]} {verdict.rule}"
            for verdict in report.judged
            if verdict.subject == name
        ]
        cells = [name, number(change.base), number(change.now), _difference(change)]
        rows.append([*cells, _interval(change), ", ".join(said)])
    return rows


def terminal(report: Report) -> str:
    """Table for people, and each failure in words."""
    rows = _rows(report, MARKS)
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [f"base: {report.base or 'none'}", *(f"note: {note}" for note in report.notes)]
    lines += [f"{MARKS[one.status]} {one.subject}: {one.rule}" for one in report.state]
    lines += [""] if report.changes else []
    for row in rows if report.changes else []:
        cells = [
            cell.rjust(width) if 0 < column < 4 else cell.ljust(width)  # noqa: PLR2004 - the numbers
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    for verdict in report.failures:
        lines += ["", f"FAIL {verdict.subject}, {verdict.rule}: {verdict.reason}"]
        lines += [f"     why this rule: {verdict.why}"] if verdict.why else []
    return "\n".join([*lines, "", report.outcome])


def markdown(report: Report, figure: str | None) -> str:
    """Comment for a pull request, or summary of a job."""
    lines = [f"### Checks {report.outcome}", "", f"Base: {report.base or 'none'}.", ""]
    for verdict in report.failures:
        why = f" *Why this rule:* {verdict.why}" if verdict.why else ""
        lines.append(f"- ❌ `{verdict.subject}`, {verdict.rule}: {verdict.reason}.{why}")
    lines += [f"- {note}" for note in report.notes]
    if report.changes:
        header, *rows = _rows(report, {"pass": "✅", "fail": "❌", "new": "🆕"})
        lines += ["", _markdown_row(header), "| --- | ---: | ---: | ---: | --- | --- |"]
        lines += [_markdown_row([f"`{row[0]}`", *row[1:]]) for row in rows]
    if figure:
        lines += ["", f"![Learning curves: solid now, dashed at the base]({figure})"]
    return "\n".join(lines)


def _markdown_row(cells: list[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def as_json(report: Report) -> str:
    """Everything, for machines."""
    base = report.base
    value = {
        "passed": not report.failures,
        "base": {"commit": base.commit, "chosen": base.chosen} if base else None,
        "confidence": report.confidence,
        "notes": report.notes,
        "checks": [vars(verdict) for verdict in report.verdicts],
        "metrics": {name: _change(change) for name, change in report.changes.items()},
    }
    return json.dumps(files.rounded(value), indent=2, ensure_ascii=False, allow_nan=False)


def _change(change: Change) -> dict[str, Any]:
    return {
        "base": change.base.number if change.base else None,
        "now": change.now.number,
        "difference": change.difference,
        "low": change.low,
        "high": change.high,
        "paired": change.paired,
        "n_repeats": change.n_repeats,
    }


def junit(report: Report) -> str:
    """Test results: one case for each check, skipped where it is new."""
    counts = {
        "tests": len(report.verdicts),
        "failures": len(report.failures),
        "skipped": sum(verdict.status == "new" for verdict in report.verdicts),
    }
    attributes = {"name": "checks"} | {name: str(count) for name, count in counts.items()}
    root = ET.Element("testsuites")
    suite = ET.SubElement(root, "testsuite", attributes)
    for verdict in report.verdicts:
        names = {"classname": verdict.subject, "name": f"{verdict.subject} {verdict.rule}"}
        case = ET.SubElement(suite, "testcase", names)
        if verdict.status == "fail":
            ET.SubElement(case, "failure", {"message": verdict.reason}).text = verdict.why
        elif verdict.status == "new":
            ET.SubElement(case, "skipped", {"message": verdict.reason})
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True)
