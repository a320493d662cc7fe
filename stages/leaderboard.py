"""Compare the strategies in every cell of the benchmark, and over its data sets."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from active_learning.base import command, config, files
from active_learning.base.errors import ParamsError
from active_learning.benchmark import leaderboard
from active_learning.evidence.comparison import Comparison
from stages import benchmark, loops

METRICS = Path("metrics")

Share = Annotated[float, Field(gt=0, lt=1)]


class Leaderboard(config.Section):
    """How the strategies are judged."""

    control: Annotated[str, config.PluginName("strategies")]
    """Strategy that the others are compared with."""

    seed: config.Seed
    """Seed of the bootstrap."""

    confidence: Share
    """Confidence of the intervals; a test is significant below 1 − confidence."""

    power: Share
    """Chance with which a difference would be seen."""

    difference: Annotated[float, Field(gt=0)]
    """Difference in the headline score for which the repeats to see it are counted."""

    n_resamples: Annotated[int, Field(ge=100)]
    """Bootstrap samples."""


def compared(cells: benchmark.Benchmark, params: Leaderboard) -> leaderboard.Cells:
    """Comparison of the strategies in every cell."""
    if params.control not in cells.strategies:
        raise ParamsError(
            f"{config.PARAMS}: leaderboard.control must be one of strategies; "
            f"got {params.control!r}."
        )
    if cells.strategies == [params.control]:
        raise ParamsError(
            f"{config.PARAMS}: strategies must name another one beside leaderboard.control; "
            f"got {params.control!r} only."
        )
    options: dict[str, Any] = params.model_dump()
    return {
        (dataset, learner): Comparison(
            **loops.read(benchmark.folder(dataset, learner), cells.strategies),
            targets=[],
            **options,
        )
        for dataset, learner in cells.cells()
    }


def main() -> None:
    """Read every cell, compare, write the leaderboard and say what came out."""
    params = config.load(Leaderboard, "leaderboard")
    cells = compared(benchmark.read_benchmark(), params)
    board = files.rounded(leaderboard.leaderboard(cells))
    files.write_json(METRICS / "leaderboard.json", board)
    files.write_table(METRICS / "scores.csv", leaderboard.score_table(board))
    files.write_table(METRICS / "curves.csv", leaderboard.curve_table(cells))
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
    command.run(main)
