"""Check a whole params.yaml before a stage runs, and write the schema that editors check it by."""

import json
import sys
from pathlib import Path
from typing import Any

from pydantic import create_model

from active_learning.base import command, config, files
from active_learning.base.errors import ParamsError, PluginError, unknown
from active_learning.data.preprocessing import Preprocess
from stages.compare import Compare
from stages.generate import Generate
from stages.plot import Plot
from stages.query_loop import Oracle, chosen_strategy
from stages.sections import Evaluation, Learner, QueryLoop, Strategies
from stages.split import Split
from stages.stopping import Stopping

SCHEMA = Path("params.schema.json")
SECTIONS: dict[str, type[config.Section]] = {
    "generate": Generate,
    "preprocess": Preprocess,
    "split": Split,
    "learner": Learner,
    "evaluation": Evaluation,
    "oracle": Oracle,
    "strategies": Strategies,
    "query_loop": QueryLoop,
    "stopping": Stopping,
    "compare": Compare,
    "plot": Plot,
}


def schema() -> dict[str, Any]:
    """JSON schema of params.yaml with every option of every plug-in."""
    fields: dict[str, Any] = {name: (model.complete(), ...) for name, model in SECTIONS.items()}
    params = create_model("Params", __base__=config.Section, **fields)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | params.model_json_schema()


def check(path: Path = config.PARAMS) -> None:
    """Check every section, used or not at this moment, so that nothing fails an hour later.

    Raises
    ------
    ParamsError
        With the first thing that is wrong.
    """
    values = config.read(path)
    for name in values:
        if name not in SECTIONS:
            raise ParamsError(f"{path}: {name} {unknown('section', name, SECTIONS)}.")
    for name, model in SECTIONS.items():
        config.load(model, name, path, unused=True)
    query_loop = config.load(QueryLoop, "query_loop", path)
    for name in query_loop.names:
        try:
            chosen_strategy(name, wrapper=name in query_loop.wrappers, path=path)
        except PluginError as error:
            raise ParamsError(f"{path}: query_loop.wrappers: {error}") from None


def main() -> None:
    """Check params.yaml (with ``--check``), or write its schema."""
    if sys.argv[1:] == ["--check"]:
        check()
        return
    with files.replacing(SCHEMA) as temporary:
        temporary.write_text(json.dumps(schema(), indent=2) + "\n", encoding="utf-8")
    print(SCHEMA)


if __name__ == "__main__":
    command.run(main)
