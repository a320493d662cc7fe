"""Check params.yaml, or write the schema by which editors check it."""

import json
import sys
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, create_model

from active_learning.core import plugins
from active_learning.core.strict import Strict
from active_learning.data import files
from stages import command
from stages.params import Params
from stages.params.config import PluginSection

SCHEMA = Path("params.schema.json")


class Use(Strict):
    """Entry of a plug-in that it is not named after, and its options."""

    model_config = ConfigDict(extra="allow")

    use: str
    """Name of the plug-in, or its import path."""


def with_plugins(model: type[Strict]) -> Any:
    """Model of a section with an entry for every plug-in."""
    if not issubclass(model, PluginSection):
        return model
    fields: dict[str, Any] = {}
    for name in plugins.available(model.KIND):
        plugin = plugins.load(model.KIND, name)
        fields[name] = (plugin | Use if model.KIND in plugins.ADAPTERS else plugin, {})
    return create_model(model.__name__, __base__=model, __doc__=model.__doc__, **fields)


def schema() -> dict[str, Any]:
    """JSON schema of params.yaml with every option of every plug-in."""
    models = Params.sections()
    fields: dict[str, Any] = {name: (with_plugins(model), ...) for name, model in models.items()}
    params = create_model("Params", __base__=Strict, **fields)
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | params.model_json_schema()
    for model in models.values():
        if issubclass(model, PluginSection):
            section = whole["$defs"][model.__name__]
            section["additionalProperties"] = False
            if model.KIND in plugins.ADAPTERS:
                section["additionalProperties"] = {"$ref": "#/$defs/Use"}
                section["patternProperties"] = {r"\.": {"type": "object"}}  # an import path
    return whole


def main() -> None:
    """Check params.yaml (with ``--check``), or write its schema."""
    if sys.argv[1:] == ["--check"]:
        Params.read()
        return
    with files.replacing(SCHEMA) as temporary:
        temporary.write_text(json.dumps(schema(), indent=2) + "\n", encoding="utf-8")
    print(SCHEMA)


if __name__ == "__main__":
    command.run(main)
