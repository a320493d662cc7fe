"""The worked examples with real tables: they run, and print what their pages say."""

import shutil

import pytest

from active_learning.data.files import read_json
from scripts import embeddings, marketing, titanic
from stages.params import yaml
from stages.paths import CARD
from tests import examples
from tests.pipeline.clone import Clone
from tests.recipes.pages import blocks, quotes, recipes

DIGITS, SURVEY, TITANIC = "docs/embeddings.md", "docs/survey.md", "docs/mixed_table.md"
(WRITE_DIGITS,) = recipes(DIGITS, "A worked example")
(WRITE_SURVEY,) = recipes(SURVEY, "A survey, step by step")
PRINTED = {
    DIGITS: quotes(DIGITS, "A worked example"),
    SURVEY: [*quotes(SURVEY, "Three lines"), *quotes(SURVEY, "The experiment")],
    TITANIC: [*quotes(TITANIC, "Look at the data first"), *quotes(TITANIC, "The experiment")],
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
        changes = [text for texts in blocks(page, ("yaml",)).values() for text in texts]
        for text in changes[:step]:
            params = examples.merge(params, yaml.parse(text, page))
        (tmp_path / "params.yaml").write_text(yaml.dump(params))
        capsys.readouterr()
        examples.run_stage("generate")
        for stage in stages:
            names = params["query_loop"]["strategies"] if stage == "query_loop" else [None]
            for name in names:
                examples.run_stage(stage, *filter(None, [name]))
        printed = plain(capsys.readouterr().out)
        for line in PRINTED[page][step - 1].splitlines():
            assert plain(line) in printed

    return run


@pytest.fixture
def type_in(tmp_path, env):
    """Type a block in the working directory, as if the environment were set up there."""

    def type_block(block):
        folder = Clone(tmp_path, env | {"PYTHONPATH": str(examples.ROOT)})
        folder.link_environment()
        shutil.copy(examples.ROOT / "Makefile", tmp_path)
        shutil.copytree(examples.ROOT / "requirements", tmp_path / "requirements")
        folder.shell(block)

    return type_block


def test_what_the_check_of_the_titanic_says(run):
    titanic.main()
    run(TITANIC, 1)


@pytest.mark.slow
def test_what_the_experiment_with_the_titanic_says(run):
    titanic.main()
    run(TITANIC, 2, "split", "baseline", "query_loop", "compare")


@pytest.mark.extras
def test_what_the_check_of_the_survey_says(run, type_in):
    type_in(WRITE_SURVEY)
    run(SURVEY, 1)


@pytest.mark.slow
@pytest.mark.extras
def test_what_the_experiment_with_the_survey_says(run):
    marketing.main()
    run(SURVEY, 2, "split", "baseline", "query_loop", "compare")


def test_what_the_check_of_the_digits_says(run, type_in):
    type_in(WRITE_DIGITS)
    run(DIGITS, 1)
    kinds = read_json(CARD)["kinds"]
    assert kinds == {}  # all are numbers


@pytest.mark.slow
def test_what_the_experiment_with_the_digits_says(run):
    embeddings.main()
    run(DIGITS, 2, "split", "baseline", "query_loop", "compare")
