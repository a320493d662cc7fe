"""What a result depends on beside the params and the data: versions, machine, source code."""

import hashlib
import platform
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

LIBRARIES = ("joblib", "numpy", "pydantic", "scikit-learn", "scipy")


def software() -> dict[str, str]:
    """Versions of everything that the last bits of a result may depend on."""
    return {name: version(name) for name in LIBRARIES} | {
        "python": platform.python_version(),
        "machine": platform.machine(),
    }


@cache  # the code of a process that has lived for long, as it was when it was first asked
def source_hash(package: str) -> str:
    """SHA-256 of the Python files of a package; empty if there is no such package."""
    spec = find_spec(package)
    digest = hashlib.sha256()
    folders = (spec and spec.submodule_search_locations) or []
    for folder in map(Path, folders):
        for path in sorted(folder.rglob("*.py")):
            digest.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return digest.hexdigest() if folders else ""
