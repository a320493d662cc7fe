"""What is wrong with a parameter, in one line: the place, the rule and the value."""

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from active_learning.base.errors import unknown


def explain(
    error: ValidationError, model: type[BaseModel], values: Any, name: str, path: Path
) -> str:
    """One line for the first error: ``params.yaml: split.repeats must be …``, and what was got."""
    return f"{path}: {fault(error, model, values, name)}"


def fault(error: ValidationError, model: type[BaseModel], values: Any, name: str) -> str:
    """The same without the file."""
    # An unknown key is often a misspelling of the key that is missing: say the former.
    details = sorted(error.errors(), key=lambda item: item["type"] != "extra_forbidden")[0]
    location = _location(details["loc"], values)
    if details["type"] in ("extra_forbidden", "missing"):
        location = [*location[: len(details["loc"]) - 1], details["loc"][-1]]
    place = ".".join(str(part) for part in [name, *location] if part != "")
    schema = model.model_json_schema()
    if details["loc"] and details["loc"][-1] == "[key]":  # as pydantic calls it
        return f"{place} must be a text, in quotes; got {shown(location[-1])}."
    if details["type"] == "extra_forbidden":
        known = _properties(schema, location[:-1])
        return f"{place} {unknown('key', details['loc'][-1], known)}."
    if details["type"] == "missing":
        return f"{place} is missing; it must be {_rule(_find(schema, location), schema)}."
    if details["type"] == "value_error":
        reason, value = details["ctx"]["error"], details["input"]
        # What is wrong with several options together is said with their values.
        return (
            f"{place} {reason}."
            if isinstance(value, dict)
            else f"{place} {reason}; got {shown(value)}."
        )
    rule, value = _rule(_find(schema, location), schema), _at(values, location)
    hint = _number_in_yaml(value) if "a float" in rule else ""
    return f"{place} must be {rule}; got {shown(value)}{hint}."


def _location(loc: Iterable[Any], values: Any) -> list[Any]:
    """Keep the parts of an error's location that are keys of the values, not names of types.

    A number as a key of a mapping may have become a text.
    """
    kept = []
    for part in loc:
        if isinstance(values, Mapping) and part not in values:
            part = next((key for key in values if str(key) == part), part)  # noqa: PLW2901 - as it stands
        try:
            values = values[part]
        except (KeyError, IndexError, TypeError):
            break
        kept.append(part)
    return kept


def _at(values: Any, location: Iterable[Any]) -> Any:
    for part in location:
        values = values[part]
    return values


def _number_in_yaml(value: Any) -> str:
    """Hint for a number that YAML takes for a text, such as 1e-9."""
    try:
        number = float(value) if isinstance(value, str) else math.nan
    except ValueError:
        number = math.nan
    return f", a text; as a number it is {number:.1e}" if math.isfinite(number) else ""


def shown(value: Any, longest: int = 60) -> str:
    """Value as Python writes it, cut to a readable length."""
    text = repr(value.item() if hasattr(value, "item") else value)  # numpy's: 0, not np.int64(0)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _resolve(schema: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    """Follow a reference of a JSON schema to what it names."""
    if "$ref" in schema:
        found: dict[str, Any] = root["$defs"][schema["$ref"].rsplit("/", 1)[-1]]
        return found
    return schema


def _find(root: dict[str, Any], location: Iterable[Any]) -> dict[str, Any]:
    """Part of a JSON schema that rules the value at a location."""
    schema = _resolve(root, root)
    for part in location:
        inner = schema.get("items") if isinstance(part, int) else None
        inner = inner or schema.get("properties", {}).get(part)
        any_key = schema.get("additionalProperties")
        schema = _resolve(inner or (any_key if isinstance(any_key, dict) else {}), root)
    return schema


def _properties(root: dict[str, Any], location: Iterable[Any]) -> list[str]:
    return list(_find(root, location).get("properties", {}))


def _rule(schema: dict[str, Any], root: dict[str, Any]) -> str:
    """Rule of a JSON schema in words: ``an int in [1, inf)``."""
    schema = _resolve(schema, root)
    if "anyOf" in schema:
        return " or ".join(_rule(option, root) for option in schema["anyOf"])
    if "enum" in schema:
        return "one of " + ", ".join(str(option) for option in schema["enum"])
    if "const" in schema:
        return str(schema["const"])
    kind = schema.get("type", "valid")
    if kind in ("integer", "number"):
        return ("an int" if kind == "integer" else "a float") + _interval(schema)
    if kind == "array":
        least = schema.get("minItems", 0)
        several = f" of at least {least}" if least else ""
        return f"a list{several}, each {_rule(schema.get('items', {}), root)}"
    names: dict[str, str] = {
        "string": "a text",
        "boolean": "true or false",
        "null": "null",
        "object": "a mapping",
    }
    return names.get(kind, str(kind))


def _interval(schema: dict[str, Any]) -> str:
    """Bounds of a number as an interval, as scikit-learn writes them."""
    low = schema.get("minimum", schema.get("exclusiveMinimum", -math.inf))
    high = schema.get("maximum", schema.get("exclusiveMaximum", math.inf))
    if math.isinf(low) and math.isinf(high):
        return ""
    left = "[" if "minimum" in schema else "("
    right = "]" if "maximum" in schema else ")"
    return f" in {left}{low}, {high}{right}"
