"""Compare the metrics with the rules of checks.yaml, and with a base revision.

Exit status: 0 if every check passes, 1 if one fails, 2 if checks.yaml or the command is wrong.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from active_learning.core.errors import ArtifactError, UserError
from commands.gate import lock, metrics, report, revisions, rules
from commands.gate.judge import Verdict, compare, judge
from commands.gate.metrics import Metrics
from commands.gate.report import Report
from commands.gate.revisions import Revision, RevisionError
from commands.output import write

SCHEMA = Path("checks.schema.json")


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m commands.check",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="FILE can be - for the standard output. The rules: docs/checks.md.",
    )
    parser.add_argument(
        "--base",
        metavar="REV",
        help="git revision to compare with (default: where the branch left the default branch)",
    )
    parser.add_argument(
        "--markdown",
        metavar="FILE",
        help="write a pull-request comment, and a .png of the learning curves beside it",
    )
    parser.add_argument("--json", metavar="FILE", help="write everything, for machines")
    parser.add_argument(
        "--write-schema", action="store_true", help=f"only write {SCHEMA}, for editors"
    )
    options = parser.parse_args(arguments)
    if options.markdown == options.json == "-":
        parser.error("only one FILE can be -")
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Check, report, and return the exit status."""
    options = parse(arguments)
    if options.write_schema:
        schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
        write(json.dumps(schema | rules.Checks.model_json_schema(), indent=2), str(SCHEMA))
        print(SCHEMA)
        return 0
    try:
        result = examine(options.base)
        publish(result, options)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 1 if result.select("fail") else 0


def publish(result: Report, options: argparse.Namespace) -> None:
    """Print the report, unless the JSON is printed, and write the files."""
    if options.json:
        write(report.as_json(result), options.json)
    picture = None
    if options.markdown not in (None, "-") and result.current:
        picture = Path(options.markdown).with_suffix(".png")
        report.draw(picture, result.current, result.base)
    if options.markdown:
        write(report.markdown(result, picture.name if picture else None), options.markdown)
    if "-" not in (options.markdown, options.json):
        print(report.markdown(result))


def examine(given: str | None) -> Report:
    """Read rules, metrics and base, and judge; what cannot be read fails.

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
    stale = lock.stale()
    verdicts = [Verdict("pipeline", "up to date", "fail" if stale else "pass", stale or "")]
    current = revision = base = None
    try:
        current = metrics.load(revisions.read_here, "in the working tree")
        try:
            revision = revisions.find_base(given)
            base = _load_base(revision) if revision else None
            notes = _notes(current, base, revision)
        except (ArtifactError, RevisionError) as error:
            if given or any(rule.compares for rule in checks.rules):
                raise
            notes = [f"no base: {error}"]
        changes = compare(current, base, checks)
    except (ArtifactError, RevisionError) as error:
        fault = Verdict("inputs", "can be read", "fail", str(error).rstrip("."))
        return Report([*verdicts, fault], current, base, revision)
    verdicts += judge(checks, changes, current)
    return Report(verdicts, current, base, revision, changes, checks.confidence, notes)


def _load_base(revision: Revision) -> Metrics | None:
    read, where = partial(revisions.read_at, revision.commit), f"at {revision}"
    return metrics.load(read, where) if metrics.exist(read, where) else None


def _notes(current: Metrics, base: Metrics | None, revision: Revision | None) -> list[str]:
    """What else tells two runs apart."""
    if base is None:
        why = f"{revision} has no metrics" if revision else "this is the first commit"
        return [f"{why}, so every metric is new"]
    notes = []
    if reason := metrics.unpaired_because(current, base):
        notes.append(f"not paired, so intervals are of two independent runs: {reason}")
    if current.headline != base.headline:
        notes.append(
            f"the score was {base.headline} and is {current.headline}, so metrics are new whose "
            "names do not have the scorer"
        )
    return notes


if __name__ == "__main__":
    sys.exit(main())
