"""The only registry: a plug-in is a file, its name is the file's name, its folder is its kind."""

import importlib
from pathlib import Path
from typing import Any

from active_learning.base.errors import PluginError, unknown
from active_learning.base.strict import Strict

KINDS = ("datasets", "learners", "oracles", "scorers", "stopping", "strategies")
_PACKAGE = Path(__file__).parents[1]


class Plugin(Strict):
    """A plug-in: its fields are the options that it takes, checked when it is made."""

    @classmethod
    def registered_name(cls) -> str:
        """Name in the registry."""
        return cls.__module__.rsplit(".", 1)[-1]


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


def families(kind: str) -> list[str]:
    """Names that stand before a colon: ``skactiveml`` for ``skactiveml:ProbCover``, sorted."""
    return sorted(path.stem[1:] for path in (_PACKAGE / kind).glob("_[!_]*.py"))


def load(kind: str, name: str) -> Any:
    """Import one plug-in and return its class: ``svm_rbf`` is ``SvmRbf`` in ``svm_rbf.py``.

    A name with a colon is a member of a family: ``skactiveml:ProbCover`` is what ``member`` in
    ``_skactiveml.py`` makes of ``ProbCover``.

    Raises
    ------
    PluginError
        If there is no such file, or the file has no such class or member.
    """
    names = available(kind)
    family, colon, member = name.partition(":")
    if colon and family in families(kind):
        return importlib.import_module(f"active_learning.{kind}._{family}").member(member)
    if name not in names:
        raise PluginError(f"{name!r} {unknown(f'plug-in in {kind}', name, names)}.")
    module = importlib.import_module(f"active_learning.{kind}.{name}")
    class_name = name.title().replace("_", "")
    plugin = getattr(module, class_name, None)
    if plugin is None:
        raise PluginError(f"active_learning/{kind}/{name}.py must define class {class_name}.")
    return plugin
