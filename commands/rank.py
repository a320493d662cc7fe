"""Rank experiments, to answer: which setting should I use.

Every strategy of every experiment that `dvc exp show` lists is a setting. They are ranked by their
mean over the repeats, and each is compared with the best. docs/experiments.md explains the table.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from commands.output import write
from commands.ranking import experiments, reports, settings
from stages import command
from stages.params import Params
from stages.params.config import PARAMS, read_mapping

PICTURE = Path("report/rank.png")


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m commands.rank",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Confidence, seed and number of resamples are those of the section compare in "
        "params.yaml.",
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
        "--markdown",
        metavar="FILE",
        help="write what is printed as a page, and a .png of the learning curves beside it",
    )
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    """Rank, draw and report."""
    options = parse(arguments)
    params = Params(read_mapping(PARAMS)).compare
    candidates, left_out = settings.collect(experiments.find(options.names))
    ranking = settings.rank(candidates, options.measure, params)
    page = None if options.markdown == "-" else options.markdown
    picture = Path(page).with_suffix(".png") if page else PICTURE
    reports.draw(picture, ranking)
    text = reports.markdown(ranking, left_out)
    if page:
        write(f"{text}\n\n![Learning curves over each other]({picture.name})", page)
    print(f"{text}\n\nlearning curves: {picture}")


if __name__ == "__main__":
    command.run(main)
