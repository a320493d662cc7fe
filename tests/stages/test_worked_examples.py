"""The worked examples with real tables: they run, and print what their pages say."""

import re

import pytest

from active_learning.data.files import read_json
from scripts import embeddings, marketing, titanic
from stages.params import yaml
from stages.paths import CARD
from tests import examples


def blocks(page, language):
    text = (examples.ROOT / "docs" / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.DOTALL | re.MULTILINE)


def merged(params, changes):
    return params | {
        key: merged(params[key], value) if isinstance(value, dict) else value
        for key, value in changes.items()
    }


def plain(text):
    return " ".join(text.split())


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run a page up to its n-th block of YAML, and check that it prints what is said there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AL_JOBS", "1")

    def run(page, step, *stages):
        params = examples.PARAMS
        for block in blocks(page, "yaml")[:step]:
            params = merged(params, yaml.parse(block, "text"))
        (tmp_path / "params.yaml").write_text(yaml.dump(params))
        capsys.readouterr()
        examples.run_stage("generate")
        for stage in stages:
            names = params["query_loop"]["strategies"] if stage == "query_loop" else [None]
            for name in names:
                examples.run_stage(stage, *filter(None, [name]))
        printed = plain(capsys.readouterr().out)
        said = blocks(page, "text")[step - 1].splitlines()
        assert said
        for line in said:
            assert plain(line) in printed

    return run


def test_what_the_check_of_the_titanic_says(run):
    titanic.main()
    run("mixed_table.md", 1)


@pytest.mark.slow
def test_what_the_experiment_with_the_titanic_says(run):
    titanic.main()
    run("mixed_table.md", 2, "split", "baseline", "query_loop", "compare")


@pytest.mark.extras
def test_what_the_check_of_the_survey_says(run):
    marketing.main()
    run("survey.md", 1)


@pytest.mark.slow
@pytest.mark.extras
def test_what_the_experiment_with_the_survey_says(run):
    marketing.main()
    run("survey.md", 2, "split", "baseline", "query_loop", "compare")


def test_what_the_check_of_the_digits_says(run):
    (command,) = blocks("embeddings.md", "sh")
    assert command.split()[:3] == [".venv/bin/python", "-m", "scripts.embeddings"]
    embeddings.main()
    run("embeddings.md", 1)
    kinds = read_json(CARD)["kinds"]
    assert kinds == {}  # all are numbers


@pytest.mark.slow
def test_what_the_experiment_with_the_digits_says(run):
    embeddings.main()
    run("embeddings.md", 2, "split", "baseline", "query_loop", "compare")
