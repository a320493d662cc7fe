"""Suggest a strategy, from an experiment on a similar table."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""


def main(options: argparse.Namespace) -> None:
    """Run the command."""
    raise NotImplementedError
