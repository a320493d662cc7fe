"""Run a stage as a command: user errors are one line on stderr and exit status 1.

Interrupts (Ctrl-C) and SIGTERM are one line too, with the usual exit status. A terminal that cannot
show a character, or is gone, is no error.
"""

import argparse
import errno
import gc
import io
import os
import re
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from active_learning.core.errors import UnreadableError, UserError
from stages import INTERRUPTED, paths


def stage(
    main: Callable[..., None], read: Callable[[], Any], *names: str, stale: Path | None = None
) -> None:
    """Run a stage; ``--help`` shows what it does, and arguments are refused unless it has names.

    Parameters
    ----------
    main : callable
        Takes what ``read`` returns.
    read : callable
    *names : str
        Names of the arguments in the help; the last may occur any number of times.
    stale : Path, optional
        Output of a later stage, which stays as it was if this one fails.
    """
    module = sys.modules["__main__"]
    name = module.__spec__.name if module.__spec__ else Path(sys.argv[0]).stem
    parser = argparse.ArgumentParser(prog=f"python -m {name}", description=module.__doc__)
    if names:
        parser.add_argument("names", nargs="*", metavar=" ".join(names))
    parser.parse_args()
    try:
        run(main, read)
    except BaseException:
        if stale and stale.exists():
            print(f"{stale} is still that of the run before.", file=sys.stderr)
        raise


def run(main: Callable[..., None], *readers: Callable[[], Any]) -> None:
    """Run a stage with the results of the readers; unexpected errors keep their traceback."""
    _tolerate_output()
    before = signal.signal(signal.SIGTERM, _terminate)
    try:
        main(*(read() for read in readers))
    except UserError as error:
        message, status = f"error: {error}{_remedy(error)}", 1
    except KeyboardInterrupt as interrupt:
        (number,) = interrupt.args or (signal.SIGINT,)
        message, status = INTERRUPTED, 128 + number
    else:
        gc.freeze()  # else the interpreter visits every object at its end, for 0.3 s
        return
    finally:
        signal.signal(signal.SIGTERM, before)
    # Outside the handler, where the error no longer keeps worker processes alive.
    print(message, file=sys.stderr)
    sys.exit(status)


def _tolerate_output() -> None:
    """Let no print fail: escape what the encoding lacks, drop what nobody reads any more."""
    for name, number in (("stdout", 1), ("stderr", 2)):
        stream = getattr(sys, name)
        if stream is None:  # closed before Python started
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115
        elif stream is getattr(sys, f"__{name}__"):
            stream.flush()
            output = io.BufferedWriter(_Output(number, "w", closefd=False))
            tolerant = io.TextIOWrapper(
                output, stream.encoding, "backslashreplace", line_buffering=stream.line_buffering
            )
            setattr(sys, name, tolerant)


class _Output(io.FileIO):
    """Standard output or error; drops what is written once the pipe or the terminal is gone."""

    def write(self, data: Any) -> Any:
        """Write bytes; returns their number."""
        try:
            return super().write(data)
        except OSError as error:
            if error.errno not in {errno.EPIPE, errno.EIO}:
                raise
            return memoryview(data).nbytes


def _remedy(error: UserError) -> str:
    """What to do about it, where that is a command."""
    if isinstance(error, UnreadableError):
        of_rounds = str(error).startswith(f"{paths.ROUNDS}/")
        return " Run `make round`." if of_rounds else " Run `dvc repro`."
    if re.search(r"No module named '(?!active_learning)|is not installed", str(error)):
        return " `make extras` installs the optional packages."
    return ""


def _terminate(number: int, frame: Any) -> None:  # noqa: ARG001 - as a handler is called
    """Exit as after Ctrl-C; a second signal kills at once."""
    signal.signal(number, signal.SIG_DFL)
    raise KeyboardInterrupt(number)
