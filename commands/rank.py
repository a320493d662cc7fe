"""Rank experiments, to answer: which setting should I use.

Every strategy of every experiment that `dvc exp show` lists is a setting. They are ranked by their
mean over the repeats, each is compared with the best, and the last line is what to type to apply
that one. docs/experiments.md explains the table.
"""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from commands.output import write
from commands.ranking import experiments, reports, settings
from stages import command
from stages.params import read


def arguments(given: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m commands.rank",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="FILE can be - for the standard output. Confidence, seed and number of resamples "
        "are those\nof the section compare in params.yaml.",
    )
    parser.add_argument(
        "names",
        metavar="EXPERIMENT_OR_REVISION",
        nargs="*",
        help="what to rank: experiments, branches, commits, workspace "
        "(default: HEAD, the workspace if it differs, and all experiments on HEAD)",
    )
    parser.add_argument(
        "--measure",
        choices=list(reports.MEASURES),
        default="aulc",
        help="rank by the area under the learning curve (default), or by the score at its end",
    )
    parser.add_argument(
        "--figure",
        metavar="FILE",
        type=Path,
        default=Path("report/rank.png"),
        help="the learning curves over each other, .png or .svg (default: %(default)s)",
    )
    parser.add_argument("--markdown", metavar="FILE", help="write a page")
    parser.add_argument("--json", metavar="FILE", help="write everything, for machines")
    options = parser.parse_args(given)
    if options.markdown == options.json == "-":
        parser.error("only one FILE can be -")
    if options.figure.suffix not in (".png", ".svg"):
        parser.error(f"--figure must end in .png or .svg; got {options.figure}")
    return options


def main(given: Sequence[str] | None = None) -> None:
    """Rank, draw and report."""
    options = arguments(given)
    params = read().compare
    candidates, left_out = settings.collect(experiments.find(options.names))
    ranking = settings.rank(candidates, options.measure, params)
    reports.draw(options.figure, ranking)
    if options.markdown is not None:
        folder = Path() if options.markdown == "-" else Path(options.markdown).parent
        link = Path(os.path.relpath(options.figure, folder)).as_posix()
        write(reports.markdown(ranking, left_out, link), options.markdown)
    if options.json is not None:
        write(reports.as_json(ranking, left_out), options.json)
    if "-" not in (options.markdown, options.json):
        print(reports.terminal(ranking, left_out, options.figure))


if __name__ == "__main__":
    command.run(main)
