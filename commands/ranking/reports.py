"""The ranking as text: a table for a terminal, Markdown, JSON; and the line to type."""

import json
import math
import re
import shlex
from collections.abc import Sequence
from pathlib import Path

from active_learning.base import files
from active_learning.evidence.comparison import CONTROL
from commands.gate.revisions import run
from commands.gate.verdicts import percent
from commands.ranking import candidates as of
from commands.ranking.candidates import Candidate
from commands.ranking.experiments import WORKSPACE
from commands.ranking.rows import Ranking, Row

VERDICTS = {"best": "best", "worse": "worse", "undecided": "cannot be told from it"}
MEASURES = {"aulc": "area under the learning curve", "final": "score at the end"}
PREFERRED = (WORKSPACE, "head", "experiment", "revision")
MOST_NAMES = 2  # in the answer; more are named by their rows
NUMBERS = (3, 4, 6)  # columns of the table that are aligned to the right


def title(ranking: Ranking) -> str:
    """What the ranking is of."""
    first, last = ranking.labels
    counts = sorted({len(row.values) for row in ranking.rows})
    return (
        f"{ranking.headline} over {first} to {last} labels ({MEASURES[ranking.measure]}), "
        f"mean of {' or '.join(map(str, counts))} repeats; params of {ranking.first} unless shown"
    )


def cells(ranking: Ranking) -> list[list[str]]:
    """Header, and a row for each setting."""
    interval = f"{percent(ranking.params.confidence)} interval"
    rows = [["", "setting", "of", "mean", "less the best", interval, "p (Holm)", ""]]
    for place, row in enumerate(ranking.rows, start=1):
        difference = "" if math.isnan(row.difference) else f"{row.difference:+.4f}"
        rows.append(
            [f"{place}", row.label, _sources(row), f"{row.mean:.4f}", difference, _interval(row),
             _p(row), VERDICTS[row.verdict]]
        )  # fmt: skip
    return rows


def _sources(row: Row, most: int = 3) -> str:
    more = len(row.sources) - most
    return ", ".join(row.sources[:most]) + (f" and {more} more" if more > 0 else "")


def _interval(row: Row) -> str:
    if math.isnan(row.low):
        return ""
    return f"{row.low:+.4f} to {row.high:+.4f}" + (" *" if row.unpaired_because else "")


def _p(row: Row) -> str:
    if row.verdict == "best":
        return ""
    return "not paired *" if row.unpaired_because else f"{row.p_holm:.2g}".replace("nan", "")


def notes(ranking: Ranking) -> list[str]:
    """What to know when reading the numbers."""
    found = []
    shortest = min(ranking.candidates, key=lambda each: int(each.curve.labels[-1]))
    ends = {(int(c.curve.labels[0]), int(c.curve.labels[-1])) for c in ranking.candidates}
    if len(ends) > 1:
        found.append(
            f"The curves cover different numbers of labels. Only {ranking.labels[0]} to "
            f"{ranking.labels[1]}, which all have, count; {shortest.experiment.name} ends first."
        )
    if any(" = " in row.label or "|" in row.label for row in ranking.rows):
        found.append("Settings with = or | between them have the same scores in every repeat.")
    if any(len(row.values) == 1 for row in ranking.rows):
        found.append("A single repeat has no interval: one run proves nothing.")
    unpaired = [row for row in ranking.rows if row.unpaired_because]
    if unpaired:
        found.append(
            f"* Not paired with the best: {unpaired[0].unpaired_because}. The interval is that of "
            f"two independent runs, at {100 * ranking.unpaired_level:.4g} % in place of a "
            "corrected p."
        )
    found += _other_code(ranking.candidates)
    return found


def _other_code(candidates: Sequence[Candidate]) -> list[str]:
    """Experiments whose code differs from that of the first, where both have the file."""
    first, found = candidates[0].experiment, {}
    for each in candidates[1:]:
        code = each.experiment.code
        paths = [path for path, md5 in code.items() if first.code.get(path, md5) != md5]
        if paths:
            found[each.experiment.name] = ", ".join(paths)
    return [
        f"{name} ran other code than {first.name} ({paths}): that is part of the difference."
        for name, paths in found.items()
    ]


