"""Rank experiments, to answer: which setting should I use.

Every strategy of every experiment that `dvc exp show` lists is a setting. They are ranked by their
mean over the repeats, and each is compared with the best. docs/experiments.md explains the table.
"""

import argparse
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from active_learning.analysis import figures
from commands.ranking import experiments, settings
from commands.ranking.settings import Candidate, Ranking, Setting
from commands.tables import table
from stages import command
from stages.params import Params
from stages.params.config import PARAMS, read_mapping

PICTURE = Path("report/rank.png")
MEASURES = {"aulc": "area under the learning curve", "final": "score at the end"}

WIDTH, HEIGHT, DPI = 7.0, 4.3, 144
BANDS = 3  # more would only hide each other


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m commands.rank",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="The confidence is that of the section compare in params.yaml.",
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
        choices=list(MEASURES),
        default="aulc",
        help="rank by the area under the learning curve (default), or by the score at its end",
    )
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    """Rank, draw and report."""
    options = parse(arguments)
    params = Params(read_mapping(PARAMS)).compare
    candidates, left_out = settings.collect(experiments.find(options.names))
    ranking = settings.rank(candidates, options.measure, params)
    draw(PICTURE, ranking)
    print(f"{markdown(ranking, left_out)}\n\nlearning curves: {PICTURE}")


def markdown(ranking: Ranking, left_out: Mapping[str, str]) -> str:
    """Table, and below it what tells the experiments apart and what is not ranked."""
    first, last = ranking.labels
    metrics = ranking.candidates[0].metrics
    title = (
        f"### {metrics.headline} over {first} to {last} labels: {MEASURES[ranking.measure]}, "
        f"mean of {metrics.n_repeats} repeats"
    )
    not_ranked = [f"not ranked: {name} ({why})" for name, why in left_out.items()]
    notes = [*_other_params(ranking.candidates), *_other_code(ranking.candidates), *not_ranked]
    lines = [title, "", *table(_rows(ranking)), "", *(f"- {note}" for note in notes)]
    return "\n".join(lines).rstrip()


def _rows(ranking: Ranking) -> list[list[str]]:
    """Head, and a row for each setting."""
    level = f"{100 * ranking.confidence:g} % interval, together"
    rows = [["", "strategy", "experiment", "mean", "vs best", level, "p (Holm)", ""]]
    rows.append(["-:", "-", "-", "-:", "-:", "-", "-:", "-"])
    for place, each in enumerate(ranking.settings, start=1):
        experiment, ends = each.candidate.experiment.name, _numbers("+.4f", each.low, each.high)
        row = [f"{place}", each.candidate.label, experiment, f"{each.mean:.4f}"]
        difference, p = _numbers("+.4f", each.difference), _numbers(".2g", each.p_holm)
        rows.append([*row, difference, ends, p, each.verdict])
    return rows


def _numbers(form: str, *values: float) -> str:
    """What a cell shows; nothing for NaN."""
    return "" if math.isnan(values[0]) else " to ".join(f"{value:{form}}" for value in values)


def _other_params(candidates: Sequence[Candidate]) -> Iterator[str]:
    """Params of each experiment that differ from those of the first, where both have them."""
    params: dict[str, dict[str, str]] = {}
    for each in candidates:
        own = params.setdefault(each.experiment.name, {})
        own |= {name: _text(value) for name, value in each.params.items()}
    first = params[candidates[0].experiment.name]
    for experiment, own in params.items():
        changed = [
            f"{name}={value}"
            for name, value in own.items()
            if value != first.get(name)
            and len({other[name] for other in params.values() if name in other}) > 1
        ]
        if changed:
            yield f"{experiment}: {', '.join(changed)}"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _other_code(candidates: Sequence[Candidate]) -> Iterator[str]:
    """Experiments whose code differs from that of the first, where both depend on it."""
    first = candidates[0].experiment
    for each in {each.experiment.name: each.experiment for each in candidates}.values():
        changed = [path for path, md5 in each.code.items() if first.code.get(path, md5) != md5]
        if changed:
            yield f"{each.name} ran other code than {first.name}: {', '.join(changed)}"


def draw(path: Path, ranking: Ranking) -> None:
    """Draw the learning curves over each other."""
    headline = ranking.candidates[0].metrics.headline
    with figures.drawing(WIDTH, HEIGHT, DPI) as (figure, axes):
        curves = pd.concat(_curve(place, each) for place, each in enumerate(ranking.settings, 1))
        figures.revisions(axes, curves, None, headline)
        axes.axvline(ranking.labels[1], color="black", linestyle=":", linewidth=1)
        axes.set_xlabel("labels (ranked up to the dotted line)")
        axes.set_ylabel(f"test {headline}\n(mean; the first {BANDS} with their intervals)")
        figures.save(figure, path)


def _curve(place: int, setting: Setting) -> pd.DataFrame:
    """Mean curve of a setting by its place and name."""
    candidate = setting.candidate
    curves = candidate.metrics.curves
    curve = curves[curves["strategy"] == candidate.strategy]
    curve = curve.assign(strategy=f"{place}  {candidate.name}")
    return curve if place <= BANDS else curve.assign(low=math.nan, high=math.nan)


if __name__ == "__main__":
    command.run(main)
