"""The benchmark's pipeline: what runs after a change, and what each of its stages declares."""

import json
import re
import shutil
import sys
from pathlib import Path

import pytest

from stages.params import yaml
from tests.pipeline.clone import ROOT
from tests.pipeline.test_declarations import CODE, closure, without_packages

pytestmark = pytest.mark.slow

PROFILE = "benchmark/default"
SUMMARY = {"leaderboard", "compatibility", "report"}
SMALL = {
    "datasets": ["wine", "iris"],
    "learners": ["gaussian_nb", "logistic_regression"],
    "strategies": ["least_confidence", "random"],
}
IMPORTED = """
import json, runpy, sys
sys.argv = sys.argv[2:]
output, = sys.argv[-1:]
del sys.argv[-1]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
open(output, "w").write(json.dumps([file for file in files if file]))
"""


def change(clone, **lists):
    path = clone.path / PROFILE / "params.yaml"
    params = yaml.read(path) | lists
    params["experiment"]["split"]["repeats"] = 3
    params["experiment"]["query_loop"]["budget"] = 2
    params["experiment"]["learner"]["gaussian_nb"] = {"var_smoothing": 1.0e-9}
    params["leaderboard"]["n_resamples"] = 100
    params["settings"]["iris"] = {"generate": {"dataset": "toy", "toy": {"name": "iris"}}}
    path.write_text(yaml.dump(params), encoding="utf-8")


def repro(clone):
    return {name.split(":")[-1] for name in clone.repro(f"{PROFILE}/dvc.yaml")}


def cells(datasets, learners, *strategies):
    found = set()
    for dataset in datasets:
        for learner in learners:
            found |= {f"{stage}@{dataset}-{learner}" for stage in ("cell", "prepare")}
            found |= {f"query-loop@{dataset}-{learner}-{strategy}" for strategy in strategies}
    return found


@pytest.fixture(scope="module")
def done(tmp_path_factory, project):
    """The benchmark with small params after its first run; copies are taken of it."""
    clone = project.copy(tmp_path_factory.mktemp("benchmark") / "clone")
    (clone.path / PROFILE / "dvc.yaml").symlink_to("../dvc.yaml")
    change(clone, **SMALL)
    expected = cells(SMALL["datasets"], SMALL["learners"], *SMALL["strategies"])
    assert repro(clone) == expected | SUMMARY
    return clone


def test_only_what_is_new_runs(done, tmp_path):
    clone = done.copy(tmp_path / "clone")
    assert repro(clone) == set()
    learners = SMALL["learners"]

    change(clone, strategies=[*SMALL["strategies"], "margin"])
    pairs = [f"{dataset}-{learner}" for dataset in SMALL["datasets"] for learner in learners]
    assert repro(clone) == SUMMARY | {
        *(f"cell@{pair}" for pair in pairs),  # their params.yaml lists the strategies
        *(f"query-loop@{pair}-margin" for pair in pairs),
    }

    three = [*SMALL["datasets"], "breast_cancer"]
    change(clone, datasets=three)
    assert repro(clone) == SUMMARY | cells(
        ["breast_cancer"], learners, *SMALL["strategies"], "margin"
    )
    html = " ".join((clone.path / PROFILE / "report.html").read_text(encoding="utf-8").split())
    assert "3 data sets, 2 learners, 3 strategies, 3 repeats of each" in html

    change(clone, datasets=three[1:])
    assert repro(clone) == SUMMARY
    change(clone, datasets=three)
    assert repro(clone) == SUMMARY


def test_dvc_does_not_see_it_before_its_first_run(project):
    stages = json.loads(project.dvc("status", "--json"))
    assert "generate" in stages
    assert not [name for name in stages if "benchmark" in name]


def test_push_and_status_of_the_root_leave_it_out(done, tmp_path):
    clone = done.copy(tmp_path / "clone")
    clone.dvc("remote", "add", "--default", "here", str(tmp_path / "remote"))
    assert "Everything is up to date" in clone.dvc("push")
    assert clone.stale()
    assert not [name for name in clone.stale() if "benchmark" in name]


