"""The page of an experiment: what came out, in one file that needs nothing else."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pandas as pd
import pyarrow as pa
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pyarrow.parquet import ParquetFile

from active_learning.analysis import experiment_page, page
from active_learning.analysis.experiment_page import N_COLUMNS, N_ROWS
from active_learning.analysis.figures import inline_svg
from active_learning.core.sentences import unconverged
from active_learning.data import checks, files, splits
from active_learning.data.dataset import Dataset
from stages import paths
from stages.params import Params
from stages.params.changed import changed

Draw = Callable[[Axes], None]
SIZE = (5.6, 3.7)  # inches, whatever the size of the figures in files; readable on a phone


def render(params: Params, comparison: Mapping[str, Any], drawn: Mapping[str, Draw]) -> str:
    """Read what it shows, and return it as HTML.

    Parameters
    ----------
    params : Params
    comparison : dict
        As ``compare`` wrote it.
    drawn : dict of str to callable
        Functions that draw a figure on axes, by name.
    """
    card = files.read_json(paths.CARD, "checks", "classes", "features", "roles", "rows", "target")
    used = files.read_json(paths.USED, "batch_size", "changed", "learner")
    names = [name for name, row in comparison["strategies"].items() if not row["same_as"]]
    content = experiment_page.content(
        comparison,
        learner=used["learner"],
        batch_size=used["batch_size"],
        stops=files.read_json(paths.STOPPING, "strategies", "headline", "binding"),
        first=first_queries(names, card),
        card=card,
        split_problems=list(split_problems(card)),
        fit_problems=list(fit_problems(names)),
        changes=changed(params, "generate", "compare", "plot") | used["changed"],
        figures={name: inline_svg(_on_axes, draw) for name, draw in drawn.items()},
    )
    title = params.plot.title or f"Active learning on {params.generate.plugin.label}"
    return page.render("experiment.html.j2", title=title, **content)


def split_problems(card: Mapping[str, Any]) -> Iterator[str]:
    """What the checks of the splits say, unless they are off."""
    if card["checks"] is not None:
        data, table = Dataset.load(paths.RAW), files.read_table(paths.SPLITS)
        duplicates = "duplicate_rows" in card["checks"]
        with files.reading(paths.SPLITS):
            repeats = splits.from_table(table)
            yield from checks.split_problems(data, repeats, duplicates=duplicates)


def fit_problems(strategies: list[str]) -> Iterator[str]:
    """Of which strategies some fits did not converge."""
    for name in strategies:
        curves = files.read_table(paths.loop(name) / "curves.parquet", ["converged"])
        if missed := unconverged(curves["converged"]):
            yield f"{name}: {missed}"


def _on_axes(figure: Figure, draw: Draw) -> None:
    figure.set_size_inches(SIZE)
    draw(figure.subplots())


def first_queries(strategies: list[str], card: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """The rows that each strategy queried first in the first repeat, with their content."""
    queries = {}
    for name in strategies:
        path = paths.loop(name) / "queries.parquet"
        table = files.read_table(path, ["repeat", "step", "row", "informativeness", "answer"])
        queries[name] = table[table["repeat"] == 0].head(N_ROWS)
    rows = sorted({row for table in queries.values() for row in table["row"]})
    content = _read_rows(rows, card)
    return {name: _with_content(table, content) for name, table in queries.items()}


def _with_content(table: pd.DataFrame, content: pd.DataFrame) -> pd.DataFrame:
    rows = content.loc[table["row"]].reset_index(drop=True)
    shown = table[["row", "answer", "informativeness"]].reset_index(drop=True)
    return pd.concat([shown, rows], axis=1)


def _read_rows(rows: list[int], card: Mapping[str, Any]) -> pd.DataFrame:
    """The id and the first features of some rows, by row."""
    with files.reading(paths.TABLE), paths.TABLE.open("rb") as file:
        table = ParquetFile(file)
        names = table.schema_arrow.names
        others = {card["target"], *card["roles"].values()}
        ids = [card["roles"][role] for role in ("id",) if role in card["roles"]]
        columns = [*ids, *[name for name in names if name not in others][:N_COLUMNS]]
        read = (
            table.read(columns=columns, use_threads=False)
            .select(columns)
            .take(pa.array(rows, pa.int64()))
        )
    frame: pd.DataFrame = read.to_pandas()
    return frame.set_axis(rows)
