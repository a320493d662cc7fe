"""Take back labels of one annotator."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""


def main(options: argparse.Namespace) -> None:
    """Run the command."""
    raise NotImplementedError
