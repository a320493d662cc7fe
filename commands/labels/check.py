"""Fail if labels that were given are missing from rounds/labels."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""


def main(options: argparse.Namespace) -> None:
    """Run the command."""
    raise NotImplementedError
