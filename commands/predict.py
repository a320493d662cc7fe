"""Label another table with the model of the rounds.

Writes its rows with the columns `label`, `p` (the model's probability of that label) and `ask`:
true where p is low, so that a person should look at it.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from active_learning.core.errors import DataError, ParamsError, UserError, located
from active_learning.core.prediction import Prediction
from active_learning.data import files
from active_learning.data.columns import TEXTS
from active_learning.data.csv_format import Csv
from active_learning.data.read import is_csv, read_file, read_strings
from active_learning.models.task import significant
from stages import command
from stages.params.rounds import RoundsParams
from stages.params.rounds import Table as RoundsTable
from stages.paths import MODEL


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m commands.predict",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    ask = "a person should look at rows with a probability below this (default: 0.7)"
    parser.add_argument("table", help="file with the columns of the rounds' table")
    parser.add_argument("--out", required=True, type=Path, help="file to write, .csv or .parquet")
    parser.add_argument("--ask-below", metavar="P", type=float, default=0.7, help=ask)
    before = "put before the names of the three columns (default: nothing)"
    parser.add_argument("--prefix", metavar="TEXT", default="", help=before)
    parser.add_argument(
        "--model", metavar="FILE", type=Path, default=MODEL, help=f"default: {MODEL}"
    )
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    """Read model and table, predict, and write."""
    from stages.rounds import model_file

    options = parse(arguments)
    if options.out.suffix not in {".csv", ".parquet"}:
        raise ParamsError(f"--out must end in .csv or .parquet; got {str(options.out)!r}.")
    params = RoundsParams.read()
    if not options.model.is_file():
        raise UserError(
            f"{options.model} is missing: run `make round`, or `dvc pull` if there is a DVC remote."
        )
    model = model_file.load(options.model)
    if model is None:
        raise UserError(f"{options.model} has no model yet: it needs labels of two classes.")
    names = [options.prefix + name for name in ("label", "p", "ask")]
    texts = [name for name, kind in model[0].kinds.items() if kind in TEXTS]
    table, written = _read(options.table, params.table, texts, names)
    with located(data=f"{options.table}: "):
        prediction = Prediction(model, table, model.classes_)
        labels, probabilities = prediction.labels, prediction.probabilities
    p = significant(probabilities[range(len(labels)), labels])
    ask = [value < options.ask_below for value in p]
    columns = (model.classes_[labels], p, ask)
    written = written.assign(**dict(zip(names, columns, strict=True)))
    with files.replacing(options.out) as temporary:
        if options.out.suffix == ".csv":
            arrays_as_lists(written).to_csv(temporary, index=False, lineterminator="\n")
        else:
            written.to_parquet(temporary, index=False)
    print(f"{options.out}: {len(p)} rows, {sum(ask)} of them with p below {options.ask_below:g}")


def arrays_as_lists(table: pd.DataFrame) -> pd.DataFrame:
    """The table with lists for arrays, which a CSV would cut short."""
    objects = [name for name in table if table[name].dtype == object]
    return table.assign(**{str(name): table[name].map(_as_list) for name in objects})


def _as_list(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray) else value


def _read(
    path: str, rounds: RoundsTable, texts: list[str], names: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The table as the model takes it, and as it is written: a CSV keeps its characters."""
    with located(f"{path}: "):
        csv = rounds.csv if is_csv(rounds.path) else Csv()
        table = read_file(path, rounds.missing, texts, csv, sheet=rounds.sheet)
        written = read_strings(path, csv) if is_csv(path) else table.reset_index(drop=True)
    if table.empty:
        raise DataError(f"{path} must have at least one row; got none.")
    if taken := [name for name in names if name in table]:
        raise DataError(
            f"{path} must have no column {taken[0]!r}, which is written; --prefix new_ gives it "
            "another name."
        )
    return table, written


if __name__ == "__main__":
    command.run(lambda: main(sys.argv[1:]))
