"""Check a whole params.yaml before a stage runs, and write the schema that editors check it by."""

import json
import sys
from pathlib import Path
from typing import Any

from pydantic import create_model

from active_learning.core.strict import Strict
from active_learning.data import files
from stages import command
from stages.params import Params, read
from stages.params.config import complete

SCHEMA = Path("params.schema.json")


def schema() -> dict[str, Any]:
    """JSON schema of params.yaml with every option of every plug-in."""
    fields: dict[str, Any] = {name: (complete(model), ...) for name, model in Params.models()}
    params = create_model("Params", __base__=Strict, **fields)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | params.model_json_schema()


def main() -> None:
    """Check params.yaml (with ``--check``), or write its schema."""
    if sys.argv[1:] == ["--check"]:
        read().check()
        return
    with files.replacing(SCHEMA) as temporary:
        temporary.write_text(json.dumps(schema(), indent=2) + "\n", encoding="utf-8")
    print(SCHEMA)


if __name__ == "__main__":
    command.run(main)
