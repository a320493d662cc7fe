"""What a result depends on beside the params and the data: versions, machine, source code."""

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
# Reached by imports, but no result depends on it: the public functions, and texts of errors.
IRRELEVANT = {"active_learning", "active_learning.core.explain"}
_DISTRIBUTIONS = {"sklearn": "scikit-learn"}  # finding it takes longer than all the rest
_OWN = __name__.partition(".")[0]
_INSTALLED = {"site-packages", "dist-packages"}


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


def of(modules: Iterable[str]) -> dict[str, str]:
    """Code and versions that these modules depend on: what they reach by imports, and Python.

    Source that is not installed, and this package's, is read: a module's value is a hash of its
    statements, so that comments, docstrings and layout change nothing. Of an installed package the
    version counts. What ``importlib`` imports is not seen, and ``__main__`` is never the same.

    Parameters
    ----------
    modules : iterable of str
        Names of modules.

    Returns
    -------
    dict of str to str
        Hash or version, by name.
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
            software[module], imported = _parsed(path, module)
            pending += imported
    return software


@cache
def _source_folder(top: str) -> Path | None:
    """Folder that a top-level module or package lies in, if its source counts."""
    try:
        spec = find_spec(top)
    except ValueError:  # a module that no file was loaded for
        return None
    places = [*(spec.submodule_search_locations or []), spec.origin] if spec else []
    if not places or places[0] is None:
        return None
    folder = Path(places[0]).parent
    return None if top != _OWN and _INSTALLED & set(folder.parts) else folder


def _file(folder: Path, module: str) -> Path | None:
    """Source of a module; ``None`` if the name is that of something in a module."""
    path = folder.joinpath(*module.split("."))
    names = (path.with_suffix(".py"), path / "__init__.py")
    return next((name for name in names if name.is_file()), None)


@cache
def _version(top: str) -> str:
    """Distributions that an installed module comes from, with their versions."""
    try:
        name = _DISTRIBUTIONS.get(top, top)
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        names = sorted(set(packages_distributions().get(top, [])))
        return " ".join(f"{name} {version(name)}" for name in names)


@cache
def _parsed(path: Path, module: str) -> tuple[str, frozenset[str]]:
    """Hash of a file's statements, and every module that it may import."""
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
