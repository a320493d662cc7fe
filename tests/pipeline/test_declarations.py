"""What a stage declares in dvc.yaml is what its outputs depend on: code, data and params."""

import ast
import shutil

import pytest

from active_learning.core.plugins import FOLDERS
from stages.params import yaml
from tests.pipeline.clone import ROOT, STAGES

PIPELINES = ("dvc.yaml", "benchmark/dvc.yaml", "rounds/pipeline.yaml")
CODE = ("active_learning", "stages")
KINDS = ("datasets", "learners", "scorers", "strategies")  # others belong to the loop
PLUGINS = tuple(f"active_learning/{FOLDERS[kind]}/" for kind in KINDS)
# Every stage checks all params. To read what it does not declare must not change its outputs.
PARAMS = "stages/params/"
# For every section a valid value that the stages have not run with.
OTHERS = {
    "generate.dataset": "toy",
    "preprocess.dtype": "float32",
    "split.seed": 7,
    "learner.name": "gaussian_nb",
    "evaluation.scorers": ["f1_macro"],
    "oracle.name": "noisy",
    "strategies.typiclust": {"neighbours": 3},
    "query_loop.strategies": ["margin", "random"],
    "stopping.rules": [],
    "compare.confidence": 0.5,
    "plot.title": "Something else",
}


DECLARED = {
    f"{pipeline}:{name}": stage
    for pipeline in PIPELINES
    for name, stage in yaml.read(ROOT / pipeline)["stages"].items()
}


def imports(name):
    """Files of the project that a file imports anywhere, inside functions too."""
    modules = set()
    for node in ast.walk(ast.parse((ROOT / name).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} has a relative import"
            modules |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    places = {module.replace(".", "/") for module in modules if module.startswith(CODE)}
    paths = {f"{place}{end}" for place in places for end in (".py", "/__init__.py")}
    return {path for path in paths if (ROOT / path).is_file()}


def closure(names):
    """These files and all that they import, and what that imports."""
    found, todo = set(), set(names)
    while todo:
        name = todo.pop()
        found.add(name)
        if not name.startswith(PARAMS):
            todo |= imports(name) - found
    return found


def files(folder):
    return {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob("*.py")}


@pytest.mark.parametrize("stage", DECLARED.values(), ids=DECLARED)
def test_a_stage_declares_its_code(stage):
    deps = [dep.removeprefix("${root}/") for dep in stage["deps"]]
    folders = {dep: files(dep) for dep in deps if dep.startswith(CODE)}
    declared = set().union(*folders.values())
    module = stage["cmd"].partition("-m ")[2].split()[0]
    used = closure([f"{module.replace('.', '/')}.py"])
    # Plug-ins are loaded by name: what is declared of them can be used.
    loaded = {name for name in declared if name.startswith(PLUGINS)}
    assert closure(used | loaded) - declared == set()
    # No folder is declared of which nothing is imported, but for strategies, which only names load.
    unused = {folder for folder, names in folders.items() if not names & used}
    assert unused <= {"active_learning/strategies"}


def test_every_stage_is_tested():
    assert [name for name in DECLARED if "/" not in name] == [f"dvc.yaml:{name}" for name in STAGES]


@pytest.mark.slow
@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_needs_no_more_than_it_declares(clone, finished, stage):
    """It gives the same without other data, and with other params where it declares none."""
    entry = clone.lock()[stage]
    deps, outs = (tuple(item["path"] for item in entry[kind]) for kind in ("deps", "outs"))
    folders = ("data", "metrics", "plots")
    before = finished.content(*folders)
    expected = {name: text for name, text in before.items() if name.startswith(deps + outs)}
    for name in before:
        if not name.startswith(deps):
            (clone.path / name).unlink()
    shutil.rmtree(clone.path / ".al_cache")
    declared = entry["params"]["params.yaml"]
    others = {key: value for key, value in OTHERS.items() if key.split(".")[0] not in declared}
    assert len(others) + len(declared) == len(clone.params())
    clone.set_params(others)
    clone.run(*entry["cmd"].split())
    assert clone.content(*folders) == expected
