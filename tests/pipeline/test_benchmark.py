"""The benchmark's pipeline: its stages, and which of them run after a change."""

import json
import shutil
import sys

import pytest

from stages.params import yaml
from tests.pipeline.clone import ROOT

pytestmark = pytest.mark.slow

PROFILE = "benchmark/default"
SUMMARY = {"leaderboard", "compatibility", "report"}
SMALL = {
    "datasets": ["wine"],
    "learners": ["gaussian_nb", "logistic_regression"],
    "strategies": ["least_confidence", "random"],
}
# For every section a valid value that the stages have not run with.
OTHERS = {
    "leaderboard": {"confidence": 0.5},
    "compatibility": {"points": 2},
    "report": {"title": "Something else"},
    "experiment": {"split": {"repeats": 2}},
}


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


def cells(datasets, learners):
    return {f"cell@{dataset}-{learner}" for dataset in datasets for learner in learners}


@pytest.fixture(scope="session")
def done(made, project):
    """The benchmark with small params after its first run; not to be changed."""

    def run(clone):
        (clone.path / PROFILE / "dvc.yaml").symlink_to("../dvc.yaml")
        clone.count_fits()
        change(clone, **SMALL)
        assert repro(clone) == cells(SMALL["datasets"], SMALL["learners"]) | SUMMARY

    return made("benchmark", project, run)


def test_only_what_is_new_runs(done, tmp_path):
    clone = done.copy(tmp_path / "clone")
    assert repro(clone) == set()

    change(clone, strategies=[*SMALL["strategies"], "margin"])
    clone.fits()
    assert repro(clone) == SUMMARY | cells(["wine"], SMALL["learners"])
    fits = clone.fits()
    assert fits == {"margin": 2 * 3 * 3}  # 2 learners, 3 repeats; 3 fits for 2 labels

    change(clone, datasets=["wine", "iris"])
    assert repro(clone) == SUMMARY | cells(["iris"], SMALL["learners"])
    html = " ".join((clone.path / PROFILE / "report.html").read_text(encoding="utf-8").split())
    assert "2 data sets, 2 learners, 3 strategies, 3 repeats of each" in html
    change(clone, datasets=["iris"])
    assert repro(clone) == SUMMARY


def test_dvc_does_not_see_it_before_its_first_run(project):
    stages = json.loads(project.dvc("status", "--json"))
    assert "generate" in stages
    assert not [name for name in stages if "benchmark" in name]


def test_one_stage_for_each_data_set_and_learner(tmp_path, project):
    clone = project.copy(tmp_path / "clone")
    (clone.path / PROFILE / "dvc.yaml").symlink_to("../dvc.yaml")
    names = clone.dvc("stage", "list", "--name-only", f"{PROFILE}/dvc.yaml").splitlines()
    assert len(names) == 9 * 2 + len(SUMMARY)


def test_push_and_status_of_the_root_leave_it_out(done, tmp_path):
    clone = done.copy(tmp_path / "clone")
    clone.dvc("remote", "add", "--default", "here", str(tmp_path / "remote"))
    assert "Everything is up to date" in clone.dvc("push")
    assert clone.stale()
    assert not [name for name in clone.stale() if "benchmark" in name]


def test_a_stage_needs_no_more_than_it_declares(done, tmp_path):
    """It gives the same with other params where it declares none."""
    clone = done.copy(tmp_path / "clone")
    folder = clone.path / PROFILE
    lock = yaml.read(folder / "dvc.lock")["stages"]
    path = folder / "params.yaml"
    params = yaml.read(path)
    here = type(clone)(folder, clone.env | {"DVC_ROOT": str(clone.path)})
    before = here.content("data", "metrics", "report.html")
    for name in ("cell@wine-gaussian_nb", *SUMMARY):
        declared = lock[name]["params"]["params.yaml"]
        others = {key: params[key] | value for key, value in OTHERS.items() if key not in declared}
        path.write_text(yaml.dump(params | others), encoding="utf-8")
        for out in lock[name]["outs"]:
            out_path = folder / out["path"]
            shutil.rmtree(out_path) if out_path.is_dir() else out_path.unlink()
        here.run("sh", "-c", lock[name]["cmd"])
        assert here.content("data", "metrics", "report.html") == before, name


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
