"""Write the report of the benchmark: one page of HTML that needs nothing else."""

from pathlib import Path

from active_learning.analysis import page
from active_learning.analysis.benchmark import sections
from active_learning.analysis.benchmark.agreement import agreement
from active_learning.data import files
from stages import command, paths
from stages.params import benchmark
from stages.params.benchmark import Published
from stages.params.config import read_mapping, validate


def main(params: benchmark.BenchmarkParams) -> None:
    """Read what the other stages wrote, and write the page."""
    board = files.read_json(paths.LEADERBOARD, "cells", "learners", "strategies")
    path = Path(params.report.published)
    values = read_mapping(path)
    published = validate(Published, values, "", path) if values else None
    compared = agreement(board["cells"], published.model_dump()) if published else []
    content = sections.content(
        board,
        files.read_table(paths.CURVES),
        files.read_table(paths.COMPATIBILITY),
        compared,
        published.source if published else "",
    )
    with files.replacing(paths.REPORT) as temporary:
        html = page.render("benchmark.html.j2", title=params.report.title, **content)
        temporary.write_text(html, encoding="utf-8")
    for row in compared:
        words = "agrees" if row["agrees"] else "disagrees"
        print(
            f"{row['dataset']}, {row['published_as']}: {row['ours']:.4f} here, "
            f"{row['theirs']:.4f} published, {row['difference']:+.4f}: {words}"
        )
    print(paths.REPORT)


if __name__ == "__main__":
    command.stage(main, benchmark.read)
