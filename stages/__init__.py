"""One thin script per DVC stage: read params and inputs, call the library, write outputs."""

import sys
from importlib.util import find_spec

# With another Python than that of the environment, nothing below could be imported.
if find_spec("dvc") is None:
    sys.exit(
        f"error: {sys.executable} lacks packages that are needed; activate the environment: "
        "`. .venv/bin/activate` (`make setup` builds it)."
    )
