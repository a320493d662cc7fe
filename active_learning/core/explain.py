"""One-line messages for pydantic's validation errors: place, rule and value."""

import math
from collections.abc import Iterable, Mapping
from functools import reduce
from operator import getitem
from typing import Any

from pydantic import BaseModel, ValidationError

from active_learning.core.errors import LONGEST, nearest, shown, shown_yaml, unknown

_TYPES = {"string": "a string", "boolean": "true or false", "null": "null", "object": "a mapping"}


def explain(error: ValidationError, model: type[BaseModel], values: Any, place: str) -> str:
    """First error in one line, such as ``repeats must be an int in [1, inf); got 0``.

    The ``ValueError`` of a model's validator either starts with "must" or is a whole sentence.
    """
    # An unknown key is often a misspelling of a missing one, so it is reported first.
    details = min(error.errors(), key=lambda item: item["type"] != "extra_forbidden")
    kind, loc = details["type"], details["loc"]
    root = model.model_json_schema()
    schema = _inline(root, root.get("$defs", {}))
    location = _location(loc, values)
    if kind == "extra_forbidden":
        *location, key = location
        known = _find(schema, location).get("properties", {})
        return f"{_join(place, location)}: {unknown('key', key, known)}".removeprefix(": ")
    if kind == "missing":
        location.append(loc[-1])
        return f"{_join(place, location)} is missing; it must be {_rule(_find(schema, location))}."
    value, place = reduce(getitem, location, values), _join(place, location)
    if kind == "invalid_key" or "[key]" in loc:  # as pydantic marks it
        key = location[-1] if location else loc[0]
        return f"{place} must be a string; quote {shown_yaml(key)}."
    if kind == "value_error":
        reason, value = str(details["ctx"]["error"]), details["input"]
        if not reason.startswith("must "):
            return f"{place}: {reason}"
        # Messages about several options contain their values already.
        got = "" if isinstance(value, dict) else f"; got {shown_yaml(value)}"
        return f"{place} {reason}{got}."
    schema = _find(schema, location)
    return f"{place} must be {_rule(schema)}; got {shown_yaml(value)}{_hint(schema, value)}"


def _join(place: str, location: Iterable[Any]) -> str:
    return ".".join(_part(part) for part in (place, *location) if part != "")


def _part(part: Any) -> str:
    """Part of a place: the key itself if it is short and printable."""
    text = str(part)
    return text if text.isprintable() and len(text) <= LONGEST else shown(part)


def _location(loc: Iterable[Any], values: Any) -> list[Any]:
    """Parts of an error's location that are keys of the values rather than names of types."""
    kept = []
    for part in loc:
        if isinstance(values, Mapping) and part not in values:  # the key 1 as '1'
            part = next((key for key in values if str(key) == str(part)), part)  # noqa: PLW2901
        try:
            values = values[part]
        except (KeyError, IndexError, TypeError):
            break
        kept.append(part)
    return kept


def _hint(schema: dict[str, Any], value: Any) -> str:
    """End of the sentence: a suggestion if there is one."""
    if isinstance(value, str):
        options = schema.get("anyOf", [schema])
        listed = [option.get("enum", [option.get("const", "")]) for option in options]
        choices = [str(choice) for choices in listed for choice in choices]
        near = nearest(value, choices)
        if near:
            return f"; did you mean {near!r}?"
    return "."


def _inline(node: Any, definitions: Mapping[str, Any]) -> Any:
    """JSON schema with all references resolved."""
    if isinstance(node, list):
        return [_inline(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _inline(definitions[node["$ref"].rsplit("/", 1)[-1]], definitions)
    return {key: _inline(item, definitions) for key, item in node.items() if key != "$defs"}


def _find(schema: dict[str, Any], location: Iterable[Any]) -> dict[str, Any]:
    """Part of a JSON schema that describes the value at a location."""
    for part in location:
        inner = (_inner(option, part) for option in schema.get("anyOf", [schema]))
        schema = next((each for each in inner if isinstance(each, dict)), {})
    return schema


def _inner(schema: dict[str, Any], part: Any) -> Any:
    inner = schema.get("items") if isinstance(part, int) else None
    inner = inner or schema.get("properties", {}).get(part)
    return inner or schema.get("additionalProperties")


def _rule(schema: dict[str, Any]) -> str:
    """Rule of a JSON schema in words: ``an int in [1, inf)``."""
    match schema:
        case {"anyOf": options}:
            rule = " or ".join(map(_rule, options))
        case {"enum": choices}:
            rule = "one of " + ", ".join(map(str, choices))
        case {"const": constant}:
            rule = str(constant)
        case {"rule": rule}:
            pass
        case {"pattern": pattern}:
            rule = f"a string that matches {pattern}"
        case {"type": "integer"}:
            rule = f"an int{_interval(schema)}"
        case {"type": "number"}:
            rule = f"a float{_interval(schema)}"
        case {"type": "array", "items": items}:
            least = schema.get("minItems")
            rule = f"a list{f' of at least {least}' if least else ''}, each {_rule(items)}"
        case _:
            rule = _TYPES.get(schema.get("type", ""), "valid")
    return rule


def _interval(schema: dict[str, Any]) -> str:
    """Bounds of a number as an interval, in scikit-learn's notation."""
    low = schema.get("minimum", schema.get("exclusiveMinimum", -math.inf))
    high = schema.get("maximum", schema.get("exclusiveMaximum", math.inf))
    if math.isinf(low) and math.isinf(high):
        return ""
    left = "[" if "minimum" in schema else "("
    right = "]" if "maximum" in schema else ")"
    return f" in {left}{low}, {high}{right}"
