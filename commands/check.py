"""Compare the metrics with the rules of checks.yaml, and with a base revision.

Exit status: 0 if every check passes, 1 if one fails, 2 if checks.yaml or the command is wrong.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from active_learning.core.errors import ArtifactError, UserError
from active_learning.data import files
from commands.checks import lock, metrics, report, revisions, rules
from commands.checks.judge import Verdict, compare, judge
from commands.checks.metrics import Metrics
from commands.checks.report import Report
from commands.checks.revisions import Revision
from stages import command
from stages.git import GitError

SCHEMA = Path("checks.schema.json")


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m commands.check",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="The rules: docs/checks.md.",
    )
    base = "git revision to compare with (default: where the branch left the default branch)"
    markdown = "write the report, with a .png of the learning curves beside it"
    schema = f"only write {SCHEMA}, for editors"
    parser.add_argument("--base", metavar="REV", help=base)
    parser.add_argument("--markdown", metavar="FILE", type=Path, help=markdown)
    parser.add_argument("--json", metavar="FILE", type=Path, help="write all values, for scripts")
    parser.add_argument("--write-schema", action="store_true", help=schema)
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Check, report, and return the exit status."""
    options = parse(arguments)
    if options.write_schema:
        schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
        write(SCHEMA, json.dumps(schema | rules.Checks.model_json_schema(), indent=2))
        return 0
    try:
        result = examine(options.base)
        print(report.markdown(result))
        if options.json:
            write(options.json, report.as_json(result))
        if options.markdown:
            picture = options.markdown.with_suffix(".png")
            report.draw(picture, result)
            write(options.markdown, report.markdown(result, picture.name))
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 1 if result.select("fail") else 0


def write(path: Path, text: str) -> None:
    """Write a text file."""
    with files.replacing(path) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")


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
        current = metrics.load()
        try:
            revision = revisions.find_base(given)
            if revision and metrics.exist(revision.commit):
                base = metrics.load(revision.commit)
            notes = _notes(current, base, revision)
        except (ArtifactError, GitError) as error:
            if given or any(rule.compares for rule in checks.rules):
                raise
            notes = [f"no base: {error}"]
        changes = compare(current, base, checks)
        verdicts += judge(checks, changes, current)
    except (ArtifactError, GitError) as error:
        verdicts.append(Verdict("inputs", "can be read", "fail", str(error).rstrip(".")))
        return Report(verdicts, current, base, revision)
    return Report(verdicts, current, base, revision, changes, checks.confidence, notes)


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
    command.run(lambda: sys.exit(main()))