def representative(lock):
    """One cell of each stage."""
    return sorted({name.split("@")[0]: name for name in sorted(lock)}.values())


def test_every_stage_uses_the_code_that_it_declares(done, tmp_path):
    clone = done.copy(tmp_path / "clone")
    folder = clone.path / PROFILE
    lock = yaml.read(folder / "dvc.lock")["stages"]
    names = representative(lock)
    assert len(names) == len(SUMMARY) + 3
    for name in names:
        entry = lock[name]
        declared = set()
        for dep in entry["deps"]:
            path = (folder / dep["path"]).resolve()
            files = [path] if path.is_file() else path.rglob("*.py")
            declared |= {str(file.relative_to(clone.path)) for file in files}
        declared = without_packages(name for name in declared if name.startswith(CODE))
        used = imported(clone, folder, entry["cmd"])
        assert used - declared == set(), name
        assert closure(clone.path, used) - declared == set(), name


def imported(clone, folder, command):
    """Run a stage's command, and give the files of the project that it imported."""
    here = folder / (re.findall(r"cd (\S+)", command) or ["."])[0]
    (path,) = re.findall(r"PYTHONPATH=(\S+)", command)
    one = type(clone)(here, clone.env | {"PYTHONPATH": path, "AL_JOBS": "1"})
    output, runner = clone.path / "imported.json", clone.path / "runner.py"
    runner.write_text(IMPORTED, encoding="utf-8")
    used = set()
    for stage, arguments in re.findall(r"python -m (\S+)([^&]*)", command):
        one.run(sys.executable, str(runner), "runner", stage, *arguments.split(), str(output))
        used |= {Path(here, file).resolve() for file in json.loads(output.read_text("utf-8"))}
        used.add(clone.path.resolve() / f"{stage.replace('.', '/')}.py")
    used = {file for file in used if file.is_relative_to(clone.path.resolve())}
    used = {file.relative_to(clone.path.resolve()).as_posix() for file in used} - {"runner.py"}
    return without_packages(used)


def test_a_stage_of_a_cell_reads_the_params_that_it_declares(done, tmp_path):
    """It runs to the same outputs when all other params are gone."""
    clone = done.copy(tmp_path / "clone")
    folder = clone.path / PROFILE
    lock = yaml.read(folder / "dvc.lock")["stages"]
    for name in representative(lock):
        declared = lock[name]["params"]
        (file,) = declared
        if file == "params.yaml":
            continue
        path = folder / file
        kept = yaml.read(path)
        wanted = {key.split(".")[0] for key in declared[file]}
        less = {key: value for key, value in kept.items() if key in wanted}
        path.write_text(yaml.dump(less), encoding="utf-8")
        before = clone.content(*(f"{PROFILE}/{out['path']}" for out in lock[name]["outs"]))
        imported(clone, folder, lock[name]["cmd"])
        assert clone.content(*(f"{PROFILE}/{out['path']}" for out in lock[name]["outs"])) == before
        path.write_text(yaml.dump(kept), encoding="utf-8")


@pytest.mark.parametrize("profile", ["full", "lu2023"])
def test_profiles_are_other_params_for_the_same_pipeline(profile):
    folder = ROOT / "benchmark"
    ours = yaml.read(folder / "default/params.yaml")
    theirs = yaml.read(folder / profile / "params.yaml")
    assert set(ours) == set(theirs)
    assert set(theirs["datasets"]) <= set(theirs["settings"])


def test_a_data_set_without_settings_is_an_error(done, tmp_path):
    folder = tmp_path / "benchmark"
    folder.mkdir()
    shutil.copy2(done.path / PROFILE / "params.yaml", folder)
    path = folder / "params.yaml"
    path.write_text(path.read_text("utf-8").replace("- wine", "- wines", 1), encoding="utf-8")
    here = type(done)(folder, done.env | {"PYTHONPATH": str(done.path)})
    said = here.run(sys.executable, "-m", "stages.cell", "wines", "gaussian_nb", ok=False).stderr
    assert said.startswith("error: params.yaml: datasets: unknown name in settings 'wines'")
    assert said.endswith("did you mean 'wine'?\n")
