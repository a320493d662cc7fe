"""Run a stage as a command: user errors are one line on stderr and exit status 1.

Interrupts (Ctrl-C) and SIGTERM are one line too, with the usual exit status.
"""

import re
import signal
import sys
from collections.abc import Callable
from typing import Any

from active_learning.core.errors import UnreadableError, UserError
from stages import paths


def run(main: Callable[..., None], *readers: Callable[[], Any]) -> None:
    """Run a stage with the results of the readers; unexpected errors keep their traceback."""
    before = signal.signal(signal.SIGTERM, _terminate)
    try:
        main(*(read() for read in readers))
    except UserError as error:
        message, status = f"error: {error}{_remedy(error)}", 1
    except KeyboardInterrupt as interrupt:
        (number,) = interrupt.args or (signal.SIGINT,)
        message, status = "interrupted; run it again to continue", 128 + number
    else:
        return
    finally:
        signal.signal(signal.SIGTERM, before)
    # Outside the handler, where the error no longer keeps worker processes alive.
    print(message, file=sys.stderr)
    sys.exit(status)


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
