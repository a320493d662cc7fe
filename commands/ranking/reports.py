"""The ranking as a table for a terminal, a page in Markdown, JSON and a picture."""

import json
import math
import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from active_learning.analysis import figures, statistics
from active_learning.analysis.comparison import CONTROL
from active_learning.core import rng
from active_learning.data import files
from commands.gate.revisions import git, run
from commands.ranking.settings import Candidate, Ranking, Setting, differing_params
from stages.params.sections import Compare

MEASURES = {"aulc": "area under the learning curve", "final": "score at the end"}
VERDICTS = {"best": "best", "undecided": "not clearly worse", "worse": "worse"}
ALIGNMENT = "<<<>><><"

WIDTH, HEIGHT, DPI = 7.0, 4.3, 144
LEGEND_ROW = 0.22  # inches
BANDS = 3  # more would only hide each other


def title(ranking: Ranking) -> str:
    """What the ranking is of."""
    first, last = ranking.labels
    counts = sorted({len(setting.repeats) for setting in ranking.settings})
    return (
        f"{ranking.candidates[0].metrics.headline} over {first} to {last} labels "
        f"({MEASURES[ranking.measure]}), mean of {' or '.join(map(str, counts))} repeats; "
        f"params of {ranking.candidates[0].experiment.name} unless shown"
    )


def cells(ranking: Ranking) -> list[list[str]]:
    """Header, and a row for each setting."""
    level = f"{100 * ranking.params.confidence:g} % interval"
    rows = [["", "setting", "of", "mean", "vs best", level, "p (Holm)", ""]]
    for place, each in enumerate(ranking.settings, start=1):
        sources = ", ".join(dict.fromkeys(member.experiment.name for member in each.members))
        mark = " *" if each.unpaired_because else ""
        interval = _numbers("+.4f", each.low, each.high)
        row = [f"{place}", each.label, sources, f"{each.mean:.4f}"]
        row += [_numbers("+.4f", each.difference), f"{interval}{mark}" if interval else ""]
        row += [f"not paired{mark}" if mark else _numbers(".2g", each.p_holm)]
        rows.append([*row, VERDICTS[each.verdict]])
    return rows


def _numbers(form: str, *values: float) -> str:
    """What a cell shows; nothing for NaN."""
    return "" if math.isnan(values[0]) else " to ".join(f"{value:{form}}" for value in values)


def notes(ranking: Ranking) -> list[str]:
    """What to know when reading the numbers."""
    settings, lines, (first, last) = ranking.settings, list[str](), ranking.labels
    curves = [candidate.curve for candidate in ranking.candidates]
    if any((curve.labels[0], curve.labels[-1]) != (first, last) for curve in curves):
        shortest = min(ranking.candidates, key=lambda each: int(each.curve.labels[-1]))
        lines.append(
            f"The curves cover different numbers of labels. Only {first} to {last}, which all "
            f"have, count; {shortest.experiment.name} ends first."
        )
    if any(" = " in setting.label or "|" in setting.label for setting in settings):
        lines.append("Strategies and values joined by = or | have the same scores in every repeat.")
    if any(len(setting.repeats) == 1 for setting in settings):
        lines.append("A single repeat has neither interval nor p.")
    reasons = [setting.unpaired_because for setting in settings if setting.unpaired_because]
    if reasons:
        lines.append(
            f"(*) Not paired with the best: {reasons[0]}. The interval is that of two independent "
            f"runs, at {100 * ranking.unpaired_confidence:.4g} % instead of a corrected p."
        )
    return [*lines, *_other_code(ranking.candidates)]


def _other_code(candidates: Sequence[Candidate]) -> list[str]:
    """Experiments whose code differs from that of the first, where both depend on it."""
    first, lines = candidates[0].experiment, dict[str, str]()
    for each in (candidate.experiment for candidate in candidates):
        changed = [path for path, md5 in each.code.items() if first.code.get(path, md5) != md5]
        if changed:
            lines[each.name] = (
                f"{each.name} ran other code than {first.name}: {', '.join(changed)}."
            )
    return list(lines.values())


def answer(ranking: Ranking) -> str:
    """The result in one sentence; all but the best by their rows in the table."""
    parts = [f"{ranking.settings[0].label} is best"]
    for verdict in ("undecided", "worse"):
        places = [f"{n}" for n, each in enumerate(ranking.settings, 1) if each.verdict == verdict]
        if places:
            rows = "row" if len(places) == 1 else "rows"
            parts.append(f"{VERDICTS[verdict]}: {rows} {', '.join(places)}")
    return "; ".join(parts) + "."


