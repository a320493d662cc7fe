"""What a stage declares in dvc.yaml is what it uses: its code, its data and its params."""

import ast
import json
import shutil
import sys
from pathlib import Path

import pytest

from tests.pipeline.clone import ROOT, STAGES

RECORDER = Path(__file__).with_name("recorder.py")
CODE = ("active_learning", "stages")
PLUGINS = {"sources", "learners", "oracles", "scorers", "stopping", "strategies"}

# DVC cannot look up the rules on a list, so the options of all of them are declared.
WHOLE_SECTION = {
    f"stopping.{path.stem}" for path in (ROOT / "active_learning/simulation/stopping").glob("*.py")
}
# What a wrapper calls is named in its options.
WRAPPERS = {"epsilon_greedy": {"random", "least_confidence"}, "diverse_batch": {"margin"}}


class Sandbox:
    """A folder with nothing but params.yaml and what a stage declares as deps.

    Other plug-ins are there by name, for names in params.yaml to be known, but without content.
    """

    def __init__(self, path, finished, stage):
        self.path, self.finished, self.stage = path, finished, stage
        self.entry = finished.lock()[stage]
        self.deps = [dep["path"] for dep in self.entry["deps"]]
        self.outs = [out["path"] for out in self.entry["outs"]]
        for name in ["params.yaml", *self.deps]:
            source, target = finished.path / name, path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(source, target)
        for source in (finished.path / "active_learning").rglob("*.py"):
            if source.parent.name in PLUGINS:
                target = path / source.relative_to(finished.path)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.touch()
        self.names = set(self.content(["."])) - {"params.yaml"}
        self.deps_content = self.content(self.deps)
        self.declared = {name for name in self.deps_content if name.startswith(CODE)}

    @staticmethod
    def read(root, names):
        found = {}
        for name in names:
            top = root / name
            for path in [top] if top.is_file() else top.rglob("*"):
                if path.is_file() and "__pycache__" not in path.parts:
                    found[path.relative_to(root).as_posix()] = path.read_bytes()
        return found

    def content(self, names):
        return self.read(self.path, names)

    def run(self, ok=True):
        """Run the stage's command under the recorder."""
        python, dash_m, *command = self.entry["cmd"].split()
        assert (python, dash_m) == ("python", "-m")
        here = type(self.finished)(self.path, self.finished.env)
        record = self.path.parent / "record.json"
        done = here.run(sys.executable, str(RECORDER), str(record), *command, ok=ok, AL_JOBS="1")
        return done, json.loads(record.read_text(encoding="utf-8"))


@pytest.fixture
def sandbox(request, tmp_path, finished):
    return Sandbox(tmp_path / "sandbox", finished, request.param)


def imports(root, name):
    """Files of the project that a file imports anywhere, inside functions too."""
    tree = ast.parse((root / name).read_text(encoding="utf-8"))
    modules = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} has a relative import"
            modules |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    paths = {f"{module.replace('.', '/')}.py" for module in modules if module.startswith(CODE)}
    return {path for path in paths if (root / path).is_file()}


def closure(root, names):
    """These files and all that they import, and what that imports."""
    found, todo = set(), set(names)
    while todo:
        name = todo.pop()
        found.add(name)
        todo |= imports(root, name) - found
    return found


def without_packages(names):
    return {name for name in names if not name.endswith("__init__.py")}


def unused(deps, used):
    """Code that is declared without being imported: a file, or a folder with no such file."""
    code = [dep for dep in deps if dep.startswith(CODE)]
    return [dep for dep in code if not any(f"{name}/".startswith(f"{dep}/") for name in used)]


def test_every_stage_is_tested(finished):
    assert set(finished.lock()) == set(STAGES)


def test_package_files_hold_a_docstring_only(project):
    # They are imported without being declared, so nothing may hang on them. All of params is.
    files = [path for top in CODE for path in (project.path / top).rglob("__init__.py")]
    files.remove(project.path / "stages/params/__init__.py")
    assert len(files) > len(CODE)
    for path in files:
        (statement,) = ast.parse(path.read_text(encoding="utf-8")).body
        assert isinstance(statement.value.value, str), path


