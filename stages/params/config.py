"""Reading and validating a file of parameters, with one-line errors."""

from collections import Counter
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
from active_learning.core.errors import ParamsError, PluginError, shown_yaml, unknown
from active_learning.core.explain import explain
from active_learning.core.sentences import listed
from active_learning.core.strict import Strict
from stages.params import yaml

PARAMS = Path("params.yaml")
# Params behind the arguments that the library names in its errors.
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
    """Annotation of a string that must be the name of a plug-in of this kind."""

    kind: str

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Accept one of the names, like a ``Literal``."""
        return core_schema.literal_schema(plugins.available(self.kind))


def refuse_duplicates(items: list[str]) -> list[str]:
    """Refuse a list with duplicates."""
    repeated = [f"{item:.60}" for item, count in Counter(items).items() if count > 1]
    if repeated:
        entries = "entry" if len(repeated) == 1 else "entries"
        raise ValueError(f"duplicate {entries}: {listed(repeated)}.")
    return items


Unique = AfterValidator(refuse_duplicates)


class PluginSection(Strict):
    """A section that chooses plug-ins and holds the options of each under its name.

    An entry with another name than that of a plug-in says by ``use`` which one it is for.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, dict[str, Any]]

    KIND: ClassVar[str]
    PLACE: ClassVar[str]
    CHOICE: ClassVar[str] = "name"

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown(cls, values: Any) -> Any:
        """Refuse unknown keys; the options of an entry are validated when it is used."""
        shipped = plugins.available(cls.KIND)
        known = {*cls.model_fields, *shipped}
        for key, entry in values.items() if isinstance(values, dict) else ():
            own_name = cls.KIND in plugins.ADAPTERS and (
                "." in str(plugins.refuse_colon(key))
                or (isinstance(entry, dict) and plugins.USE in entry)
            )
            if isinstance(key, str) and key not in known and not own_name:
                raise ValueError(unknown("key", key, known))
            if key in shipped and isinstance(entry, dict) and entry.get(plugins.USE, key) != key:
                raise ValueError(
                    f"{key}.{plugins.USE} must be {key}, the name of a {plugins.KINDS[cls.KIND]}; "
                    "give the entry another name."
                )
        return values

    @property
    def entries(self) -> Mapping[str, Any]:
        """Options by name."""
        return self.__pydantic_extra__ or {}

    def make(self, name: str, place: str = "") -> Any:
        """Plug-in with this name and its options.

        Parameters
        ----------
        name : str
        place : str, optional
            Key that holds the name, if not in this section.

        Raises
        ------
        ParamsError
            If there is none, or its options are invalid.
        """
        try:
            return plugins.make(self.KIND, name, self.entries)
        except PluginError as error:
            place = place or f"{self.PLACE}.{self.CHOICE}".removesuffix(".")
            raise ParamsError(f"{place}: {error}") from error
        except ParamsError as error:
            raise ParamsError(f"{self.PLACE}.{error}") from error

    def check_entries(self) -> None:
        """Validate the options of every entry, except for classes of other packages."""
        for name, entry in self.entries.items():
            used = [entry.get(plugins.USE, name), *entry.values()]
            if not any(isinstance(value, str) and "." in value for value in used):
                self.make(name)

    @cached_property
    def plugin(self) -> Any:
        """The chosen plug-in with its options."""
        return self.make(getattr(self, self.CHOICE))


def validate(model: type[SectionT], values: Any, place: str, path: Path = PARAMS) -> SectionT:
    """Validate the values of a section.

    Raises
    ------
    ParamsError
        On the first error, with place, rule and value.
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
        If it is missing, or not a mapping in YAML.
    """
    try:
        values = yaml.read(path)
    except FileNotFoundError:
        raise ParamsError(f"{path} is missing; run stages from the project's root.") from None
    if not isinstance(values, dict):
        raise ParamsError(f"{path}: must be a mapping of sections; got {shown_yaml(values)}.")
    return values


class ParamsFile:
    """A file of parameters, with its sections as lazily validated attributes.

    Attributes
    ----------
    values : dict
        Content of the file.
    path : Path
    """

    OTHERS: ClassVar[frozenset[str]] = frozenset()
    """Top-level keys that are not sections."""

    def __init__(self, values: dict[str, Any], path: Path = PARAMS) -> None:
        self.values = values
        self.path = path

    @classmethod
    def read(cls, path: Path = PARAMS) -> Self:
        """Read a file and validate it.

        Raises
        ------
        ParamsError
            On the first error.
        """
        params = cls(read_mapping(path), path)
        params.check()
        return params

    @classmethod
    def sections(cls) -> dict[str, type[Strict]]:
        """Model of every section, by name."""
        return {name: v.model for name, v in vars(cls).items() if isinstance(v, Section)}

    def check(self) -> None:
        """Validate every section."""
        names = list(self.sections())
        for name in self.values:
            if name not in {*names, *self.OTHERS}:
                raise ParamsError(
                    f"{self.path}: {unknown('section', name, [*names, *self.OTHERS])}"
                )
        for name in names:
            getattr(self, name)

    def __getitem__(self, name: str) -> Any:
        """Unvalidated section.

        Raises
        ------
        ParamsError
            If it is missing.
        """
        if name not in self.values:
            raise ParamsError(
                f"{self.path}: the section {name} is missing; `{name}: {{}}` uses its defaults."
            )
        return self.values[name]


class Section(Generic[SectionT]):
    """Descriptor of a section of a file of parameters."""

    def __init__(self, model: type[SectionT]) -> None:
        self.model = model

    def __set_name__(self, owner: type[ParamsFile], name: str) -> None:
        self.name = name

    def __get__(self, params: ParamsFile, owner: type[ParamsFile]) -> SectionT:
        section = validate(self.model, params[self.name], self.name, params.path)
        params.__dict__[self.name] = section  # which takes precedence over this descriptor
        return section
