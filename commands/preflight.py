"""Check what DVC cannot explain, before it runs: params.yaml, and whether git knows the table."""

import sys
from contextlib import suppress
from pathlib import Path

from active_learning.data.sources.table import Table
from stages import command, git
from stages.params import Params


def untracked(path: Path) -> bool:
    """Whether a file lies in the repository but neither git nor, by a .dvc file, DVC tracks it."""
    files = [str(path), *(f"{part}.dvc" for part in [path, *path.parents[:-1]])]
    return path.exists() and not git.git("ls-files", "--", *files)


def main(params: Params) -> None:
    """Refuse invalid params; print a note about a table that experiments in a copy would lack."""
    table = params.generate.plugin
    with suppress(git.GitError, FileNotFoundError):  # no repository, a path outside it, or no git
        if isinstance(table, Table) and untracked(Path(table.path)):
            print(
                f"note: git does not track {table.path}, so `dvc exp run --temp` and the queue, "
                f"which work in copies, lack it: git add {table.path}, or dvc add a large one.",
                file=sys.stderr,
            )


if __name__ == "__main__":
    command.run(main, Params.read)
