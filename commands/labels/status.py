"""Show who labelled how much, how good the model is, and what is left."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from active_learning.rounds.labelling import Labelling
    from stages.params.rounds import RoundsParams


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare no argument."""


def main(options: argparse.Namespace) -> None:  # noqa: ARG001 - as every command
    """Read labels, queries and metrics, and print them in four parts."""
    from active_learning.rounds.merge import annotator_table, warnings
    from stages.params.rounds import RoundsParams
    from stages.rounds.guard import refuse_missing
    from stages.rounds.inputs import make_labelling
    from stages.rounds.journal import Journal

    params = RoundsParams.read()
    journal = Journal.of_repository()
    refuse_missing(journal)
    log = journal.read()
    labelling = make_labelling(params, params.read_table(), log.events)
    people = annotator_table(labelling)
    parts = [
        [next_step(labelling)],
        people.to_string(index=False, na_rep="–", float_format="{:.3g}".format).splitlines(),
        [*left(labelling, params), *agreement(labelling)],
        [*model(params), *(f"warning: {text}" for text in warnings(labelling, log))],
    ]
    print("\n\n".join("\n".join(lines) for lines in parts[: None if len(people) else 1]))


def next_step(labelling: Labelling) -> str:
    """State of the round, and the command that comes next."""
    from active_learning.core.sentences import count
    from stages.rounds.inputs import read_queries, unread_events

    queries = read_queries()
    if queries is None:
        return "No rows have been chosen yet. Next: make round"
    late = unread_events(labelling.events)
    behind = f" Newer than the model: {count(late, 'decision')}." if late else ""
    if not queries.rows:
        return f"No row is left to label.{behind}" + (" Next: make round" if late else "")
    n_open = len(queries.open(labelling.standing))
    if n_open:
        return (
            f"Round {queries.round}: {n_open} of {len(queries.rows)} rows to label.{behind} "
            "Next: make label NAME=..."
        )
    return f"Round {queries.round}: no row is open.{behind} Next: make round"


def left(labelling: Labelling, params: RoundsParams) -> Iterator[str]:
    """Rows without a decision, in the pool and in the hold-out."""
    n_rows = len(labelling.table.ids)
    holdout = labelling.holdout[: params.holdout.size]
    n_measured = sum(row in labelling.measured for row in holdout)
    yield f"{len(labelling.labels)} of {n_rows} rows have a label"
    yield f"hold-out: {n_measured} of {len(holdout)} rows are decided"
    first = next((n for n, row in enumerate(holdout) if row not in labelling.measured), None)
    if first is not None and first < n_measured:
        yield (
            f"The accuracy counts the first {first} of them: later ones wait for earlier rows that "
            "are new, changed, or not labelled yet."
        )


def agreement(labelling: Labelling) -> Iterator[str]:
    """Krippendorff's alpha on the hold-out, and Cohen's kappa of each two people."""
    from active_learning.rounds.agreement import cohen_kappas, krippendorff_alpha

    labels = labelling.holdout_labels
    n_shared = sum(len(of_row) > 1 for of_row in labels)
    if not n_shared:
        yield "agreement: measured once a second person labels rows of the hold-out"
        return
    alpha = krippendorff_alpha(labels)
    value = "undefined, since all labels are the same" if alpha is None else f"{alpha:.2f}"
    yield f"agreement on {n_shared} rows of the hold-out: Krippendorff's alpha {value}"
    for names, kappa in cohen_kappas(labels).items():
        yield f"  {' and '.join(names)}: Cohen's kappa " + (
            "–" if kappa is None else f"{kappa:.2f}"
        )


def model(params: RoundsParams) -> Iterator[str]:
    """Accuracy and advice to stop, of the last `make round`."""
    from active_learning.core.sentences import count
    from active_learning.data import files
    from active_learning.rounds.evaluation import advise
    from stages.paths import ROUNDS_CURVE, ROUNDS_SUMMARY
    from stages.rounds.evaluate import make_plan

    if not ROUNDS_SUMMARY.is_file():
        yield "accuracy: measured at the next make round with labels of the hold-out"
        return
    summary = files.read_json(ROUNDS_SUMMARY, "accuracy", "low", "high", "holdout")
    if summary["accuracy"] is None:
        yield "accuracy: measured at the next make round with labels of the hold-out"
    else:
        yield (
            f"accuracy {summary['accuracy']:.2f} ({summary['low']:.2f} to {summary['high']:.2f}) "
            f"on {count(summary['holdout'], 'row')} of the hold-out, trained on "
            f"{summary['labels']} labels"
        )
    curve, stopping = files.read_table(ROUNDS_CURVE), params.stopping
    with files.reading(ROUNDS_CURVE):
        reasons = advise(curve, make_plan(params), width=stopping.width, budget=stopping.budget)
    yield from (f"stop? {reason}" for reason in reasons)
