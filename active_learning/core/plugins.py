"""The plug-in registry: one file per plug-in, one folder per kind; the file name is the name.

Learners and strategies can also be given by the import path of a class of another package.
"""

import importlib
from collections.abc import Iterable, Iterator, Mapping
from inspect import isabstract
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self

from pydantic import (
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    create_model,
    model_validator,
)

from active_learning.core.errors import ParamsError, PluginError, shown_yaml, unknown
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
MAX_CALLS = 5  # depth of strategies that call other strategies
# Modules that adapt classes of other packages.
ADAPTERS = {
    "learners": "active_learning.models.learners._sklearn",
    "strategies": "active_learning.strategies._skactiveml",
}
USE = "use"
_PACKAGE = Path(__file__).parents[1]


class Plugin(Strict):
    """A plug-in; its fields are its options, validated on creation."""

    KIND: ClassVar[str] = ""
    """Kind of plug-in, set by the base class of each kind."""

    @classmethod
    def registered_name(cls) -> str:
        """Name in the registry, or the import path of any other class."""
        package, name = cls.__module__.rpartition(".")[::2]
        folder = FOLDERS.get(cls.KIND, "").replace("/", ".")
        own = package == f"{_PACKAGE.name}.{folder}" and not name.startswith("_")
        return name if own else f"{cls.__module__}.{cls.__qualname__}"

    def describe(self) -> dict[str, Any]:
        """Name and options as JSON values: everything that results depend on."""
        return {USE: self.registered_name()} | self.model_dump(mode="json")

    def modules(self) -> Iterator[str]:
        """Modules with the code of the plug-in and of those that it calls."""
        yield type(self).__module__
        for _, option in self:
            if isinstance(option, Plugin):
                yield from option.modules()


