"""What ``python -m stages.x`` and ``commands.x`` import outside the project's root: one line.

Set-up copies this into .venv as ``stages`` and as ``commands``. In the root, and in the copies that
DVC makes of it, the packages there come first.
"""

import shlex
import sys
from pathlib import Path

if sys.argv[0] == "-m":  # as long as Python looks for what it is to run
    root = shlex.quote(str(Path(sys.prefix).parent))
    sys.exit(f"error: run this in the project's root: cd {root}")
raise ModuleNotFoundError(f"No module named {__name__!r}", name=__name__)
