"""A dvc.lock that is empty or cut, as a kill while DVC writes it leaves it."""

import shutil

import pytest
from dvc.dvcfile import Lockfile
from dvc.utils.serialize import parse_yaml

from tests.pipeline.clone import ROOT, Clone
from tests.recipes.pages import recipes

(RESTORE,) = recipes("docs/running.md", "Interrupt and resume")

LOCK = """\
schema: '2.0'
stages:
  split:
    cmd: python -m stages.split
    deps:
    - path: data/raw
      hash: md5
      md5: 9a3cd58b9a3cd58b9a3cd58b9a3cd58b.dir
      size: 24
      nfiles: 2
    params:
      params.yaml:
        learner.svm_rbf:
          gamma:
        split:
          test_size: 0.1
    outs:
    - path: data/splits.parquet
      hash: md5
      md5: 0b1e7ac40b1e7ac40b1e7ac40b1e7ac4
      size: 1
"""
CUTS = {"empty": "", "half": LOCK[: len(LOCK) // 2], "key": LOCK[: LOCK.index(" '2.0'")] + "\n"}


@pytest.fixture
def repository(tmp_path, env):
    """A repository with the Makefile and dvc.lock."""
    made = Clone(tmp_path, env)
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "dvc.lock").write_text(LOCK, encoding="utf-8")
    made.run("git", "init", "--quiet")
    made.commit()
    return made


def written(clone, text, name="dvc.lock"):
    path = clone.path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("cut", CUTS)
def test_a_cut_lock_is_restored(repository, cut):
    lock = written(repository, CUTS[cut])
    printed = repository.run("make", "whole-locks").stdout
    assert printed == "dvc.lock was cut short; restored the committed version.\n"
    assert lock.read_text(encoding="utf-8") == LOCK


@pytest.mark.parametrize("change", [LOCK.replace("size: 24", "size: 25"), LOCK + "  more: {}\n"])
def test_a_changed_lock_is_left_alone(repository, change):
    lock = written(repository, change)
    assert repository.run("make", "whole-locks").stdout == ""
    assert lock.read_text(encoding="utf-8") == change


@pytest.mark.slow
def test_no_cut_is_left_that_dvc_refuses(repository):
    names = [f"benchmark/{end}/dvc.lock" for end in range(len(LOCK) + 1)]
    for name in names:
        written(repository, LOCK, name)
    repository.commit()
    for end, name in enumerate(names):
        written(repository, LOCK[:end], name)
    printed = repository.run("make", "whole-locks").stdout
    texts = [(repository.path / name).read_text(encoding="utf-8") for name in names]
    for end, text in enumerate(texts):
        assert text == (LOCK if f"{names[end]} was cut" in printed else LOCK[:end])
    for text in set(texts):
        Lockfile.validate(parse_yaml(text, "dvc.lock"))
    assert len(set(texts)) > 10  # what ends with a whole line is left


@pytest.mark.parametrize("committed", ["", None])
def test_without_a_whole_one_in_git_the_remedy_is_named(repository, committed):
    name = "benchmark/default/dvc.lock"
    if committed is not None:
        written(repository, committed, name)
        repository.commit()
    written(repository, "schema", name)
    first, *others = repository.run("make", "whole-locks", ok=False).stderr.splitlines()
    assert first == f"{name} is cut short and git has no whole one; delete it: rm {name}"
    assert len(others) == 1  # make's own


def test_a_merge_conflict_is_left_to_people(repository):
    repository.run("git", "switch", "--quiet", "--create", "other")
    written(repository, LOCK.replace("size: 24", "size: 25"))
    repository.commit()
    repository.run("git", "switch", "--quiet", "-")
    written(repository, LOCK.replace("size: 24", "size: 26"))
    repository.commit()
    repository.run("git", "merge", "other", ok=False)
    first, *others = repository.run("make", "whole-locks", ok=False).stderr.splitlines()
    said, _, remedy = first.partition(": ")
    assert said == "dvc.lock has merge conflicts; take either side"
    assert len(others) == 1  # make's own
    repository.run(*remedy.split())
    assert repository.run("make", "whole-locks").stdout == ""


def test_nothing_is_needed_without_a_lock(repository):
    (repository.path / "dvc.lock").unlink()
    assert repository.run("make", "whole-locks").stdout == ""


@pytest.mark.slow
def test_make_repro_continues(clone):
    clone.link_environment()
    whole = clone.content("dvc.lock")
    cut = "schema: '2.0'\nstages:\n  gen"
    written(clone, cut)
    clone.dvc("repro", ok=False)
    clone.shell(RESTORE)
    assert clone.content("dvc.lock") == whole
    written(clone, cut)
    printed = clone.run("make", "repro").stdout
    assert "dvc.lock was cut short; restored the committed version.\n" in printed
    assert "Data and pipelines are up to date.\n" in printed
    assert clone.content("dvc.lock") == whole
