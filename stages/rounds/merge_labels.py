"""Read the labels of all annotators, refuse to go on if one is missing, and merge them."""

from active_learning.core.sentences import count
from active_learning.data import files
from active_learning.rounds.merge import annotator_table, conflict_table, merged_table, warnings
from stages import command
from stages.params.rounds import RoundsParams
from stages.paths import ANNOTATORS, CONFLICTS, EVENTS, MERGED
from stages.rounds.guard import refuse_missing
from stages.rounds.inputs import make_labelling
from stages.rounds.journal import Journal


def main(params: RoundsParams) -> None:
    """Read, check, merge and write."""
    journal = Journal.of_repository()
    journal.finish()
    refuse_missing(journal)
    log = journal.read()
    labelling = make_labelling(params, params.read_table(), log.events)
    files.write_table(MERGED, merged_table(labelling))
    files.write_table(CONFLICTS, conflict_table(labelling))
    files.write_table(ANNOTATORS, annotator_table(labelling))
    with files.replacing(EVENTS) as temporary:
        # DVC warns of empty files.
        temporary.write_bytes(b"".join(event.line() for event in log.events) or b"\n")
    print(
        f"{count(len(labelling.labels), 'row')} labelled, of them {len(labelling.training)} to "
        f"train on; "
        f"{count(len(log.events), 'event')} of "
        f"{count(len({event.by for event in log.events}), 'annotator')}"
    )
    for text in warnings(labelling, log):
        print(f"warning: {text}")


if __name__ == "__main__":
    command.stage(main, RoundsParams.read)
