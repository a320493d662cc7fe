"""The ranking in Markdown, which reads well in a terminal too, and as a picture."""

import json
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from active_learning.analysis import figures
from commands.ranking.settings import Candidate, Ranking, Setting

MEASURES = {"aulc": "area under the learning curve", "final": "score at the end"}

WIDTH, HEIGHT, DPI = 7.0, 4.3, 144
BANDS = 3  # more would only hide each other


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
    return "\n".join([title, "", *_table(ranking), "", *(f"- {note}" for note in notes)]).rstrip()


def _table(ranking: Ranking) -> list[str]:
    """Header, and a row for each setting."""
    level = f"{100 * ranking.confidence:g} % interval"
    rows = [["", "strategy", "experiment", "mean", "vs best", level, "p (Holm)", ""]]
    rows.append(["-:", "-", "-", "-:", "-:", "-", "-:", "-"])
    for place, each in enumerate(ranking.settings, start=1):
        cells = [
            f"{place}",
            each.candidate.label,
            each.candidate.experiment.name,
            f"{each.mean:.4f}",
            _numbers("+.4f", each.difference),
            _numbers("+.4f", each.low, each.high),
            _numbers(".2g", each.p_holm),
            each.verdict,
        ]
        rows.append([cell.replace("|", r"\|") for cell in cells])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [f"| {' | '.join(map(str.ljust, row, widths))} |" for row in rows]


def _numbers(form: str, *values: float) -> str:
    """What a cell shows; nothing for NaN."""
    return "" if math.isnan(values[0]) else " to ".join(f"{value:{form}}" for value in values)


def _other_params(candidates: Sequence[Candidate]) -> Iterator[str]:
    """Params of each experiment that differ from those of the first, where both have them."""
    params: dict[str, dict[str, Any]] = defaultdict(dict)
    values: dict[str, set[str]] = defaultdict(set)
    for each in candidates:
        params[each.experiment.name] |= each.params
        for name, value in each.params.items():
            values[name].add(json.dumps(value))
    first = params[candidates[0].experiment.name]
    for experiment, own in params.items():
        changed = [
            f"{name}={value if isinstance(value, str) else json.dumps(value)}"
            for name, value in own.items()
            if len(values[name]) > 1 and value != first.get(name)
        ]
        if changed:
            yield f"{experiment}: {', '.join(changed)}"


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
    table = candidate.metrics.curves
    table = table[table["strategy"] == candidate.strategy]
    table = table.assign(strategy=f"{place}  {candidate.name}")
    return table if place <= BANDS else table.assign(low=math.nan, high=math.nan)
