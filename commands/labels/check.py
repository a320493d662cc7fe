"""Fail if labels that were given are missing from rounds/labels.

The files must hold every label that is in HEAD or in a commit behind it, and every label that was
given in this clone. What only another branch has is no error.
"""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments: there are none."""


def main(options: argparse.Namespace) -> None:  # noqa: ARG001 - as every command is called
    """Check and say how many labels there are."""
    from active_learning.core.sentences import count
    from stages.rounds import guard
    from stages.rounds.journal import Journal

    journal = Journal.of_repository()
    journal.finish()
    elsewhere = guard.refuse_missing(journal).elsewhere
    log = journal.read()
    print(f"{count(len(log.events), 'event')} in {journal.labels}; none is missing.")
    if elsewhere:
        others = count(len(elsewhere), "event")
        print(f"note: {others} given in this clone, on other branches or worktrees only.")
    for file, n in log.torn.items():
        print(
            f"note: {journal.labels / file} has {count(n, 'line')} cut short before it was saved."
        )
