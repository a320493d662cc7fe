"""Every stage of the benchmark declares the code that it imports, and no other."""

import re

import pytest
import yaml

from active_learning.benchmark import page
from tests.examples import ROOT
from tests.pipeline.test_declarations import CODE, SHARED, closure, without_packages

STAGES = yaml.safe_load((ROOT / "benchmark/dvc.yaml").read_text(encoding="utf-8"))["stages"]
# Plug-ins are loaded by name. Those that params.yaml lists, or names below a data set, stand there
# as a folder, since DVC cannot look them up.
PLUGINS = re.compile(r"active_learning/(datasets|learners|oracles|scorers|stopping|strategies)/")
VALUES = {
    "${root}/": "",
    "${item.learner}": "svm_rbf",
    "${item.strategy}": "margin",
    "${experiment.oracle.name}": "simulated",
}


def declared_by(stage):
    found = set()
    for written in STAGES[stage]["deps"]:
        dep = written
        for place, value in VALUES.items():
            dep = dep.replace(place, value)
        if dep.startswith(CODE):
            assert (ROOT / dep).exists(), dep
            files = [ROOT / dep] if dep.endswith(".py") else (ROOT / dep).rglob("*.py")
            found |= {file.relative_to(ROOT).as_posix() for file in files}
    return without_packages(found)


@pytest.mark.parametrize("stage", STAGES)
def test_code(stage):
    declared = declared_by(stage)
    modules = re.findall(r"-m (stages\.\w+)", STAGES[stage]["cmd"])
    plugins = {name for name in declared if PLUGINS.match(name)}
    used = closure(ROOT, {f"{module.replace('.', '/')}.py" for module in modules} | plugins)
    assert used - declared == set()
    whole = re.compile(f"{PLUGINS.pattern}|active_learning/data/|stages/params/")
    spare = {name for name in declared - used if not whole.match(name)}
    assert spare <= (SHARED if stage == "query-loop" else set())


def test_the_report_depends_on_its_templates():
    deps = STAGES["report"]["deps"]
    assert f"${{root}}/{page.TEMPLATES.relative_to(ROOT).as_posix()}" in deps


@pytest.mark.parametrize(("stage", "kinds"), [
    ("cell", {"learners"}),
    ("prepare", {"datasets", "strategies", "learners", "scorers"}),
    ("query-loop", {"learners", "scorers", "stopping", "oracles", "strategies"}),
    ("compatibility", {"learners", "scorers"}),
    ("leaderboard", set()),
    ("report", set()),
])  # fmt: skip
def test_kinds_of_plug_ins(stage, kinds):
    assert {PLUGINS.match(name)[1] for name in declared_by(stage) if PLUGINS.match(name)} == kinds
