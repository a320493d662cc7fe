"""Compare the metrics with the rules of checks.yaml, and with a base revision.

Exit status: 0 if every check passes, 1 if one fails, 2 if checks.yaml or the command is wrong.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from active_learning.base.errors import UserError
from commands.gate import reports, rules
from commands.gate.examine import Findings, examine
from commands.gate.metrics import Metrics
from commands.gate.reports import Report
from commands.output import write

SCHEMA = Path("checks.schema.json")
FORMATS = ("markdown", "json", "junit")


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    made = argparse.ArgumentParser(
        prog="python -m commands.check",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument(
        "--base",
        metavar="REV",
        help="git revision to compare with (default: where the branch left the default branch)",
    )
    made.add_argument("--markdown", metavar="FILE", help="write a pull-request comment")
    made.add_argument("--json", metavar="FILE", help="write everything, for machines")
    made.add_argument("--junit", metavar="FILE", help="write test results")
    made.add_argument(
        "--figure",
        metavar="FILE",
        type=Path,
        help="draw the learning curves of both revisions, .png or .svg "
        "(default: a .png beside the Markdown)",
    )
    made.add_argument(
        "--write-schema", action="store_true", help=f"only write {SCHEMA}, for editors"
    )
    made.epilog = "FILE can be - for the standard output. The rules: docs/checks.md."
    return made


def arguments(given: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    made = parser()
    options = made.parse_args(given)
    if [getattr(options, name) for name in FORMATS].count("-") > 1:
        made.error("only one FILE can be -")
    if options.figure is None and options.markdown not in (None, "-"):
        options.figure = Path(options.markdown).with_suffix(".png")
    if options.figure is not None and options.figure.suffix not in (".png", ".svg"):
        made.error(f"--figure must end in .png or .svg; got {options.figure}")
    return options


def main(given: Sequence[str] | None = None) -> int:
    """Check, report, and give the exit status."""
    options = arguments(given)
    if options.write_schema:
        schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
        write(json.dumps(schema | rules.Checks.model_json_schema(), indent=2), str(SCHEMA))
        print(SCHEMA)
        return 0
    try:
        findings = examine(options.base)
        publish(findings, options)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 1 if findings.report.failures else 0


def publish(findings: Findings, options: argparse.Namespace) -> None:
    """Print the table, unless something else is printed, and write what was asked for."""
    link = None
    if options.figure is not None and findings.current is not None:
        draw(options.figure, findings.current, findings.base)
        folder = Path() if options.markdown in (None, "-") else Path(options.markdown).parent
        link = Path(os.path.relpath(options.figure, folder)).as_posix()
    texts: dict[str, Callable[[Report], str]] = {
        "markdown": partial(reports.markdown, figure=link),
        "json": reports.as_json,
        "junit": reports.junit,
    }
    targets = {name: getattr(options, name) for name in FORMATS}
    if "-" not in targets.values():
        print(reports.terminal(findings.report))
    for name, target in targets.items():
        if target is not None:
            write(texts[name](findings.report), target)


def draw(path: Path, current: Metrics, base: Metrics | None) -> None:
    """Draw the learning curves of both revisions."""
    from active_learning import figures

    before = base.curves if base and base.headline == current.headline else None
    with figures.drawing(7.0, 4.3, 144) as (figure, axes):
        figures.revisions(axes, current.curves, before, current.headline)
        figures.save(figure, path)


if __name__ == "__main__":
    sys.exit(main())
