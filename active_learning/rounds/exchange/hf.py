"""Labels as a folder that Hugging Face's ``datasets`` loads: Parquet files and a card."""

import io
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from active_learning.core.errors import DataError
from active_learning.rounds.exchange.records import COLUMNS, to_records
from active_learning.rounds.labelling import Labelling

if TYPE_CHECKING:
    import pyarrow as pa

TRAIN = "data/train-00000-of-00001.parquet"
TEST = "data/test-00000-of-00001.parquet"
DECISIONS = "decisions/train-00000-of-00001.parquet"
CARD = "README.md"
SPLITS = {"train": TRAIN, "test": TEST}


def export_dataset(labelling: Labelling) -> dict[str, bytes]:
    """Files of a data set, by their path in its folder; the hold-out is the split ``test``.

    Raises
    ------
    DataError
        If no row has a label.
    """
    import pyarrow as pa

    rows = pa.Table.from_pandas(_labelled(labelling), preserve_index=False)
    if not rows.num_rows:
        raise DataError("a data set must have a row with a label; got none.")
    held_out = [row in labelling.holdout_rows for row in rows["row"].to_pylist()]
    splits = {"train": rows.filter([not test for test in held_out]), "test": rows.filter(held_out)}
    types = {
        **dict.fromkeys(["counts", "holdout", "shown"], pa.bool_()),
        **dict.fromkeys(["v", "round", "rank"], pa.int64()),
        **dict.fromkeys(["seconds", "p"], pa.float64()),
    }
    schema = pa.schema([(name, types.get(name, pa.string())) for name in COLUMNS])
    decisions = pa.Table.from_pylist(to_records(labelling), schema)
    # datasets cannot read a file without rows.
    files = {SPLITS[name]: part for name, part in splits.items() if part.num_rows}
    files[DECISIONS] = decisions
    return {
        CARD: _card(splits, labelling).encode(),
        **{path: _parquet(part) for path, part in files.items()},
    }


def _labelled(labelling: Labelling) -> pd.DataFrame:
    """Rows of the table with a label, and what is known of the label."""
    table, votes = labelling.table, labelling.votes
    rows = [row for row in votes if votes[row].label is not None]
    ours = pd.DataFrame(
        {
            "row": rows,
            "label": [votes[row].label for row in rows],
            "annotators": [sorted(votes[row].labels) for row in rows],
            "n_labels": [len(votes[row].labels) for row in rows],
            "n_agree": [
                list(votes[row].labels.values()).count(str(votes[row].label)) for row in rows
            ],
            "round": [
                min(labelling.decisions[row, by].round for by in votes[row].labels) for row in rows
            ],
        }
    )
    positions = [table.positions[row] for row in rows]
    theirs = {
        _rename(str(name), [*map(str, ours)], [*map(str, table.strings)]): (
            table.features if name in table.features else table.strings
        )[name]
        .iloc[positions]
        .reset_index(drop=True)
        for name in table.strings
    }
    return pd.concat([pd.DataFrame(theirs), ours], axis=1)


def _rename(name: str, ours: Sequence[str], theirs: Sequence[str]) -> str:
    """Name of a column of the table: another one if a column of ours has it."""
    if name in ours:
        while name in {*ours, *theirs}:
            name = f"table_{name}"
    return name


def _parquet(table: "pa.Table") -> bytes:
    from pyarrow import parquet

    buffer = io.BytesIO()
    parquet.write_table(table, buffer)
    return buffer.getvalue()


def _card(splits: Mapping[str, "pa.Table"], labelling: Labelling) -> str:
    table = labelling.table
    texts = [name for name in table.shown if name != table.image]
    kind = "image" if table.image else "text" if len(texts) == 1 else "tabular"
    named = [
        f"  - split: {name}\n    path: {SPLITS[name]}"
        for name, part in splits.items()
        if part.num_rows
    ]
    counts = {name: Counter(part["label"].to_pylist()) for name, part in splits.items()}
    lines = [
        f"| {_escape(name)} | {counts['train'][name]} | {counts['test'][name]} |"
        for name in labelling.classes.names
    ]
    images = " Images are given by their path and are not included." if table.image else ""
    return f"""---
task_categories:
- {kind}-classification
configs:
- config_name: default
  data_files:
{chr(10).join(named)}
- config_name: decisions
  data_files:
  - split: train
    path: {DECISIONS}
---

# Labels

{sum(part.num_rows for part in splits.values())} rows that people labelled. `test` is the hold-out,
whose rows no model has chosen. Most rows of `train` were chosen by active learning and are no
random sample.

| class | train | test |
| --- | ---: | ---: |
{chr(10).join(lines)}

`row` is the id of a row, `label` the label of the majority, `annotators` lists who gave a label,
`n_labels` is how many did, `n_agree` how many gave this one, and `round` the first round with a
label. The other columns are those of the table.{images}

The configuration `decisions` has what everyone said, and when: labels, skips, unsure, notes, and
what was taken back; `counts` says whether it is what the person says now.

No licence is stated here; add the one under which the data may be used.
"""


def _escape(name: str) -> str:
    """Text in a cell of a Markdown table."""
    return " ".join(name.split()).replace("\\", "\\\\").replace("|", "\\|")
