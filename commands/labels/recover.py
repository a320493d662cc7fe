"""Restore labels that are missing from rounds/labels.

They are searched for in the second copies, all commits, stashes, experiments and the reflog, and in
what git has not yet removed. What is in the files stays. A file with lines that are no labels, such
as the markers of a merge conflict, is copied before these lines are taken out.
"""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments: there are none."""


def main(options: argparse.Namespace) -> None:  # noqa: ARG001 - as every command is called
    """Recover and say what came from where."""
    from active_learning.core.sentences import count
    from stages.rounds import guard
    from stages.rounds.journal import Journal

    journal = Journal.of_repository()
    recovery = guard.recover(journal)
    for file, copy in recovery.set_aside.items():
        print(f"{journal.labels / file}: damaged lines removed; the original is {copy}")
    for (annotator, source), n in sorted(recovery.n_events.items()):
        print(f"{annotator}: {count(n, 'event')} from {source}")
    guard.refuse_missing(journal)
    n_all, n_back = len(journal.read().events), sum(recovery.n_events.values())
    print(f"{n_back or 'Nothing'} brought back; {journal.labels} has {count(n_all, 'event')}.")
