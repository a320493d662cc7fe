"""One thin script per DVC stage: read params and inputs, call the library, write outputs."""

import sys
from importlib.util import find_spec
from typing import Any

# With another Python than that of the environment, nothing below could be imported.
if find_spec("dvc") is None:
    sys.exit(
        f"error: {sys.executable} lacks packages that are needed; activate the environment: "
        "`. .venv/bin/activate` (`make setup` builds it)."
    )

INTERRUPTED = "interrupted; run it again to continue"


def _print_error(kind: type[BaseException], error: BaseException, traceback: Any) -> None:
    if kind is KeyboardInterrupt:
        print(INTERRUPTED, file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, traceback)


if sys.argv[0] == "-m":  # as long as Python looks for the module to run
    # The imports that follow take a second, in which nothing else catches Ctrl-C.
    sys.excepthook = _print_error
