"""Label a table in rounds, and keep every label.

The commands work on the pipeline in rounds/, which `start` makes; docs/rounds.md shows how.
"""

import argparse
import importlib
import sys
from collections.abc import Sequence

from stages import command

# Modules of commands.labels. Each has a docstring, `add_arguments(parser)` and `main(options)`.
COMMANDS = {
    "start": "start",
    "page": "page",
    "round": "round",
    "status": "status",
    "check": "check",
    "recover": "recover",
    "retract": "retract",
    "forget": "forget",
    "import": "import_labels",
    "export": "export",
    "suggest": "suggest",
}


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line; the chosen command is ``options.main``."""
    parser = argparse.ArgumentParser(
        prog="python -m commands.labels",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, module_name in COMMANDS.items():
        module = importlib.import_module(f"commands.labels.{module_name}")
        summary = str(module.__doc__).partition("\n")[0]
        sub = commands.add_parser(
            name,
            help=summary,
            description=module.__doc__,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_arguments(sub)
        sub.set_defaults(main=module.main)
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; errors of the user are one line and exit status 1."""
    command.run(lambda options: options.main(options), lambda: parse(arguments))


if __name__ == "__main__":
    main(sys.argv[1:])
