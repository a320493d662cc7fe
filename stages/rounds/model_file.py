"""The model as a file of skops, which can be loaded without running code that a stranger put in."""

import importlib
import json
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile, ZipInfo

from active_learning.core.errors import ArtifactError
from active_learning.data import files

# What a model can hold beside classes of scikit-learn: of our functions, none that reads or writes.
_OURS = (
    "active_learning.data.preprocessing.",
    "active_learning.models.learners.",
    "active_learning.rounds.trainer.",
)
_OTHERS = {
    "functools.partial",
    "numpy.ascontiguousarray",
    "numpy.dtype",
    "scipy.sparse._csr.csr_array",
    "scipy.sparse._csr.csr_matrix",
}


def save(path: Path, model: Any) -> list[str]:
    """Write a model, the same bytes for the same model; ``None``: there is none yet.

    Returns
    -------
    list of str
        Types in it that loading has to trust, beside those that skops trusts by itself.

    Raises
    ------
    ArtifactError
        If it holds types that would not be trusted when it is loaded.
    """
    import skops.io

    content = _canonical(skops.io.dumps(model))
    types = list(skops.io.get_untrusted_types(data=content))
    _refuse_foreign(path, types)
    with files.replacing(path) as temporary:
        temporary.write_bytes(content)
    return types


def load(path: Path) -> Any:
    """Load a model; ``None``: there is none yet.

    Raises
    ------
    UnreadableError
        If the file is missing or damaged.
    ArtifactError
        If it holds types that are not trusted.
    """
    import skops.io

    with files.reading(path):
        content = path.read_bytes()
        try:
            types = skops.io.get_untrusted_types(data=content)
        except BadZipFile as error:
            raise ValueError(str(error)) from error
        _refuse_foreign(path, types)
        return skops.io.loads(content, trusted=types)


def _refuse_foreign(path: Path, names: list[str]) -> None:
    for name in names:
        if not (name in _OTHERS or name.startswith(_OURS) or _is_class_of_sklearn(name)):
            raise ArtifactError(
                f"{path} must hold types of scikit-learn and of this project only; got {name}."
            )


def _is_class_of_sklearn(name: str) -> bool:
    module, _, attribute = name.rpartition(".")
    if not module.startswith("sklearn."):
        return False
    try:
        return isinstance(getattr(importlib.import_module(module), attribute, None), type)
    except ImportError:
        return False


def _canonical(content: bytes) -> bytes:
    """Number the objects in their order, where addresses in memory stand, and drop times."""
    with ZipFile(BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    numbers: dict[int, int] = {}
    schema = _renumber(json.loads(members.pop("schema.json")), numbers)
    buffer = BytesIO()
    with ZipFile(buffer, "w") as archive:
        for name, data in sorted((_renamed(name, numbers), data) for name, data in members.items()):
            archive.writestr(ZipInfo(name), data)
        archive.writestr(ZipInfo("schema.json"), json.dumps(schema, indent=1))
    return buffer.getvalue()


def _renumber(node: Any, numbers: dict[int, int]) -> Any:
    if isinstance(node, list):
        return [_renumber(item, numbers) for item in node]
    if not isinstance(node, dict):
        return node
    if "__id__" in node:
        numbers.setdefault(node["__id__"], len(numbers))
    if node.get("__class__") == "TfidfVectorizer" and node["__loader__"] == "ObjectNode":
        attributes = node["content"]["content"]
        if "_stop_words_id" in attributes:  # an address
            attributes["_stop_words_id"]["content"] = "0"
    values = {key: _renumber(value, numbers) for key, value in node.items()}
    if "__id__" in node:
        values["__id__"] = numbers[node["__id__"]]
    if isinstance(node.get("file"), str):
        values["file"] = _renamed(node["file"], numbers)
    return values


def _renamed(name: str, numbers: dict[int, int]) -> str:
    stem, dot, suffix = name.partition(".")
    return f"{numbers.setdefault(int(stem), len(numbers))}{dot}{suffix}"
