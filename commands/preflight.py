"""Check what DVC cannot explain, before it runs: params.yaml, the git repository, and the table.

Params that are in order are remembered: `make repro` checks them again only if they changed.
"""

import sys
from contextlib import suppress
from pathlib import Path

from active_learning.core.errors import ArtifactError, ParamsError, nearest
from active_learning.data import files
from active_learning.data.sources.table import Table
from stages import command, git
from stages.params import Params
from stages.params.config import PARAMS

CHECKED = Path(".al_cache/checked.yaml")


def tracked(path: Path) -> bool:
    """Whether git or, by a .dvc file, DVC tracks a file in the repository."""
    names = [str(path), *(f"{part}.dvc" for part in [path, *path.parents[:-1]])]
    return bool(git.git("ls-files", "--", *names))


def main(params: Params) -> None:
    """Refuse to run in no repository or without a table; note a table that copies would lack."""
    table = params.generate.plugin
    try:
        git.line("rev-parse", "--git-dir")
        in_copies = not isinstance(table, Table) or tracked(Path(table.path))
    except git.NoRepositoryError:
        raise
    except git.GitError:  # a path outside the repository, or no git, which DVC can do without
        return
    if in_copies:
        with suppress(ArtifactError), files.replacing(CHECKED) as temporary:
            temporary.write_bytes(PARAMS.read_bytes())
    elif not Path(table.path).exists():
        near = nearest(table.path, (path.as_posix() for path in Path(table.path).parent.glob("*")))
        hint = f"; did you mean {near!r}?" if near else "."
        raise ParamsError(f"params.yaml: generate.table.path: no file {table.path!r}{hint}")
    else:
        print(
            f"note: git does not track {table.path}, so `dvc exp run --temp` and the queue, "
            f"which work in copies, lack it: git add {table.path}, or dvc add a large one.",
            file=sys.stderr,
        )


if __name__ == "__main__":
    command.stage(main, Params.read)
