"""How a stage runs as a command: an expected error is one line on stderr and exit status 1.

So is an interrupt (Ctrl-C), with the status that shells give it.
"""

import signal
import sys
from collections.abc import Callable

from active_learning.base.errors import UserError

INTERRUPTED = 128 + signal.SIGINT


def run(main: Callable[[], None]) -> None:
    """Run a stage; an error that is not the user's keeps its traceback."""
    try:
        main()
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("interrupted; run it again to go on", file=sys.stderr)
        sys.exit(INTERRUPTED)
