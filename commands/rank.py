"""Rank experiments, to answer: which setting should I use.

Every strategy of every experiment that `dvc exp show` lists is a setting. They are ranked by their
mean over the repeats, each is compared with the best, and the last line is what to type to apply
that one. docs/experiments.md tells how to read the table.
"""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from active_learning.base import command
from commands.output import write
from commands.ranking import candidates, experiments, figure, reports, rows
from stages.params import read


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    made = argparse.ArgumentParser(
        prog="python -m commands.rank",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="FILE can be - for the standard output. Confidence, seed and number of resamples "
        "are those\nof the section compare in params.yaml.",
    )
    made.add_argument(
        "names",
        metavar="EXPERIMENT_OR_REVISION",
        nargs="*",
        help="what to rank: experiments, branches, commits, workspace "
        "(default: HEAD, the workspace if it differs, and all experiments on HEAD)",
    )
    made.add_argument(
        "--measure",
        choices=list(reports.MEASURES),
        default="aulc",
        help="rank by the area under the learning curve (default), or by the score at its end",
    )
    made.add_argument(
        "--figure",
        metavar="FILE",
        type=Path,
        default=Path("report/rank.png"),
        help="the learning curves over each other, .png or .svg (default: %(default)s)",
    )
    made.add_argument("--markdown", metavar="FILE", help="write a page")
    made.add_argument("--json", metavar="FILE", help="write everything, for machines")
    return made


def arguments(given: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    made = parser()
    options = made.parse_args(given)
    if options.markdown == options.json == "-":
        made.error("only one FILE can be -")
    if options.figure.suffix not in (".png", ".svg"):
        made.error(f"--figure must end in .png or .svg; got {options.figure}")
    return options


def main(given: Sequence[str] | None = None) -> None:
    """Rank, draw and report."""
    options = arguments(given)
    params = read().compare
    found, left_out = candidates.collect(experiments.read(options.names))
    ranking = rows.rank(found, left_out, options.measure, params)
    figure.draw(options.figure, ranking)
    if options.markdown is not None:
        folder = Path() if options.markdown == "-" else Path(options.markdown).parent
        link = Path(os.path.relpath(options.figure, folder)).as_posix()
        write(reports.markdown(ranking, link), options.markdown)
    if options.json is not None:
        write(reports.as_json(ranking), options.json)
    if "-" not in (options.markdown, options.json):
        print(reports.terminal(ranking, options.figure))


if __name__ == "__main__":
    command.run(main)
