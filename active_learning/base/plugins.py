"""The only registry: a plug-in is a file, its name is the file's name, its folder is its kind."""

import importlib
from pathlib import Path
from typing import Any

from active_learning.base.errors import PluginError, unknown
from active_learning.base.strict import Strict

KINDS = ("datasets", "learners", "oracles", "scorers", "strategies")
_PACKAGE = Path(__file__).parents[1]


class Plugin(Strict):
    """A plug-in: its fields are the options that it takes, checked when it is made."""


def available(kind: str) -> list[str]:
    """Names of the plug-ins of a kind, sorted; nothing is imported.

    Raises
    ------
    PluginError
        If ``kind`` is not one of ``KINDS``.
    """
    if kind not in KINDS:
        raise PluginError(f"{kind!r} {unknown('kind of plug-in', kind, KINDS)}.")
    return sorted(path.stem for path in (_PACKAGE / kind).glob("[!_]*.py"))


def load(kind: str, name: str) -> Any:
    """Import one plug-in and return its class: ``svm_rbf`` is ``SvmRbf`` in ``svm_rbf.py``.

    Raises
    ------
    PluginError
        If there is no such file, or the file has no such class.
    """
    names = available(kind)
    if name not in names:
        raise PluginError(f"{name!r} {unknown(f'plug-in in {kind}', name, names)}.")
    module = importlib.import_module(f"active_learning.{kind}.{name}")
    class_name = name.title().replace("_", "")
    plugin = getattr(module, class_name, None)
    if plugin is None:
        raise PluginError(f"active_learning/{kind}/{name}.py must define class {class_name}.")
    return plugin
