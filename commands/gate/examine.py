"""Read rules, metrics and base, and judge: everything but the command line and the reports."""

from dataclasses import dataclass, replace
from functools import partial

from active_learning.base.errors import ArtifactError
from commands.gate import lock, metrics, revisions, rules
from commands.gate.changes import compare
from commands.gate.metrics import Metrics
from commands.gate.reports import Report
from commands.gate.revisions import Revision, RevisionError
from commands.gate.verdicts import Verdict, judge

HERE = "in the working tree"


def read_current(verdicts: list[Verdict]) -> Metrics | None:
    """Metrics in the working tree, with a verdict on them and on the state of the pipeline."""
    current = None
    try:
        current, fault = metrics.load(revisions.read_here, HERE), ""
    except ArtifactError as error:
        fault = str(error).rstrip(".")
    verdicts.append(_state("metrics", "as dvc.lock says", fault))
    verdicts.append(_state("pipeline", "up to date", lock.stale() or ""))
    return current


def read_base(
    given: str | None, needed: bool, verdicts: list[Verdict], notes: list[str]
) -> tuple[Revision | None, Metrics | None]:
    """Base and its metrics, with a verdict where one is needed."""
    revision, base, fault = None, None, ""
    try:
        revision = revisions.find_base(given)
        read = partial(revisions.read_at, revision.commit) if revision else None
        if read is None:
            notes.append("this is the first commit, so every metric is new")
        elif metrics.absent(read, f"at {revision}"):
            notes.append(f"{revision} has no metrics, so every metric is new")
        else:
            base = metrics.load(read, f"at {revision}")
    except (RevisionError, ArtifactError) as error:
        fault = str(error).rstrip(".")
    if fault and not needed:
        notes.append(f"no base: {fault}")
    else:
        verdicts.append(_state("base", "can be read", fault))
    return revision, base


def _state(subject: str, rule: str, fault: str) -> Verdict:
    return Verdict(subject, rule, "fail" if fault else "pass", fault)


def remarks(current: Metrics, base: Metrics) -> list[str]:
    """What makes two runs differ in more than their scores."""
    found = []
    reason = metrics.unpaired_because(current, base)
    if reason:
        found.append(f"not paired, so intervals are of two independent runs: {reason}")
    if current.headline != base.headline:
        found.append(f"the score was {base.headline} and is {current.headline}: every score is new")
    labels = base.summary.get("n_labels"), current.summary.get("n_labels")
    if labels[0] != labels[1]:
        found.append(f"the learning curves end at {labels[0]} labels and at {labels[1]}")
    return found


@dataclass(frozen=True)
class Findings:
    """The report, and the metrics it is about: ``None`` where they cannot be read."""

    report: Report
    current: Metrics | None
    base: Metrics | None


def examine(given: str | None) -> Findings:
    """Read everything and judge it.

    Parameters
    ----------
    given : str, optional
        Git revision to compare with; by default that of checks.yaml.

    Raises
    ------
    ParamsError
        If checks.yaml is wrong.
    """
    checks = rules.load()
    given = given or checks.base
    verdicts: list[Verdict] = []
    notes: list[str] = []
    current = read_current(verdicts)
    needed = given is not None or any(rule.compares for rule in checks.rules)
    revision, base = read_base(given, needed, verdicts, notes)
    changes = None
    if current:
        notes += remarks(current, base) if base else []
        try:
            changes = compare(current, base, checks)
        except ArtifactError as error:
            verdicts.append(_state("metrics", "have every repeat", str(error).rstrip(".")))
    judged = judge(checks, changes) if changes is not None else []
    if any(verdict.subject == "base" and verdict.status == "fail" for verdict in verdicts):
        judged = [_without_base(verdict) for verdict in judged]
    report = Report(revision, verdicts, judged, changes or {}, checks.confidence, notes)
    return Findings(report, current, base)


def _without_base(verdict: Verdict) -> Verdict:
    """A metric is new only where it is known that there was none before."""
    if verdict.status != "new":
        return verdict
    return replace(verdict, status="fail", reason="there is no base to compare with")
