"""Every param on a page exists and may have the value that the page gives it."""

import copy
import re

import pytest

from commands.checks.rules import Checks
from stages.params import Params, yaml
from tests.examples import PARAMS, merge
from tests.recipes import pages

SETTING = rf"(?:{'|'.join(Params.sections())})(?:\.\w+)+(?:: .*)?"
ALONE_INVALID = {"split.scheme: lu2023"}  # it needs two more, which benchmark/lu2023 sets

IN_PROSE = sorted(
    {
        (page, code)
        for page in pages.PAGES
        for code in pages.inline(page)
        if re.fullmatch(SETTING, code) and code not in ALONE_INVALID
    }
)
IN_BLOCKS = [
    pytest.param(
        page, yaml.parse(text, page), marks=[pytest.mark.extras] if "skactiveml" in text else []
    )
    for page in pages.PAGES
    for texts in pages.blocks(page, ("yaml",)).values()
    for text in texts
]


@pytest.mark.parametrize(("page", "setting"), IN_PROSE, ids=str)
def test_a_param_in_prose(page, setting):
    place, _, value = setting.partition(": ")
    *sections, name = place.split(".")
    params = section = copy.deepcopy(PARAMS)
    for each in sections:
        section = section[each]
    assert name in section
    if value:
        section[name] = yaml.parse(value, page)
        Params(params).check()


@pytest.mark.parametrize(("page", "changes"), IN_BLOCKS, ids=str)
def test_a_block_of_params(page, changes, tmp_path, monkeypatch):
    (tmp_path / "my_strategies.py").write_text(
        "from active_learning.strategies.random import Random\n\n\nclass Mine(Random):\n    pass\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    if page == "docs/checks.md":
        assert Checks(**changes).rules
    else:
        Params(merge(PARAMS, changes)).check()


def test_there_are_params_on_the_pages():
    assert len(IN_PROSE) > 50
    assert len(IN_BLOCKS) > 10
