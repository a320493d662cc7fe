"""The only registry: a plug-in is a file, its name is the file's name, its folder is its kind."""

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import Field, PlainSerializer, PlainValidator, ValidationError, WithJsonSchema

from active_learning.core.errors import PluginError, unknown
from active_learning.core.explain import explain
from active_learning.core.strict import Strict

KINDS = {
    "datasets": "data set",
    "learners": "learner",
    "oracles": "oracle",
    "scorers": "scorer",
    "stopping": "stopping rule",
    "strategies": "strategy",
}
FOLDERS = {
    "datasets": "data/sources",
    "learners": "models/learners",
    "oracles": "simulation/oracles",
    "scorers": "models/scorers",
    "stopping": "simulation/stopping",
    "strategies": "strategies",
}
# Strategies of scikit-activeml are named by their import path: skactiveml.pool.ProbCover.
SKACTIVEML = "skactiveml."
_PACKAGE = Path(__file__).parents[1]


class Plugin(Strict):
    """A plug-in: its fields are the options that it takes, checked when it is made."""

    KIND: ClassVar[str] = ""
    """Kind of plug-in, set by the base class of each kind."""

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
        raise PluginError(unknown("kind of plug-in", kind, KINDS))
    return sorted(path.stem for path in (_PACKAGE / FOLDERS[kind]).glob("[!_]*.py"))


def load(kind: str, name: str) -> Any:
    """Import one plug-in and return its class: ``svm_rbf`` is ``SvmRbf`` in ``svm_rbf.py``.

    A strategy of scikit-activeml is named by its import path, ``skactiveml.pool.ProbCover``.

    Raises
    ------
    PluginError
        If there is no such file, or the file has no such class of this kind.
    """
    refuse_colon(name)
    if kind == "strategies" and name.startswith(SKACTIVEML):
        return importlib.import_module("active_learning.strategies._skactiveml").adapt(name)
    names = available(kind)
    if name not in names:
        raise PluginError(unknown(KINDS[kind], name, names))
    folder = FOLDERS[kind]
    module = importlib.import_module(f"active_learning.{folder.replace('/', '.')}.{name}")
    class_name = name.title().replace("_", "")
    plugin = getattr(module, class_name, None)
    if plugin is None:
        raise PluginError(f"active_learning/{folder}/{name}.py must define class {class_name}.")
    if not issubclass(plugin, Plugin) or kind != plugin.KIND:
        raise PluginError(
            f"active_learning/{folder}/{name}.py: class {class_name} must derive from the base "
            f"class of its kind, {KINDS[kind]}."
        )
    return plugin


def refuse_colon(name: Any) -> Any:
    """Refuse the former way to name a strategy of scikit-activeml, ``skactiveml:ProbCover``."""
    package, colon, strategy = str(name).partition(":")
    if package == "skactiveml" and colon:
        raise PluginError(f"write skactiveml.pool.{strategy} instead of {name}.")
    return name


def _strategy(value: Any) -> Plugin:
    """Strategy by its name, or by a mapping of its name to its options."""
    chosen = {value: {}} if isinstance(value, str) else value
    if not isinstance(chosen, Mapping) or len(chosen) != 1:
        raise ValueError("must be a name, or a mapping of one name to its options")
    [(name, options)] = chosen.items()
    plugin: type[Plugin] = load("strategies", str(name))
    try:
        return plugin.model_validate(options)
    except ValidationError as error:
        raise ValueError(explain(error, plugin, options, str(name))) from None


# Type of an option that names another strategy.
StrategyOption = Annotated[
    Any,
    Field(validate_default=True),
    PlainValidator(_strategy),
    PlainSerializer(lambda plugin: {plugin.registered_name(): plugin.model_dump()}),
    WithJsonSchema(
        {"anyOf": [{"enum": available("strategies")}, {"type": "object", "maxProperties": 1}]}
    ),
]
