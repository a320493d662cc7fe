"""Generate the JSON schema of params.yaml and the tables of plug-ins in docs/."""

import argparse
import inspect
import json
import re
import sys
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, create_model
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from active_learning.core import plugins
from active_learning.core.bases import Learner, Oracle, Strategy
from active_learning.core.strict import Strict
from active_learning.data import files
from stages import command
from stages.params import Params
from stages.params.config import PluginSection

SCHEMA = Path("params.schema.json")
DOCS = Path("docs")
PAGE = DOCS / "params.md"
TABLE = re.compile(
    r"(<!-- `make schema` writes this table of (\w+) -->\n).*?(<!-- end of the table -->)",
    re.DOTALL,
)
# A citation in a docstring: Lewis & Gale, "A sequential algorithm", 1994.
_NAME = r"[A-Z][\w-]+"
CITATION = re.compile(rf'({_NAME}(?:, {_NAME})*(?: & {_NAME})?(?: et al\.)?), "[^"]+", (\d{{4}})')


class Use(Strict):
    """Entry with a name of its own: the plug-in and its options."""

    model_config = ConfigDict(extra="allow")

    use: str
    """Name of the plug-in, or its import path."""


def add_plugins(model: type[Strict]) -> Any:
    """Add a field for every plug-in to the model of a section."""
    if not issubclass(model, PluginSection):
        return model
    fields: dict[str, Any] = {}
    for name in plugins.available(model.KIND):
        plugin = plugins.load(model.KIND, name)
        fields[name] = (plugin | Use if model.KIND in plugins.ADAPTERS else plugin, {})
    return create_model(model.__name__, __base__=model, __doc__=model.__doc__, **fields)


def schema() -> dict[str, Any]:
    """JSON schema of params.yaml with all options of all plug-ins."""
    models = Params.sections()
    fields: dict[str, Any] = {name: (add_plugins(model), ...) for name, model in models.items()}
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


def option(name: str, field: FieldInfo) -> str:
    """Option and its default in the syntax of params.yaml."""
    default = field.get_default(call_default_factory=True)
    if default is PydanticUndefined:
        return f"`{name}`"
    if isinstance(default, Strict):
        default = default.model_dump(exclude_defaults=True)
    return f"`{name}: {default if isinstance(default, str) else json.dumps(default)}`"


def table_row(kind: str, name: str) -> dict[str, str]:
    """Cells of a plug-in by column, from its docstrings and fields."""
    cls = plugins.load(kind, name)
    module = inspect.getdoc(sys.modules[cls.__module__]) or ""
    summary = module.partition("\n")[0]
    description = summary.partition(": ")[2] or summary
    citations = CITATION.findall(" ".join(f"{module} {inspect.getdoc(cls)}".split()))
    random = "yes" if issubclass(cls, Learner | Oracle | Strategy) and cls.STOCHASTIC else ""
    return {
        "name": f"[`{name}`](../active_learning/{plugins.FOLDERS[kind]}/{name}.py)",
        "description": description[0].upper() + description[1:],
        "options": ", ".join(option(*item) for item in cls.model_fields.items()),
        "random": random,
        "reference": "; ".join(f"{authors} {year}" for authors, year in citations),
    }


def table(kind: str) -> str:
    """Markdown table of the plug-ins of a kind, without empty columns."""
    rows = [table_row(kind, name) for name in plugins.available(kind)]
    columns = [column for column in rows[0] if any(row[column] for row in rows)]
    cells = [columns, ["---"] * len(columns), *([row[key] for key in columns] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in cells)


def params_page() -> str:
    """Page of all params with their defaults, in Markdown."""
    intro = (
        "Every parameter with its default. Each section must be in params.yaml, if only as `{}`;\n"
        "keys that are left out have their defaults. `make schema` writes this page from the code."
    )
    parts = [f"# Params\n\n{intro}\n"]
    for section, model in Params.sections().items():
        parts.append(f"\n## `{section}`\n\n{inspect.getdoc(model)}\n\n")
        parts.append("| param | meaning |\n| --- | --- |\n")
        parts += _params(section, model)
        if issubclass(model, PluginSection):
            for name in plugins.available(model.KIND):
                parts += _params(f"{section}.{name}", plugins.load(model.KIND, name))
    return "".join(parts)


def _params(place: str, model: type[Strict]) -> list[str]:
    """Row of each field."""
    return [
        f"| {option(f'{place}.{name}', field)} | {' '.join((field.description or '').split())} |\n"
        for name, field in model.model_fields.items()
    ]


def generate() -> dict[Path, str]:
    """Content of every generated file, by path."""
    texts = {SCHEMA: json.dumps(schema(), indent=2) + "\n", PAGE: params_page()}
    for page in sorted(DOCS.glob("*.md")):
        text = page.read_text(encoding="utf-8")
        if TABLE.search(text):
            texts[page] = TABLE.sub(lambda match: match[1] + table(match[2]) + match[3], text)
    return texts


def main() -> None:
    """Write the generated files."""
    argparse.ArgumentParser(prog="python -m stages.schema", description=__doc__).parse_args()
    for path, text in generate().items():
        with files.replacing(path) as temporary:
            temporary.write_text(text, encoding="utf-8")
        print(path)


if __name__ == "__main__":
    command.run(main)
