"""How a file of parameters is read and checked: strict sections, errors of one line."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, ClassVar, Generic, Self, TypeVar

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    ValidationError,
    model_validator,
)
from pydantic_core import core_schema

from active_learning.core import plugins
from active_learning.core.errors import ParamsError, PluginError, shown, unknown
from active_learning.core.explain import explain
from active_learning.core.strict import Strict
from stages.params import yaml

PARAMS = Path("params.yaml")
# Where the arguments that the library names in its errors come from.
ARGUMENTS = {
    "X": "preprocess.sparse: the features",
    "estimator": "learner.name",
    "scoring": "evaluation.scorers",
}

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
    """A section that names plug-ins, with the options of each under its name.

    So one line changes the plug-in, and each keeps its options. What no plug-in is named after is
    an entry of the user's own, which says by ``use`` what it is of.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, dict[str, Any]]

    KIND: ClassVar[str]
    PLACE: ClassVar[str]
    CHOICE: ClassVar[str] = "name"

    @model_validator(mode="before")
    @classmethod
    def _know_entries(cls, values: Any) -> Any:
        """Refuse an unknown key; what an entry holds is checked when it is used."""
        shipped = plugins.available(cls.KIND)
        known = {*cls.model_fields, *shipped}
        for key, entry in values.items() if isinstance(values, dict) else ():
            named = cls.KIND in plugins.ADAPTERS and (
                "." in str(plugins.refuse_colon(key))
                or (isinstance(entry, dict) and plugins.USE in entry)
            )
            if isinstance(key, str) and key not in known and not named:
                raise ValueError(unknown("key", key, known))
            if key in shipped and isinstance(entry, dict) and entry.get(plugins.USE, key) != key:
                raise ValueError(
                    f"{key}.{plugins.USE} must be {key}, which is a {plugins.KINDS[cls.KIND]}; "
                    f"give the entry another name."
                )
        return values

    @property
    def entries(self) -> Mapping[str, Any]:
        """Options by name."""
        return self.__pydantic_extra__ or {}

    def make(self, name: str, place: str = "") -> Any:
        """Plug-in of this name with its options.

        Parameters
        ----------
        name : str
        place : str, optional
            Where the name stands, if not in this section.

        Raises
        ------
        ParamsError
            If there is none, or its options are wrong.
        """
        try:
            return plugins.make(self.KIND, name, self.entries)
        except PluginError as error:
            place = place or f"{self.PLACE}.{self.CHOICE}".removesuffix(".")
            raise ParamsError(f"{place}: {error}") from error
        except ParamsError as error:
            raise ParamsError(f"{self.PLACE}.{error}") from error

    def check_entries(self) -> None:
        """Check the options of every entry, but for those of classes of other packages."""
        for name, entry in self.entries.items():
            used = [entry.get(plugins.USE, name), *entry.values()]
            if not any(isinstance(value, str) and "." in value for value in used):
                self.make(name)

    @cached_property
    def plugin(self) -> Any:
        """The plug-in that is chosen, with its options."""
        return self.make(getattr(self, self.CHOICE))


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
    """A file of parameters: its sections are attributes, each checked once.

    Attributes
    ----------
    values : dict
        Sections as they stand in the file.
    path : Path
    """

    OTHERS: ClassVar[frozenset[str]] = frozenset()
    """Keys at the top of the file that are no sections."""

    def __init__(self, values: dict[str, Any], path: Path = PARAMS) -> None:
        self.values = values
        self.path = path

    @classmethod
    def read(cls, path: Path = PARAMS) -> Self:
        """Read a file, and check all of it that is in use.

        Raises
        ------
        ParamsError
            With the first thing that is wrong.
        """
        params = cls(read_mapping(path), path)
        params.check()
        return params

    @classmethod
    def sections(cls) -> dict[str, type[Strict]]:
        """Model of every section, by name."""
        return {name: v.model for name, v in vars(cls).items() if isinstance(v, Section)}

    def check(self) -> None:
        """Check every section."""
        names = list(self.sections())
        for name in self.values:
            if name not in {*names, *self.OTHERS}:
                raise ParamsError(f"{self.path}: {unknown('section', name, names)}")
        for name in names:
            getattr(self, name)

    def __getitem__(self, name: str) -> Any:
        """Section as it stands in the file.

        Raises
        ------
        ParamsError
            If it is missing.
        """
        if name not in self.values:
            raise ParamsError(
                f"{self.path}: the section {name} is missing; `{name}: {{}}` takes its defaults."
            )
        return self.values[name]


class Section(Generic[SectionT]):
    """Attribute of a file of parameters: a section of it."""

    def __init__(self, model: type[SectionT]) -> None:
        self.model = model

    def __set_name__(self, owner: type[ParamsFile], name: str) -> None:
        self.name = name

    def __get__(self, params: ParamsFile, owner: type[ParamsFile]) -> SectionT:
        section = validate(self.model, params[self.name], self.name, params.path)
        params.__dict__[self.name] = section  # where Python looks before it comes here again
        return section
