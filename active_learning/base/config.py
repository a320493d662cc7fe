"""Parameters: strict sections of ``params.yaml``, and errors that a person can act on."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self, TypeVar, cast

import yaml
from pydantic import (
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationError,
    create_model,
)
from pydantic_core import core_schema

from active_learning.base import plugins
from active_learning.base.errors import ParamsError, PluginError, unknown
from active_learning.base.explain import explain, fault, shown
from active_learning.base.strict import Strict

PARAMS = Path("params.yaml")

Seed = Annotated[int, Field(ge=0, lt=2**31)]


SectionT = TypeVar("SectionT", bound="Section")


class Section(Strict):
    """A section of ``params.yaml``: no unknown keys, no conversion of types, no change."""

    @classmethod
    def model_for(cls, values: Any) -> type[Self]:  # noqa: ARG003 - a PluginSection needs them
        """Model that validates these values."""
        return cls

    @classmethod
    def model_for_all(cls, values: Any) -> type[Self]:
        """Model that validates the options of plug-ins that are not used, too."""
        return cls.model_for(values)

    @classmethod
    def complete(cls) -> type[Self]:
        """Model with every option of every plug-in, for the schema."""
        return cls


class PluginSection(Section):
    """A section that names a plug-in, with the options of each plug-in under its own name.

    So one line changes the plug-in, and each keeps its options. Only the plug-in that is named
    is imported, and only its options are checked.
    """

    KIND: ClassVar[str]
    CHOICE: ClassVar[str] = "name"

    @classmethod
    def model_for(cls, values: Any) -> type[Self]:
        """Model with the options of the plug-in that ``values`` names."""
        chosen = values.get(cls.CHOICE) if isinstance(values, Mapping) else None
        return with_options(cls, cls.KIND, plugins.available(cls.KIND), [chosen])

    @classmethod
    def model_for_all(cls, values: Any) -> type[Self]:
        """Model with the options of the plug-ins that ``values`` has some for, named or not."""
        names = plugins.available(cls.KIND)
        named = [values.get(cls.CHOICE), *values] if isinstance(values, Mapping) else []
        return with_options(cls, cls.KIND, names, named)

    @classmethod
    def complete(cls) -> type[Self]:
        """Model with every option of every plug-in, for the schema."""
        names = plugins.available(cls.KIND)
        return with_options(cls, cls.KIND, names, names)

    @property
    def plugin(self) -> Any:
        """The plug-in that is named, with its options."""
        return getattr(self, getattr(self, self.CHOICE))


def _family(name: str) -> str | None:
    """What stands before the colon of a name: ``skactiveml`` of ``skactiveml:ProbCover``."""
    family, colon, _ = name.partition(":")
    return family if colon else None


def _members(schema: dict[str, Any], model: type["OptionsSection"]) -> None:
    """Let a JSON schema have members of families too."""
    patterns = {f"^{name}:": {"type": "object"} for name in plugins.families(model.KIND)}
    schema["patternProperties"] = patterns


class OptionsSection(Section):
    """A section with the options of each plug-in of a kind under its own name."""

    model_config = ConfigDict(json_schema_extra=_members)
    KIND: ClassVar[str]
    CHECKED: ClassVar[tuple[str, ...] | None] = None

    @classmethod
    def only(cls, name: str) -> type[Self]:
        """Section in which the options of one plug-in are checked, and no other is imported."""
        return cast("type[Self]", type(cls.__name__, (cls,), {"CHECKED": (name,)}))

    @classmethod
    def model_for(cls, values: Any) -> type[Self]:
        """Model with the options of every plug-in, and of members of families in ``values``."""
        families = plugins.families(cls.KIND)
        named = [*values] if isinstance(values, Mapping) else []
        members = {name for name in (*named, *(cls.CHECKED or ())) if _family(name) in families}
        names = [*plugins.available(cls.KIND), *sorted(members)]
        return with_options(cls, cls.KIND, names, names if cls.CHECKED is None else cls.CHECKED)

    @classmethod
    def complete(cls) -> type[Self]:
        """Model with every option of every plug-in, for the schema."""
        return cls.model_for({})


def with_options(
    model: type[SectionT], kind: str, names: Iterable[str], checked: Collection[Any]
) -> type[SectionT]:
    """Section with the options of these plug-ins; only ``checked`` ones are imported."""
    fields: dict[str, Any] = {
        name: (plugins.load(kind, name), Field(default_factory=dict, validate_default=True))
        if name in checked
        else (dict[str, Any], {})
        for name in names
    }
    return create_model(model.__name__, __base__=model, __doc__=model.__doc__, **fields)


@dataclass(frozen=True)
class PluginName:
    """Annotation of a text that must name a plug-in of this kind, or a member of a family."""

    kind: str
    families: bool = False

    def check(self, name: str) -> str:
        """Refuse a name that is not there, suggest the nearest."""
        names = plugins.available(self.kind)
        is_member = self.families and _family(name) in plugins.families(self.kind)
        if name not in names and not is_member:
            raise ValueError(unknown(f"plug-in in {self.kind}", name, names))
        return name

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Check after the type."""
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """List the names, for editors."""
        names = {"enum": plugins.available(self.kind)}
        if not self.families:
            return handler(schema) | names
        members = {"type": "string", "pattern": f"^({'|'.join(plugins.families(self.kind))}):"}
        return {"anyOf": [names, members]}


