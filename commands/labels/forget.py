"""Forget one annotator: it is no error that their labels are missing.

Adds the name to rounds/forgotten.txt, which is to be committed, and deletes the second copy of the
labels in this clone. The file in rounds/labels and git's history stay as they are; docs/rounds.md
says how to remove labels from these.
"""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("name", metavar="NAME", help="annotator")


def main(options: argparse.Namespace) -> None:
    """Forget the annotator."""
    from active_learning.core.errors import ParamsError, unknown
    from stages import paths
    from stages.rounds.journal import Journal

    journal = Journal.of_repository()
    files, copies = journal.both()
    names = {file.removesuffix(".jsonl") for file in {*files, *copies}} | journal.forgotten()
    if options.name not in names:
        raise ParamsError(f"NAME: {unknown('annotator', options.name, names)}")
    journal.forget(options.name)
    file = journal.labels / f"{options.name}.jsonl"
    print(f"{paths.FORGOTTEN} lists {options.name}; commit it. The second copy is deleted.")
    if file.exists():
        print(f"To leave out the labels: git rm {file}. They stay in the history of git.")
