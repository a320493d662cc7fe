"""Every block on a page is run, or compared with what is printed, by a test."""

import importlib
import re

import pytest

from tests.pipeline.clone import ROOT
from tests.recipes import pages

NOT_RUN = {("docs/embeddings.md", "Compute the embeddings"): "needs a package we do not install"}


TAKERS = [
    path
    for path in sorted((ROOT / "tests").rglob("test_*.py"))
    if re.search("import .*(quotes|recipes|snippets)$", path.read_text("utf-8"), re.MULTILINE)
]


@pytest.fixture(scope="module")
def taken():
    """Blocks that tests take from the pages."""
    for path in TAKERS:
        importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    return pages.taken


@pytest.mark.parametrize("path", TAKERS, ids=lambda path: path.stem)
def test_what_is_taken_is_used(path):
    code = path.read_text("utf-8")
    taking = r"^\(?([A-Z_, ]+?),?\)? = .*(?:quotes|recipes|snippets)\("
    names = ", ".join(re.findall(taking, code, re.MULTILINE)).split(", ")
    assert [name for name in names if len(re.findall(rf"\b{name}\b", code)) < 2] == []


@pytest.mark.parametrize("page", pages.PAGES)
def test_every_block_has_a_test(page, taken):
    every = {
        (page, heading, text)
        for heading, texts in pages.blocks(page, pages.SHELL + pages.OUTPUT + pages.PYTHON).items()
        for text in texts
        if (page, heading) not in NOT_RUN
    }
    assert every - taken == set()


@pytest.mark.parametrize("page", pages.PAGES)
def test_no_shell_hides_in_other_blocks(page):
    assert pages.read(page).count("```") == 2 * len(pages.FENCE.findall(pages.read(page)))
    for language, text in pages.FENCE.findall(pages.read(page)):
        kinds = {*pages.SHELL, *pages.OUTPUT, *pages.PYTHON, "yaml"}
        assert language in kinds or language.startswith("{")  # Sphinx runs or renders those
        if language in (*pages.OUTPUT, "yaml"):
            assert not re.search(r"^(\$ |make |dvc |git |python )", text, re.MULTILINE)