@dataclass(frozen=True)
class AnyPlugin:
    """Annotation of a plug-in of this kind: its name, or a mapping of its name to its options."""

    kind: str

    def made(self, value: Any) -> plugins.Plugin:
        """Plug-in with these options, or with its defaults; refuse what it does not take."""
        chosen = {value: {}} if isinstance(value, str) else value
        if not isinstance(chosen, Mapping) or len(chosen) != 1:
            raise ValueError("must be a name, or a mapping of one name to its options")
        [(name, options)] = chosen.items()
        try:
            plugin: type[plugins.Plugin] = plugins.load(self.kind, name)
        except PluginError as error:
            raise ValueError(f"must name a plug-in: {str(error).removesuffix('.')}") from None
        try:
            return plugin.model_validate(options)
        except ValidationError as error:
            reason = fault(error, plugin, options, name).removesuffix(".")
            raise ValueError(f"must have options that are right: {reason}") from None

    def shown(self, plugin: plugins.Plugin) -> dict[str, Any]:
        """Name and options, as they could stand in params.yaml."""
        return {plugin.registered_name(): plugin.model_dump()}

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Make it of what is given."""
        return core_schema.no_info_plain_validator_function(
            self.made, serialization=core_schema.plain_serializer_function_ser_schema(self.shown)
        )

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """List the names, for editors."""
        names = plugins.available(self.kind)
        return {"anyOf": [{"enum": names}, {"type": "object", "maxProperties": 1}]}


def unique(items: list[str]) -> list[str]:
    """Refuse a list that names something twice."""
    twice = sorted({item for item in items if items.count(item) > 1})
    if twice:
        raise ValueError(f"must name each one once; {', '.join(twice)} stands there twice")
    return items


def read(path: Path = PARAMS) -> dict[str, Any]:
    """Read a whole ``params.yaml``.

    Raises
    ------
    ParamsError
        If it is missing, is not YAML, or is not a mapping of sections.
    """
    try:
        with path.open(encoding="utf-8") as file:  # so that errors name the file
            values = yaml.safe_load(file)
    except FileNotFoundError:
        raise ParamsError(f"{path} is missing; stages run from the project's root.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ParamsError(f"{path} must be YAML; {' '.join(str(error).split())}.") from None
    if not isinstance(values, dict):
        raise ParamsError(f"{path} must be a mapping of sections; got {shown(values)}.")
    return values


def load(
    model: type[SectionT], name: str, path: Path = PARAMS, *, unused: bool = False
) -> SectionT:
    """Read and check one section of ``params.yaml``, with ``unused`` options of plug-ins or not.

    Raises
    ------
    ParamsError
        With the first thing that is wrong: place, rule and value.
    """
    values = read(path)
    if name not in values:
        raise ParamsError(f"{path}: the section {name} is missing.")
    return check(model, values[name], name, path, unused=unused)


def check(
    model: type[SectionT], values: Any, name: str, path: Path = PARAMS, *, unused: bool = False
) -> SectionT:
    """Check values against a section's model; see ``load``."""
    resolved = model.model_for_all(values) if unused else model.model_for(values)
    try:
        return resolved.model_validate(values)
    except ValidationError as error:
        raise ParamsError(explain(error, resolved, values, name, path)) from None
