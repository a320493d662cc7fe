"""The outcome as Markdown for people, JSON for scripts, and a figure of the curves."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from active_learning.data import files
from commands.checks.judge import Change, Verdict
from commands.checks.metrics import Metrics
from commands.checks.revisions import Revision
from commands.tables import table

MARKS = {"pass": "ok", "fail": "FAIL", "new": "new"}


@dataclass(frozen=True)
class Report:
    """Outcome of the checks; metrics are ``None`` if there are none, or they cannot be read."""

    verdicts: list[Verdict]
    current: Metrics | None
    base: Metrics | None
    revision: Revision | None  # of the base
    changes: Mapping[str, Change] = field(default_factory=dict)
    confidence: float = math.nan  # of the intervals
    notes: Sequence[str] = ()

    def select(self, status: str) -> list[Verdict]:
        """Verdicts with a status."""
        return [verdict for verdict in self.verdicts if verdict.status == status]

    @property
    def outcome(self) -> str:
        """Summary in one line."""
        n, n_failed, n_new = len(self.verdicts), len(self.select("fail")), len(self.select("new"))
        if n_failed:
            return f"failed: {n_failed} of {n} checks"
        return f"passed: {n} checks" + (f", {n_new} of them new, without a base" if n_new else "")


def markdown(report: Report, picture: str | None = None) -> str:
    """Comment for a pull request, which reads well in a terminal too."""
    lines = [f"### Checks {report.outcome}", "", f"Base: {report.revision or 'none'}.", ""]
    for verdict in report.select("fail"):
        why = f" Why this rule: {verdict.why}" if verdict.why else ""
        lines.append(f"- FAIL `{verdict.subject}`, {verdict.rule}: {verdict.reason}.{why}")
    lines += [f"- note: {note}" for note in report.notes]
    lines += ["", *table(_rows(report))] if report.changes else []
    if picture and report.current:
        lines += ["", f"![Learning curves: solid now, dashed at the base]({picture})"]
    return "\n".join(lines)


def _rows(report: Report) -> list[list[str]]:
    """Head, and a row for each metric with the outcome of its rules."""
    interval = f"{100 * report.confidence:g}% interval"
    rows = [["metric", "base", "now", "difference", interval, "rules"]]
    rows.append(["---", "---:", "---:", "---:", "---", "---"])
    for name, change in report.changes.items():
        kind = "" if change.paired else ", unpaired"
        outcomes = [f"{MARKS[v.status]} {v.rule}" for v in report.verdicts if v.subject == name]
        ends = "" if math.isnan(change.low) else f"{change.low:+.4f} to {change.high:+.4f}{kind}"
        now = change.fault or _cell(change.now)
        difference = _cell(change.difference, "+")
        rows.append([f"`{name}`", _cell(change.base), now, difference, ends, ", ".join(outcomes)])
    return rows


def _cell(value: float | None, sign: str = "") -> str:
    if value is None or math.isnan(value):
        return "–" if value is None else ""
    return f"{value:{sign}}" if isinstance(value, int) else f"{value:{sign}.4f}"


def as_json(report: Report) -> str:
    """All values, for scripts."""
    value = {
        "passed": not report.select("fail"),
        "base": vars(report.revision) if report.revision else None,
        "confidence": report.confidence,
        "notes": report.notes,
        "checks": [vars(verdict) for verdict in report.verdicts],
        "metrics": {name: vars(change) for name, change in report.changes.items()},
    }
    return json.dumps(files.rounded(value), indent=2, ensure_ascii=False, allow_nan=False)


def draw(path: Path, report: Report) -> None:
    """Draw the learning curves of both revisions as a PNG, if they can be read."""
    from active_learning.analysis import figures

    if now := report.current:
        base = report.base if report.base and report.base.headline == now.headline else None
        with figures.drawing(7.0, 4.3, 144) as (figure, axes):
            figures.revisions(axes, now.curves, base.curves if base else None, now.headline)
            figures.save(figure, path)
