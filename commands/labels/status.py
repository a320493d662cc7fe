"""Show who labelled how much, how good the model is, and what is left."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""


def main(options: argparse.Namespace) -> None:
    """Run the command."""
    raise NotImplementedError
