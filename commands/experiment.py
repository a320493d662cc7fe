"""Run a DVC experiment: ``make experiment SET="query_loop.budget=40 split.seed=7" NAME=budget-40``.

SET and NAME come from the environment, since a CI takes them from a form: no shell and no make may
read them as anything but text. Here they are split into words, checked, and given to DVC one by
one. The report goes to ``report/experiment.md``.
"""

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from active_learning.core.errors import ParamsError, UserError
from active_learning.data import files
from stages import command, git
from stages.params import Params
from stages.params.config import PARAMS, read_mapping

REPORT = Path("report/experiment.md")
# A dotted name and a value. DVC would also take `file:name=value`, which can rewrite dvc.yaml, and
# `${...}`, which can read a secret from the environment.
OVERRIDE = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*=[^$\n]*")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")


def overrides(text: str) -> list[str]:
    """Split what was typed into ``name=value`` words; quotes hold a word with spaces together."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise UserError(f"SET cannot be split into words: {error}; got {text!r}.") from None
    if not words:
        raise UserError('SET must name what to change, as in SET="query_loop.budget=40".')
    for word in words:
        if not OVERRIDE.fullmatch(word):
            raise UserError(f"SET must be words like split.seed=7, without $; got {word!r}.")
    return words


def experiment_name(text: str) -> str:
    """Check a name; an empty one lets DVC choose."""
    if text and not NAME.fullmatch(text):
        raise UserError(f"NAME must be up to 100 letters, digits, - and _; got {text!r}.")
    return text


def setting(word: str) -> str:
    """Word for DVC that may add a key, such as a class's cost; ``check`` finds those unknown."""
    return f"++{word}"


def check(words: list[str]) -> None:
    """Check what params.yaml would become: a mistake shows now, not in the last stage."""
    from dvc.exceptions import InvalidArgumentError
    from dvc.utils.hydra import (  # what `dvc exp run --set-param` does itself
        apply_overrides,
        to_hydra_overrides,
    )
    from hydra.errors import HydraException

    read_mapping(PARAMS)  # of a file that it cannot read, DVC gives a traceback
    with tempfile.TemporaryDirectory() as folder:
        changed = Path(shutil.copy2(PARAMS, folder))
        try:
            for override in to_hydra_overrides(words):
                if override.is_sweep_override():
                    raise UserError(f"SET must be single values; got {override.input_line!r}.")
            apply_overrides(changed, list(map(setting, words)))
            Params.read(changed)
        except (InvalidArgumentError, HydraException) as error:
            reason = str(error.__cause__ or error).splitlines()[0].replace("++", "")
            raise UserError(f"SET: {reason}") from None
        except ParamsError as error:
            raise UserError(str(error).replace(str(changed), str(PARAMS))) from None


def output(*words: str) -> str:
    """Run a command and give what it prints; its errors go to the terminal."""
    done = subprocess.run(
        words, env=git.environment(), stdout=subprocess.PIPE, encoding="utf-8", check=True
    )
    return done.stdout.strip()


def report(name: str, commit: str, words: list[str]) -> str:
    """Compare the workspace with the commit that the experiment started from."""
    parts = [
        f"# Experiment {name}".rstrip(),
        f"Changed from {commit[:7]}:",
        "\n".join(f"    {word}" for word in words),
        "## Params",
        output("dvc", "params", "diff", "--md") or "No difference.",
        "## Metrics",
        output("dvc", "metrics", "diff", "--md") or "No difference.",
    ]
    return "\n\n".join(parts) + "\n"


def main() -> None:
    """Run the experiment in the workspace and report on it."""
    argparse.ArgumentParser(
        prog="python -m commands.experiment",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    ).parse_args()
    words = overrides(os.environ.get("SET", ""))
    name = experiment_name(os.environ.get("NAME", ""))
    check(words)
    commit = git.head()
    named = [f"--name={name}"] if name else []
    # `--set-param=...` in one word, so that none can pass for an option.
    run = ["dvc", "exp", "run", *named, *(f"--set-param={setting(word)}" for word in words)]
    try:
        subprocess.run(run, env=git.environment(), check=True)
        text = report(name, commit, words)
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)
    with files.replacing(REPORT) as temporary:
        temporary.write_text(text, encoding="utf-8")
    print(REPORT)


if __name__ == "__main__":
    command.run(main)
