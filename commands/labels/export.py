"""Write all labels for other tools: CSV, Label Studio, Hugging Face.

Every format says who decided what and when, also of rows that were skipped. `python -m
commands.labels import` reads CSV and Label Studio's JSON; importing an export adds nothing.
"""

import argparse
from collections.abc import Mapping
from pathlib import Path

from active_learning.core.errors import ParamsError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--csv",
        type=Path,
        metavar="FILE",
        help="one line for each decision; `counts` is true for those that hold now",
    )
    parser.add_argument(
        "--label-studio",
        type=Path,
        metavar="FILE.json",
        help="tasks for its import, of rows with labels and rows to label; FILE.xml has the "
        "labelling interface",
    )
    parser.add_argument(
        "--hf",
        type=Path,
        metavar="FOLDER",
        help="rows with a label as Parquet, the hold-out as the split `test`, and a card",
    )


def main(options: argparse.Namespace) -> None:
    """Run the command."""
    from active_learning.core.sentences import count
    from active_learning.rounds.exchange.csv_file import export_csv
    from active_learning.rounds.exchange.hf import SPLITS, export_dataset
    from active_learning.rounds.exchange.label_studio import export_tasks, labelling_config
    from stages.params.rounds import RoundsParams
    from stages.rounds.guard import refuse_missing
    from stages.rounds.inputs import make_labelling, read_queries
    from stages.rounds.journal import Journal

    if not (options.csv or options.label_studio or options.hf):
        raise ParamsError("export must be told what to write: --csv, --label-studio or --hf.")
    params = RoundsParams.read()
    journal = Journal.of_repository()
    refuse_missing(journal)
    events = journal.read().events
    labelling = make_labelling(params, params.read_table(), events)
    files: dict[Path, bytes] = {}
    if options.csv:
        files[options.csv] = export_csv(labelling)
    if options.label_studio:
        folder = params.table.image_folder
        files[options.label_studio] = export_tasks(labelling, read_queries(), folder)
        config = labelling_config(labelling.table, labelling.classes)
        files[options.label_studio.with_suffix(".xml")] = config.encode()
    if options.hf:
        data_set = export_dataset(labelling)
        files |= {options.hf / name: content for name, content in data_set.items()}
        for name in set(SPLITS.values()) - data_set.keys():  # of an earlier export
            (options.hf / name).unlink(missing_ok=True)
    _write(files)
    n_rows = len({event.row for event in events})
    print(f"{count(len(events), 'decision')} on {count(n_rows, 'row')}.")


def _write(files: Mapping[Path, bytes]) -> None:
    from active_learning.data.files import replacing

    for path, content in files.items():
        with replacing(path) as temporary:
            temporary.write_bytes(content)
        print(f"Wrote {path}")