def command(ranking: Ranking) -> str:
    """The line to type to apply the best."""
    # Where the workspace is ranked it differs from HEAD.
    dirty = any(each.experiment.revision is None for each in ranking.candidates)
    here = None if dirty else git("rev-parse", "HEAD").decode().strip()
    member = min(ranking.settings[0].members, key=lambda each: each.experiment.revision != here)
    revision, given = member.experiment.revision, member.experiment.name
    name = shlex.quote(given)
    if revision == here:
        wanted = list(dict.fromkeys([member.strategy, CONTROL]))
        if {*member.metrics.evidence["strategies"]} <= {*wanted}:
            return f"# nothing to apply: {name} is what you have"
        return f"dvc exp run -S 'query_loop.strategies=[{','.join(wanted)}]'"
    # Git does not know the names of DVC's experiments.
    if run("git", "rev-parse", f"{given}^{{commit}}").stdout.decode().strip() != revision:
        return f"dvc exp apply {name}"
    if run("git", "merge-base", "--is-ancestor", given, "HEAD").returncode == 0:
        return f"git checkout {name} -- params.yaml && dvc repro"
    return f"git merge {name} && dvc repro"


def remarks(ranking: Ranking, left_out: Mapping[str, str]) -> list[str]:
    """Notes, and what is not ranked."""
    return [*notes(ranking), *(f"not ranked: {name} ({why})" for name, why in left_out.items())]


def terminal(ranking: Ranking, left_out: Mapping[str, str], figure: Path) -> str:
    """Table for people, the answer in words, and last the line to type."""
    table = cells(ranking)
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    rows = [
        "  ".join(f"{cell:{side}{n}}" for cell, side, n in zip(row, ALIGNMENT, widths, strict=True))
        for row in table
    ]
    lines = [title(ranking), "", *(row.rstrip() for row in rows), "", *remarks(ranking, left_out)]
    lines += [f"learning curves: {figure}", "", answer(ranking), command(ranking)]
    return "\n".join(lines)


def markdown(ranking: Ranking, left_out: Mapping[str, str], figure: str) -> str:
    """The same as a page."""
    rows = [
        " | ".join(re.sub(r"[|*_]", r"\\\g<0>", cell) for cell in row) for row in cells(ranking)
    ]
    rows.insert(1, " | ".join({"<": "---", ">": "---:"}[side] for side in ALIGNMENT))
    table = "\n".join(f"| {row} |" for row in rows)
    bullets = "\n".join(f"- {line}" for line in remarks(ranking, left_out))
    picture = f"![Learning curves over each other]({figure})"
    shell = f"```sh\n{command(ranking)}\n```"
    parts = [f"### {answer(ranking)}", f"{title(ranking)}.", table, bullets, picture, shell]
    return "\n\n".join(filter(None, parts))


def as_json(ranking: Ranking, left_out: Mapping[str, str]) -> str:
    """Everything, for machines."""
    differing = differing_params(ranking.candidates)
    value = {
        "headline": ranking.candidates[0].metrics.headline,
        "measure": ranking.measure,
        "labels": ranking.labels,
        "confidence": ranking.params.confidence,
        "answer": answer(ranking),
        "command": command(ranking),
        "notes": notes(ranking),
        "not_ranked": left_out,
        "ranking": [_row(setting, differing) for setting in ranking.settings],
    }
    return json.dumps(files.rounded(value), indent=2, ensure_ascii=False, allow_nan=False)


def _row(setting: Setting, differing: Sequence[str]) -> dict[str, Any]:
    row = vars(setting).copy()
    members: list[Candidate] = row.pop("members")
    of = [
        {
            "experiment": each.experiment.name,
            "revision": each.experiment.revision,
            "strategy": each.strategy,
            "params": {k: v for k, v in each.experiment.params.items() if k in differing},
        }
        for each in members
    ]
    return {"setting": row.pop("label"), "of": of, "paired": not row.pop("unpaired_because")} | row


def draw(path: Path, ranking: Ranking) -> None:
    """Draw the learning curves over each other, as ``.png`` or ``.svg``."""
    with figures.drawing(WIDTH, HEIGHT + LEGEND_ROW * len(ranking.settings), DPI) as (figure, axes):
        for index, setting in enumerate(ranking.settings):
            _draw_curve(axes, index, setting, ranking.params)
        left, right = axes.dataLim.intervalx
        for start, end in ((left, ranking.labels[0]), (ranking.labels[1], right)):
            if start < end:
                axes.axvspan(start, end, color="black", alpha=0.06, linewidth=0)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
        axes.set_xlabel("labels (shaded: not covered by all curves)")
        headline = ranking.candidates[0].metrics.headline
        axes.set_ylabel(f"test {headline}\n(mean; the first {BANDS} with their intervals)")
        figure.legend(loc="outside lower left", ncols=1)
        figures.save(figure, path)


def _draw_curve(axes: Axes, index: int, setting: Setting, params: Compare) -> None:
    """Mean of the longest curve of a setting, on top of those of worse ones."""
    look = figures.look(index)
    style: dict[str, Any] = {"color": look.colour, "linestyle": look.line, "linewidth": 2}
    curve = max((member.curve for member in setting.members), key=lambda each: each.labels[-1])
    label = f"{index + 1}  {setting.label}"
    axes.plot(curve.labels, curve.mean, label=label, zorder=3 - 0.001 * index, **style)
    if index < BANDS:
        generator = rng.generator(params.seed, "rank", "band", setting.members[0].strategy)
        low, high = statistics.mean_interval(
            curve.scores, params.confidence, params.n_resamples, generator
        )
        axes.fill_between(curve.labels, low, high, color=look.colour, alpha=0.12, linewidth=0)
