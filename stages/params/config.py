"""How a file of parameters is read and checked: strict sections, errors of one line."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Generic, Self, TypeVar

from pydantic import AfterValidator, Field, GetCoreSchemaHandler, ValidationError, create_model
from pydantic_core import core_schema

from active_learning.core import plugins
from active_learning.core.errors import ParamsError, shown
from active_learning.core.explain import explain
from active_learning.core.strict import Strict
from stages.params import yaml

PARAMS = Path("params.yaml")

SectionT = TypeVar("SectionT", bound=Strict)
T = TypeVar("T")

Seed = Annotated[int, Field(ge=0, lt=2**31)]
Share = Annotated[float, Field(gt=0, lt=1)]


@dataclass(frozen=True)
class PluginName:
    """Annotation of a text that must name a plug-in of this kind."""

    kind: str

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Take one of the names, as a ``Literal`` of them would."""
        return core_schema.literal_schema(plugins.available(self.kind))


def refuse_duplicates(items: list[str]) -> list[str]:
    """Refuse a list that names something twice."""
    for number, item in enumerate(items):
        if item in items[:number]:
            raise ValueError(f"duplicate entry: {item:.60}.")
    return items


Unique = AfterValidator(refuse_duplicates)


class PluginSection(Strict):
    """A section that names plug-ins, with the options of each plug-in under its own name.

    So one line changes the plug-in, and each keeps its options.
    """

    KIND: ClassVar[str]
    CHOICE: ClassVar[str] = "name"

    @classmethod
    def chosen(cls, values: dict[str, Any]) -> list[Any]:
        """Plug-ins that these values name."""
        return [values.get(cls.CHOICE)]

    @classmethod
    def with_options(cls, used: Sequence[Any]) -> type[Self]:
        """Model with the options of every plug-in; only those ``used`` are imported and checked."""
        names = plugins.available(cls.KIND)
        if cls.KIND == "strategies":
            names += [name for name in used if str(name).startswith(plugins.SKACTIVEML)]
        fields: dict[str, Any] = {
            name: (plugins.load(cls.KIND, name), Field(default_factory=dict, validate_default=True))
            if name in used
            else (dict[str, Any], {})
            for name in names
        }
        return create_model(cls.__name__, __base__=cls, __doc__=cls.__doc__, **fields)

    @property
    def plugin(self) -> Any:
        """The plug-in that is named, with its options."""
        return getattr(self, getattr(self, self.CHOICE))


def complete(model: type[SectionT]) -> type[SectionT]:
    """Model with every option of every plug-in."""
    if issubclass(model, PluginSection):
        return model.with_options(plugins.available(model.KIND))
    return model


def for_values(model: type[SectionT], values: Any) -> type[SectionT]:
    """Model with the options of the plug-ins that these values name."""
    if issubclass(model, PluginSection):
        return model.with_options(model.chosen(values) if isinstance(values, dict) else [])
    return model


def validate(model: type[SectionT], values: Any, place: str, path: Path = PARAMS) -> SectionT:
    """Make a section of values.

    Raises
    ------
    ParamsError
        With the first thing that is wrong: place, rule and value.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise ParamsError(f"{path}: {explain(error, model, values, place)}") from None


def read_mapping(path: Path) -> dict[str, Any]:
    """Read a YAML file of sections.

    Raises
    ------
    ParamsError
        If it is missing, is not YAML, or is not a mapping.
    """
    try:
        values = yaml.read(path)
    except FileNotFoundError:
        raise ParamsError(f"{path} is missing; stages run from the project's root.") from None
    if not isinstance(values, dict):
        raise ParamsError(f"{path}: must be a mapping of sections; got {shown(values)}.")
    return values


class ParamsFile:
    """A file of parameters that has been read; each section is checked when it is first used."""

    def __init__(self, values: dict[str, Any], path: Path) -> None:
        self.values = values
        self.path = path

    @classmethod
    def read(cls, path: Path = PARAMS) -> Self:
        """Read the file; each section is checked when it is first used."""
        return cls(read_mapping(path), path)

    @classmethod
    def models(cls) -> Iterator[tuple[str, type[Strict]]]:
        """Name and model of every section."""
        return ((k, v.model) for k, v in vars(cls).items() if isinstance(v, Section))

    def __getitem__(self, name: str) -> Any:
        """Section as it stands in the file.

        Raises
        ------
        ParamsError
            If it is missing.
        """
        if name not in self.values:
            raise ParamsError(f"{self.path}: the section {name} is missing.")
        return self.values[name]


class Section(Generic[SectionT]):
    """Attribute of a file of parameters: a section of it."""

    def __init__(self, model: type[SectionT]) -> None:
        self.model = model

    def __set_name__(self, owner: type[ParamsFile], name: str) -> None:
        self.name = name

    def __get__(self, params: ParamsFile, owner: type[ParamsFile]) -> SectionT:
        values = params[self.name]
        section = validate(for_values(self.model, values), values, self.name, params.path)
        params.__dict__[self.name] = section  # where Python looks before it comes here again
        return section