@pytest.mark.parametrize("sandbox", STAGES, indirect=True)
def test_a_stage_uses_what_it_declares(sandbox, finished):
    _, record = sandbox.run()
    # It runs with its deps alone, to the same outputs, and writes nothing else; the checkpoints
    # of query-loop are outside of DVC on purpose.
    outs = sandbox.content(sandbox.outs)
    assert outs == sandbox.read(finished.path, sandbox.outs)
    assert sandbox.content(sandbox.deps) == sandbox.deps_content
    others = {name for name in sandbox.content(["."]) if not name.startswith(".al_cache/")}
    assert others - set(outs) - sandbox.names == {"params.yaml"}

    # Code: nothing is imported that is not declared, not even under another condition ...
    used = without_packages(record["files"])
    assert used - sandbox.declared == set()
    assert closure(finished.path, used) - sandbox.declared == set()
    # ... and no file or folder is declared of which nothing is imported, but for the strategies,
    # one of which can choose the initial set.
    by_name = ["active_learning/strategies"] if sandbox.stage == "split" else []
    assert unused(sandbox.deps, used) == by_name

    # Params: the same, both ways. The options of a plug-in are one key: it gets them all.
    declared = set()
    for key, value in sandbox.entry["params"]["params.yaml"].items():
        is_section = "." not in key
        declared |= {f"{key}.{option}" for option in value} if is_section else {key}
    assert set(record["params"]) <= declared
    assert declared - set(record["params"]) <= WHOLE_SECTION


@pytest.fixture(scope="module")
def wrapped(made, finished):
    """The finished project with wrappers after another run; not to be changed."""

    def run(clone):
        clone.set_params({"query_loop.wrappers": ["epsilon_greedy", "diverse_batch"]})
        ran = {f"query-loop-wrapper@{name}" for name in ("epsilon_greedy", "diverse_batch")}
        assert clone.repro() == ran | {"compare", "plot"}

    return made("wrapped", finished, run)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["epsilon_greedy", "diverse_batch"])
def test_a_wrapper_uses_what_it_declares(tmp_path, wrapped, name):
    sandbox = Sandbox(tmp_path / "sandbox", wrapped, f"query-loop-wrapper@{name}")
    _, record = sandbox.run()
    assert sandbox.content(sandbox.outs) == sandbox.read(wrapped.path, sandbox.outs)
    used = without_packages(record["files"])
    assert used - sandbox.declared == set()
    strategies = {Path(path).stem for path in used if "/strategies/" in path}
    strategies = {name for name in strategies if not name.startswith("_")}
    assert strategies == {name} | WRAPPERS[name]
    assert unused(sandbox.deps, used) == []
    declared = set()
    for key, value in sandbox.entry["params"]["params.yaml"].items():
        declared |= {key} if "." in key else {f"{key}.{option}" for option in value}
    read = set(record["params"])
    assert read - declared == set()
    assert all(key.startswith("strategies.") for key in declared - read - WHOLE_SECTION)


def test_wrappers_run_again_when_options_of_a_strategy_change(tmp_path, wrapped):
    clone = wrapped.copy(tmp_path / "clone")
    assert clone.stale() == set()
    rows = clone.json("metrics/strategies.json")["strategies"]
    assert set(rows) >= {"epsilon_greedy", "diverse_batch"}
    clone.set_params({"strategies.epsilon_greedy.epsilon": 0.5})
    both = {"query-loop-wrapper@epsilon_greedy", "query-loop-wrapper@diverse_batch"}
    assert clone.stale() == both


@pytest.mark.slow
@pytest.mark.parametrize("sandbox", STAGES, indirect=True)
def test_a_stage_needs_each_file_of_data(sandbox):
    data = [name for name in sandbox.deps_content if not name.startswith(CODE)]
    assert data
    for name in data:
        path = sandbox.path / name
        kept = path.read_bytes()
        path.unlink()
        if name.startswith("tables/"):  # the deps of generate name the file of every table
            sandbox.run()
        else:
            done, _ = sandbox.run(ok=False)
            assert done.stderr == f"error: {name} is missing; `dvc repro` makes it.\n"
        path.write_bytes(kept)