def sentence(ranking: Ranking) -> str:
    """The answer in words."""
    parts = [f"{ranking.best.label} is best"]
    for verdict, one, many in (
        ("undecided", "cannot be told from it", "cannot be told from it"),
        ("worse", "is worse", "are worse"),
    ):
        rows = {f"{n}": row for n, row in enumerate(ranking.rows, 1) if row.verdict == verdict}
        if len(rows) > MOST_NAMES:
            parts.append(f"rows {_listed(list(rows))} {many}")
        elif rows:
            names = [row.label for row in rows.values()]
            parts.append(f"{_listed(names)} {one if len(names) == 1 else many}")
    return "; ".join(parts) + "."


def _listed(names: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


def command(ranking: Ranking) -> str:
    """The line to type to apply the best."""
    members = sorted(ranking.best.members, key=lambda each: PREFERRED.index(each.experiment.kind))
    member = members[0]
    experiment, name = member.experiment, shlex.quote(member.experiment.name)
    if experiment.kind == "experiment":
        return f"dvc exp apply {name}"
    # Where the workspace is listed it differs from HEAD.
    dirty = any(each.experiment.kind == WORKSPACE for each in ranking.candidates)
    if experiment.kind == WORKSPACE or (experiment.kind == "head" and not dirty):
        wanted = list(dict.fromkeys([member.strategy, CONTROL]))
        if set(member.metrics.evidence["strategies"]) <= set(wanted):
            return f"# nothing to apply: {experiment.name} is what you have"
        return f"dvc exp run -S 'query_loop.strategies=[{','.join(wanted)}]'"
    revision = str(experiment.revision)
    if run("git", "merge-base", "--is-ancestor", revision, "HEAD").returncode == 0:
        return f"git checkout {name} -- params.yaml && dvc repro"
    return f"git merge {name} && dvc repro"


def left_out(ranking: Ranking) -> list[str]:
    """A line for each experiment that is not ranked."""
    return [f"not ranked: {name} ({reason})" for name, reason in ranking.left_out.items()]


def terminal(ranking: Ranking, figure: Path) -> str:
    """Table for people, the answer in words, and last the line to type."""
    table = cells(ranking)
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    lines = [title(ranking), ""]
    for row in table:
        aligned = [
            cell.rjust(width) if column in NUMBERS else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(aligned).rstrip())
    lines += ["", *notes(ranking), *left_out(ranking), f"The learning curves: {figure}", ""]
    return "\n".join([*lines, sentence(ranking), command(ranking)])


def markdown(ranking: Ranking, figure: str) -> str:
    """The same as a page."""
    header, *rows = cells(ranking)
    return "\n".join(
        [
            f"### {sentence(ranking)}",
            "",
            f"{title(ranking)}.",
            "",
            _markdown_row(header),
            "| ---: | --- | --- | ---: | ---: | --- | ---: | --- |",
            *map(_markdown_row, rows),
            "",
            *(f"- {line}" for line in [*notes(ranking), *left_out(ranking)]),
            "",
            f"![Learning curves over each other]({figure})",
            "",
            "```sh",
            command(ranking),
            "```",
        ]
    )


def _markdown_row(row: Sequence[str]) -> str:
    return "| " + " | ".join(re.sub(r"[|*_]", r"\\\g<0>", cell) for cell in row) + " |"


def as_json(ranking: Ranking) -> str:
    """Everything, for machines."""
    value = {
        "headline": ranking.headline,
        "measure": ranking.measure,
        "labels": ranking.labels,
        "confidence": ranking.params.confidence,
        "answer": sentence(ranking),
        "command": command(ranking),
        "notes": notes(ranking),
        "not_ranked": ranking.left_out,
        "ranking": [_row(row, ranking) for row in ranking.rows],
    }
    return json.dumps(files.rounded(value), indent=2, ensure_ascii=False, allow_nan=False)


def _row(row: Row, ranking: Ranking) -> dict[str, object]:
    params = of.differing([member.experiment for member in ranking.candidates])
    return {
        "setting": row.label,
        "of": [
            {
                "experiment": member.experiment.name,
                "revision": member.experiment.revision,
                "strategy": member.strategy,
                "params": {
                    name: member.experiment.params[name]
                    for name in params
                    if name in member.experiment.params
                },
            }
            for member in row.members
        ],
        "mean": row.mean,
        "repeats": row.values,
        "difference": row.difference,
        "low": row.low,
        "high": row.high,
        "p_wilcoxon": row.p_wilcoxon,
        "p_holm": row.p_holm,
        "paired": row.unpaired_because is None,
        "verdict": row.verdict,
    }
