"""Software that a result depends on: versions, machine, source code."""

import ast
import hashlib
import platform
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from importlib.util import find_spec
from pathlib import Path
from secrets import token_hex

LIBRARIES = ("joblib", "numpy", "pydantic", "scikit-learn", "scipy")
# Imported, but without influence on results: the public functions, and error messages.
IRRELEVANT = {"active_learning", "active_learning.core.explain"}
_DISTRIBUTIONS = {"sklearn": "scikit-learn"}  # looking it up would take longer than all the rest
_OWN = __name__.partition(".")[0]
_INSTALLED = {"site-packages", "dist-packages"}


@cache  # looking them up takes as long as a short run
def software() -> dict[str, str]:
    """Versions of everything that results may depend on to the last bit."""
    return {name: version(name) for name in LIBRARIES} | {
        "python": platform.python_version(),
        "machine": platform.machine(),
    }


@cache  # in a long-lived process, the code at the first call
def source_hash(package: str) -> str:
    """SHA-256 of the Python files of a package; empty if there is no such package."""
    spec = find_spec(package)
    digest = hashlib.sha256()
    folders = (spec and spec.submodule_search_locations) or []
    for folder in map(Path, folders):
        for path in sorted(folder.rglob("*.py")):
            digest.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return digest.hexdigest() if folders else ""


def fingerprint(modules: Iterable[str]) -> dict[str, str]:
    """Source hashes and versions of everything that these modules import, and of Python.

    Modules of this package and of packages that are not installed are hashed by their statements,
    so comments, docstrings and formatting do not matter; installed packages count by version.
    Imports by ``importlib`` are not seen, and ``__main__`` always differs.

    Parameters
    ----------
    modules : iterable of str
        Names of modules.

    Returns
    -------
    dict of str to str
        Hash or version by name.
    """
    software = {"python": platform.python_version(), "machine": platform.machine()}
    pending = list(modules)
    while pending:
        module = pending.pop()
        top = module.partition(".")[0]
        if module in software or module in IRRELEVANT or top in sys.stdlib_module_names:
            continue
        folder = _source_folder(top)
        if top == "__main__":
            software[top] = token_hex()
        elif folder is None:
            software[top] = _version(top)
        elif path := _file(folder, module):
            software[module], imported = _parse(path, module)
            pending += imported
    return software


@cache
def _source_folder(top: str) -> Path | None:
    """Folder that contains a top-level module or package, if its source counts."""
    try:
        spec = find_spec(top)
    except ValueError:  # a module without a file
        return None
    places = [*(spec.submodule_search_locations or []), spec.origin] if spec else []
    if not places or places[0] is None:
        return None
    folder = Path(places[0]).parent
    return None if top != _OWN and _INSTALLED & set(folder.parts) else folder


def _file(folder: Path, module: str) -> Path | None:
    """Source of a module; ``None`` if the name is not that of a module."""
    path = folder.joinpath(*module.split("."))
    names = (path.with_suffix(".py"), path / "__init__.py")
    return next((name for name in names if name.is_file()), None)


@cache
def _version(top: str) -> str:
    """Distributions of an installed module, with their versions."""
    try:
        name = _DISTRIBUTIONS.get(top, top)
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        names = sorted(set(packages_distributions().get(top, [])))
        return " ".join(f"{name} {version(name)}" for name in names)


@cache
def _parse(path: Path, module: str) -> tuple[str, frozenset[str]]:
    """Hash of a file's statements, and the modules that it may import."""
    tree = ast.parse(path.read_bytes())
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    imported = frozenset(_imports(tree, package)) | {package} - {""}
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            body[:] = [line for line in body if not _is_text(line)]
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()[:32], imported


def _imports(tree: ast.AST, package: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*(parents if node.level else []), *filter(None, [node.module])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _is_text(node: ast.stmt) -> bool:
    """Whether a statement is a docstring."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
