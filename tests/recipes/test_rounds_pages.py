"""The commands for rounds of labelling, with a script as the annotator."""

import os
import re
import shutil
import signal
import subprocess
from contextlib import contextmanager

import numpy as np
import pandas as pd
import pytest

from scripts.annotator import ADDRESS, Annotator
from tests.pipeline.clone import Clone
from tests.recipes.pages import quotes, recipes, snippets

pytestmark = pytest.mark.slow

PAGE, IMAGES = "docs/rounds.md", "docs/rounds_images.md"
(README,) = recipes("README.md", "Label it")
(BEGIN,) = recipes(PAGE, "Begin")
(LABEL,) = recipes(PAGE, "Label")
(ROUND,) = recipes(PAGE, "The next round")
(KEEP,) = recipes(PAGE, "Keep it, share it")
(STATUS,) = recipes(PAGE, "Progress and when to stop")
USE, RELEASE = recipes(PAGE, "Use the result")
(BEGUN,) = quotes(PAGE, "Begin")
(TRAINED,) = quotes(PAGE, "The next round")
(MISSING,) = quotes(PAGE, "Nothing is lost")
(FILES,) = quotes(PAGE, "Files")
(SAMPLE,) = quotes(IMAGES, "Rounds with images")
(DESCRIBE,) = snippets(IMAGES, "Columns to learn from")
(WITH_IMAGES,) = recipes(IMAGES, "Rounds with images")

WORDS = {"ham": ["see", "you", "at", "lunch"], "spam": ["win", "a", "free", "prize"]}


def mails(n):
    """A table of mails, and the class of each by its id."""
    rng = np.random.default_rng(0)
    names = rng.choice(list(WORDS), n, p=[0.8, 0.2])
    usual = WORDS["ham"] + WORDS["spam"]
    texts = [" ".join(rng.choice([*WORDS[name] * 2, *usual], 8)) for name in names]
    table = pd.DataFrame({"ID": [f"m{number}" for number in range(n)], "mail": texts})
    return table, dict(zip(table["ID"], names.tolist(), strict=True))


@pytest.fixture
def project(tmp_path, project):
    """A clone with its environment, and with remotes for git and DVC."""
    clone = project.copy(tmp_path / "clone")
    clone.link_environment()
    clone.run("git", "init", "--quiet", "--bare", "--initial-branch", "main", "../origin.git")
    clone.run("git", "remote", "add", "origin", str(tmp_path / "origin.git"))
    clone.dvc("remote", "add", "--default", "storage", str(tmp_path / "storage"))
    clone.run("git", "commit", "--all", "--quiet", "--message", "Add a remote")
    clone.run("git", "push", "--quiet", "--set-upstream", "origin", "main")
    return clone


@contextmanager
def page(clone, command):
    """Open the page as a command does, on a free port, and close it by Ctrl-C."""
    with subprocess.Popen(
        ["bash", "-c", command], cwd=clone.path, env=clone.env | {"OPTIONS": "--port 0"},
        stdout=subprocess.PIPE, text=True, start_new_session=True,
    ) as server:  # fmt: skip
        try:
            address = next(filter(None, map(ADDRESS.search, server.stdout)))
            yield Annotator(address[1], address[2], "ann")
        finally:
            os.killpg(server.pid, signal.SIGINT)
        assert "Closed." in server.stdout.read()


def type_in(clone, block, answer=None):
    """Type a block line by line; on the page that a line opens, label all rows of the round."""
    printed = ""
    for line in block.replace("\\\n", " ").splitlines():
        if line.startswith("make label"):
            with page(clone, line) as annotator:
                assert annotator.label_all(answer)
        else:
            printed += clone.shell(line)
    return printed


def masked(text):
    """Text without hashes and times."""
    return re.sub(r"\b[0-9a-f]{8}\b|\d{4}-\d\d-\d\d \d\d:\d\d", "#", text).strip()


def test_the_readme(project):
    table, truth = mails(120)
    table.to_csv(project.path / "tables/mine.csv", index=False)
    assert "accuracy" in type_in(project, README, truth.get)


def test_from_the_table_to_a_release(project, tmp_path):
    table, truth = mails(5574)
    table.to_csv(project.path / "tables/mine.csv", index=False)
    table.head(5).to_csv(project.path / "tables/new.csv", index=False)
    assert BEGUN in type_in(project, BEGIN)
    for line in re.findall("^  (git .*)", BEGUN, re.MULTILINE):
        type_in(project, line)
    type_in(project, LABEL, truth.get)
    assert "20 rows labelled" in type_in(project, ROUND)
    type_in(project, KEEP)
    assert "Round 2" in type_in(project, STATUS)
    for name in re.findall(r"^(\S+) ", FILES, re.MULTILINE):
        assert (project.path / name.replace("NAME", "ann")).exists()

    log = project.path / "rounds/labels/ann.jsonl"
    log.write_text("".join(log.read_text("utf-8").splitlines(keepends=True)[:-4]), "utf-8")
    refusal = project.run("make", "round", ok=False).stderr
    assert masked(MISSING) in masked(refusal)
    project.run("python", "-m", "commands.labels", "recover")

    type_in(project, USE)
    predicted = pd.read_csv(project.path / "predicted.csv")
    assert list(predicted.columns) == ["ID", "mail", "label", "p", "ask"]
    assert len(pd.read_csv(project.path / "labels.csv")) == 20
    assert (project.path / "tasks.json").is_file()
    assert (project.path / "hub").is_dir()
    type_in(project, RELEASE.splitlines()[0])
    elsewhere = Clone(tmp_path / "elsewhere", project.env)
    elsewhere.path.mkdir()
    type_in(elsewhere, RELEASE.splitlines()[1].replace("URL", str(tmp_path / "origin.git")))
    model = (project.path / "rounds/data/model.skops").read_bytes()
    assert (elsewhere.path / "model.skops").read_bytes() == model


def test_images_and_the_demonstration(project):
    printed = project.shell('make rounds-demo OPTIONS="--folder demo"')
    assert masked(TRAINED) in masked(printed)
    project.run("python", "-c", DESCRIBE)
    table = pd.read_parquet(project.path / "tables/digits.parquet").head(60)
    first, *rows = (line.split(",") for line in SAMPLE.splitlines())
    assert list(table.columns[:5]) == first
    assert table.head(2).iloc[:, :2].to_numpy().tolist() == [row[:2] for row in rows]
    table[first].to_parquet(project.path / "tables/photos.parquet")
    (project.path / "tables/photos").mkdir()
    for name in table["image"]:
        shutil.copy(project.path / "demo/tables/digits" / name, project.path / "tables/photos")
    type_in(project, WITH_IMAGES, lambda row: ["cat", "dog"][int(row[1:]) % 2])
    assert project.changed_in_git()
