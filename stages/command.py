"""How a stage runs as a command: an expected error is one line on stderr and exit status 1.

So is an interrupt (Ctrl-C) or SIGTERM, with the status that shells give it.
"""

import signal
import sys
from collections.abc import Callable
from typing import Any

from active_learning.core.errors import UnreadableError, UserError


def run(main: Callable[..., None], *readers: Callable[[], Any]) -> None:
    """Run a stage on what these read; an error that is not the user's keeps its traceback."""
    before = signal.signal(signal.SIGTERM, _terminate)
    try:
        main(*(read() for read in readers))
    except UserError as error:
        message, status = f"error: {error}{_remedy(error)}", 1
    except KeyboardInterrupt as interrupt:
        (number,) = interrupt.args or (signal.SIGINT,)
        message, status = "interrupted; run it again to go on", 128 + number
    else:
        return
    finally:
        signal.signal(signal.SIGTERM, before)
    # Here the error is gone and with it what it held, worker processes among it.
    print(message, file=sys.stderr)
    sys.exit(status)


def _remedy(error: UserError) -> str:
    """What to do about it, where that is a command."""
    if isinstance(error, UnreadableError):
        return " Run `dvc repro`."
    if "No module named" in str(error) or "is not installed" in str(error):
        return " `make extras` installs the optional packages."
    return ""


def _terminate(number: int, frame: Any) -> None:  # noqa: ARG001 - as a handler is called
    """End as by Ctrl-C, but at once if told again."""
    signal.signal(number, signal.SIG_DFL)
    raise KeyboardInterrupt(number)