class Adapted(Plugin):
    """A class of another package; its options keep their defaults there."""

    # Options are extras rather than fields, whose names could clash with ours.
    model_config = ConfigDict(extra="allow")

    adapted: ClassVar[Any]
    accepted: ClassVar[frozenset[str]]

    @classmethod
    def create(cls, path: str, adapted: Any, accepted: Iterable[str]) -> type[Self]:
        """Create the adapter of the class at an import path, which accepts these options."""
        adapter = create_model(path, __base__=cls, __doc__=cls.__doc__)
        adapter.adapted = adapted
        adapter.accepted = frozenset(accepted)
        return adapter

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown(cls, options: dict[str, Any]) -> dict[str, Any]:
        for name in options:
            if name not in cls.accepted:
                raise ValueError(unknown("key", name, cls.accepted))
        return options

    @property
    def options(self) -> dict[str, Any]:
        """Options that are given."""
        return dict(self.model_extra or {})

    @classmethod
    def registered_name(cls) -> str:
        """Import path of the class."""
        return cls.__name__

    def describe(self) -> dict[str, Any]:
        """Import path, and the options that are given."""
        return {USE: self.registered_name(), **self.options}

    def modules(self) -> Iterator[str]:
        """Modules of the adapter, of the class, and of its import path."""
        base = next(cls for cls in type(self).__mro__ if cls.__module__ in ADAPTERS.values())
        imported_from = self.registered_name().rpartition(".")[0]
        yield from (base.__module__, self.adapted.__module__, imported_from)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by name, since the class is created at run time."""
        return _unpickle, (self.KIND, self.registered_name(), self.options)


def _unpickle(kind: str, path: str, options: dict[str, Any]) -> Any:
    return load(kind, path)(**options)


def available(kind: str = "strategies") -> list[str]:
    """Sorted names of the plug-ins of a kind; imports none of them.

    Parameters
    ----------
    kind : str, optional
        ``strategies``, ``learners``, ``scorers``, ``oracles``, ``stopping`` or ``datasets``.

    Raises
    ------
    PluginError
        If there is no such kind.

    Examples
    --------
    >>> import active_learning as al
    >>> al.available("scorers")
    ['accuracy', 'balanced_accuracy', 'f1_macro', 'log_loss', 'roc_auc']
    """
    if kind not in KINDS:
        raise PluginError(unknown("kind of plug-in", kind, KINDS))
    return sorted(path.stem for path in (_PACKAGE / FOLDERS[kind]).glob("[!_]*.py"))


def load(kind: str, name: str) -> Any:
    """Import one plug-in and return its class: ``svm_rbf`` is ``SvmRbf`` in ``svm_rbf.py``.

    A learner or strategy can also be an import path: of a classifier such as
    ``sklearn.svm.LinearSVC``, of a strategy such as ``skactiveml.pool.ProbCover``, or of a class
    derived from ``Learner`` or ``Strategy``.

    Raises
    ------
    PluginError
        If there is no such file, or it does not define the class.
    """
    refuse_colon(name)
    if "." in name and kind in ADAPTERS:
        return _load_path(kind, name)
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


def _load_path(kind: str, path: str) -> type[Plugin]:
    """Class at an import path, or its adapter."""
    module_name, _, class_name = path.rpartition(".")
    try:
        module = importlib.import_module(module_name)
    except (Exception, SystemExit) as error:  # importing a module can raise anything
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise PluginError(f"{path} cannot be imported ({reason}).") from error
    cls = getattr(module, class_name, None)
    if not isinstance(cls, type):
        names = [name for name, value in vars(module).items() if isinstance(value, type)]
        public = [name for name in names if not name.startswith("_")]
        raise PluginError(unknown(f"class of {module_name}", class_name, public))
    if not issubclass(cls, Plugin):
        adapter: type[Plugin] = importlib.import_module(ADAPTERS[kind]).adapt(path, cls)
        return adapter
    if kind != cls.KIND or issubclass(cls, Adapted) or isabstract(cls):
        raise PluginError(f"{path} must be a concrete {KINDS[kind]} class.")
    if "<locals>" in cls.__qualname__:  # its name would not be unique
        raise PluginError(f"{path} must be defined at module level, not in a function.")
    return cls


def make(kind: str, name: str, entries: Mapping[str, Any] = {}, calls: tuple[str, ...] = ()) -> Any:
    """Create a plug-in with the options of its entry, or with its defaults.

    Parameters
    ----------
    kind : str
    name : str
        Name of an entry or plug-in, or an import path.
    entries : dict of str to dict, optional
        Options by name; ``use`` names the plug-in if it differs from the name of the entry.
    calls : tuple of str, optional
        Chain of entries that led to this one, each calling the next.

    Raises
    ------
    PluginError
        If there is no such plug-in, or the entries call each other in a cycle or too deeply.
    ParamsError
        If an option or ``use`` is invalid; the message begins with the name.
    """
    path = " → ".join([*calls, name])
    if name in calls:
        raise PluginError(f"strategies must not call each other in a cycle; got {path}.")
    if len(calls) == MAX_CALLS:
        raise PluginError(f"strategies must not call each other {MAX_CALLS} deep; got {path}.")
    options = dict(entries.get(name, {}))
    used = options.pop(USE, name) if kind in ADAPTERS else name
    if not isinstance(used, str):
        raise ParamsError(f"{name}.{USE} must be a string; got {shown_yaml(used)}.")
    if refuse_colon(used) == name and "." not in name and name not in available(kind):
        raise PluginError(unknown(KINDS[kind], name, {*available(kind), *entries} - {name}))
    try:
        plugin: type[Plugin] = load(kind, used)
    except PluginError as error:
        if used == name:
            raise
        raise ParamsError(f"{name}.{USE}: {error}") from error
    try:
        return plugin.model_validate(options, context=(entries, (*calls, name)))
    except ValidationError as error:
        raise ParamsError(explain(error, plugin, options, name)) from None


def refuse_colon(name: Any) -> Any:
    """Refuse the former notation for a strategy of scikit-activeml, ``skactiveml:ProbCover``."""
    package, colon, strategy = str(name).partition(":")
    if package == "skactiveml" and colon:
        raise PluginError(f"write skactiveml.pool.{strategy} instead of {name}.")
    return name


def _make_strategy(value: Any, info: ValidationInfo) -> Plugin:
    """Strategy of this name, for a strategy that calls it."""
    if isinstance(value, Plugin) and value.KIND == "strategies":
        return value
    if isinstance(value, Mapping):
        raise ValueError(  # noqa: TRY004 - pydantic handles ValueError only
            "must be a name: put the options into an entry of strategies, and name that entry"
        )
    if not isinstance(value, str):
        raise ValueError("must be the name of a strategy")  # noqa: TRY004 - as above
    entries, calls = info.context or ({}, ())
    plugin: Plugin = make("strategies", value, entries, calls)
    return plugin


# Type of an option that names another strategy: an entry of `strategies` or a plug-in.
StrategyOption = Annotated[
    Any,
    Field(validate_default=True),
    PlainValidator(_make_strategy),
    PlainSerializer(lambda plugin: plugin.describe()),
    WithJsonSchema({"type": "string"}),
]
