"""Every stage of the benchmark declares the code that it imports, and no other."""

import re

import pytest

from active_learning.analysis.benchmark import page
from stages.params import yaml
from tests.examples import ROOT
from tests.pipeline.test_declarations import CODE, closure, unused, without_packages

STAGES = yaml.read(ROOT / "benchmark/dvc.yaml")["stages"]
PLUGINS = re.compile(
    r"active_learning/(data/sources|models/learners|simulation/oracles|models/scorers"
    r"|simulation/stopping|strategies)/"
)
VALUES = {
    "${root}/": "",
    "${item.learner}": "svm_rbf",
}


def declared_by(stage):
    """Paths of code that a stage declares, from the root."""
    found = []
    for written in STAGES[stage]["deps"]:
        dep = written
        for place, value in VALUES.items():
            dep = dep.replace(place, value)
        if dep.startswith(CODE):
            assert (ROOT / dep).exists(), dep
            found.append(dep)
    return found


@pytest.mark.parametrize("stage", STAGES)
def test_code(stage):
    declared = declared_by(stage)
    modules = re.findall(r"-m (stages\.\w+)", STAGES[stage]["cmd"])
    top = {f"{module.replace('.', '/')}.py" for module in modules}
    used = without_packages(closure(ROOT, top))
    inside = {name for name in used for dep in declared if f"{name}/".startswith(f"{dep}/")}
    assert used - inside == set()
    # Plug-ins are loaded by name, which no import shows.
    plugins = [dep for dep in unused(declared, used) if PLUGINS.match(f"{dep}/")]
    assert unused(declared, used) == plugins


def test_the_report_depends_on_its_templates():
    folders = [ROOT / dep for dep in declared_by("report")]
    assert any(folder in page.TEMPLATES.parents for folder in folders)
