"""Params in use that differ from their defaults."""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from active_learning.core import plugins
from stages.params import Params
from stages.params.config import PluginSection

Changes = dict[str, dict[str, Any]]


def changed(params: Params, *names: str) -> Changes:
    """Value and default of each param of these sections that is in use and not at its default.

    Parameters
    ----------
    params : Params
    *names : str
        Sections.

    Returns
    -------
    dict of str to dict
        By the place in params.yaml: ``value``, and ``default`` unless there is none.
    """
    changes: Changes = {}
    for name in names:
        section = getattr(params, name)
        changes |= dict(_fields(section, name))
        if isinstance(section, PluginSection):
            for entry in _in_use(params, name):
                changes |= dict(_entry(section, entry, f"{name}.{entry}"))
    return changes


def _in_use(params: Params, section: str) -> list[str]:
    """Entries of a section of plug-ins that this experiment uses."""
    if section == "strategies":
        return list(params.query_loop.strategies)
    if section == "stopping":
        return params.stopping.rules
    chosen = getattr(params, section)
    return [getattr(chosen, chosen.CHOICE)]


def _entry(section: PluginSection, name: str, place: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Changed options of an entry, and of the strategies that it calls."""
    plugin = section.make(name)
    given = section.entries.get(name, {})
    if isinstance(plugin, plugins.Adapted):
        yield from ((f"{place}.{key}", {"value": value}) for key, value in given.items())
        return
    if plugins.USE in given:
        yield f"{place}.{plugins.USE}", {"value": given[plugins.USE]}
    yield from _fields(plugin, place)
    for key, value in plugin:
        if isinstance(value, plugins.Plugin):
            called = given.get(key, type(plugin).model_fields[key].default)
            yield from _change(f"{place}.{key}", called, type(plugin).model_fields[key])
            yield from _entry(section, called, f"{section.PLACE}.{called}")


def _fields(model: BaseModel, place: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Changed fields of a model and of the models in it, but for plug-ins."""
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if isinstance(value, BaseModel) and not isinstance(value, plugins.Plugin):
            yield from _fields(value, f"{place}.{name}")
        elif not isinstance(value, plugins.Plugin):
            yield from _change(f"{place}.{name}", value, field)


def _change(place: str, value: Any, field: FieldInfo) -> Iterator[tuple[str, dict[str, Any]]]:
    default = field.get_default(call_default_factory=True)
    if default is PydanticUndefined:
        yield place, {"value": value}
    elif value != default:
        yield place, {"value": value, "default": default}
