"""Compare the strategies in every cell of the benchmark, and over its data sets."""

from typing import Any

from active_learning.analysis.benchmark import leaderboard
from active_learning.analysis.comparison import Comparison
from active_learning.core.errors import ParamsError
from active_learning.data import files
from stages import command, paths, results
from stages.params import benchmark
from stages.params.config import PARAMS


def compare(cells: benchmark.Benchmark, params: benchmark.Leaderboard) -> leaderboard.Cells:
    """Comparison of the strategies in every cell."""
    if params.control not in cells.strategies:
        raise ParamsError(
            f"{PARAMS}: leaderboard.control must be one of strategies; got {params.control!r}."
        )
    if cells.strategies == [params.control]:
        raise ParamsError(
            f"{PARAMS}: strategies must name another one beside leaderboard.control; "
            f"got {params.control!r} only."
        )
    options: dict[str, Any] = params.model_dump()
    return {
        (dataset, learner): Comparison(
            **results.read(benchmark.folder(dataset, learner), cells.strategies),
            targets=[],
            **options,
        )
        for dataset, learner in cells.cells()
    }


def main(params: benchmark.BenchmarkParams) -> None:
    """Read every cell, compare, write the leaderboard and say what came out."""
    cells = compare(params.benchmark, params.leaderboard)
    board = files.rounded(leaderboard.leaderboard(cells))
    files.write_json(paths.LEADERBOARD, board)
    files.write_table(paths.CURVES, leaderboard.curve_table(cells))
    for learner, together in board["learners"].items():
        print(f"{learner}, {together['n_datasets']} data sets:")
        for name, rank in together["average_ranks"].items():
            line = f"  {name}: average rank {rank:.2f}"
            if name != board["control"]:
                counts = together["against_control"][name]
                line += (
                    f", better than {board['control']} on {counts['better']}, "
                    f"undecided on {counts['undecided']}, worse on {counts['worse']}"
                )
            print(line)


if __name__ == "__main__":
    command.stage(main, benchmark.read)
