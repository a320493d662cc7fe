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
        f"{metrics.n_repeats} repeats"
    )
    not_ranked = [f"not ranked: {name} ({why})" for name, why in left_out.items()]
    numbers = _numbers(ranking.candidates)
    legend = _legend(numbers, _other_params(ranking.candidates))
    notes = [*legend, *_other_code(ranking.candidates), *not_ranked]
    lines = [title, "", *table(_rows(ranking, numbers)), "", *(f"- {note}" for note in notes)]
    return "\n".join(lines).rstrip()


def _numbers(candidates: Sequence[Candidate]) -> dict[str, int]:
    """Number of each experiment: with its name, the table would not fit a terminal."""
    names = dict.fromkeys(each.experiment.name for each in candidates)
    return {name: number for number, name in enumerate(names, start=1)}


def _legend(numbers: Mapping[str, int], params: Mapping[str, str]) -> Iterator[str]:
    """What each number stands for."""
    for name, number in numbers.items():
        yield f"{number}: {name}" + (f", {params[name]}" if name in params else "")


def _rows(ranking: Ranking, numbers: Mapping[str, int]) -> list[list[str]]:
    """Head, and a row for each setting."""
    level = f"vs best, {100 * ranking.confidence:g}%"
    rows = [["", "strategy", "exp", "mean", level, "p", ""]]
    rows.append(["-:", "-", "-:", "-:", "-", "-:", "-"])
    for place, each in enumerate(ranking.settings, start=1):
        number, ends = numbers[each.candidate.experiment.name], _cell("+.4f", each.low, each.high)
        row = [f"{place}", each.candidate.label, f"{number}", f"{each.mean:.4f}"]
        rows.append([*row, ends, _cell(".1g", each.p_holm), each.verdict])
    return rows


def _cell(form: str, *values: float) -> str:
    """Numbers of a cell; nothing for NaN."""
    return "" if math.isnan(values[0]) else " to ".join(f"{value:{form}}" for value in values)


def _other_params(candidates: Sequence[Candidate]) -> dict[str, str]:
    """Params of each experiment that differ from those of the first, where both have them."""
    params: dict[str, dict[str, str]] = {}
    for each in candidates:
        own = params.setdefault(each.experiment.name, {})
        own |= {name: _text(value) for name, value in each.params.items()}
    first = params[candidates[0].experiment.name]
    texts = {}
    for experiment, own in params.items():
        changed = [
            f"{name}={value}"
            for name, value in own.items()
            if value != first.get(name)
            and len({other[name] for other in params.values() if name in other}) > 1
        ]
        if changed:
            texts[experiment] = ", ".join(changed)
    return texts


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
