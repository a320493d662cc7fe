"""What every plug-in of any kind keeps to."""

import re
import sys

import pytest
from pydantic_core import PydanticUndefined

from active_learning.core import plugins
from tests import examples

SECTIONS = {
    "datasets": "generate",
    "learners": "learner",
    "oracles": "oracle",
    "stopping": "stopping",
    "strategies": "strategies",
}
# The table with a row for each plug-in of a kind: its page, and how it begins.
PAGES = {
    "stopping": ("docs/stopping.md", "| name | stops when"),
    "strategies": ("docs/strategies.md", "| name | queries"),
}
ALL = [(kind, name) for kind in plugins.KINDS for name in plugins.available(kind)]


@pytest.fixture(params=ALL, ids="/".join)
def plugin(request):
    kind, name = request.param
    return kind, name, plugins.load(kind, name)


@pytest.fixture
def given(plugin):
    """Its options in params.yaml."""
    kind, name, _ = plugin
    return examples.PARAMS[SECTIONS[kind]][name] if kind in SECTIONS else {}


def test_is_named_and_described(plugin):
    _, name, cls = plugin
    assert cls.__name__.lower() == name.replace("_", "")
    assert issubclass(cls, plugins.Plugin)
    assert cls.__doc__
    assert cls.__doc__ != plugins.Plugin.__doc__
    assert sys.modules[cls.__module__].__doc__
    assert all(field.description for field in cls.model_fields.values())


def test_options_stand_in_params_with_their_defaults(plugin, given):
    kind, _, cls = plugin
    assert given.keys() == cls.model_fields.keys()
    made = cls.model_validate(given)
    with pytest.raises(ValueError, match="frozen"):
        made.anything = 1
    for option, field in cls.model_fields.items():
        default = field.get_default(call_default_factory=True)
        assert default in (given[option], PydanticUndefined)
    if kind != "datasets":
        assert cls() == cls()


def test_name_stands_in_a_comment_of_params(plugin):
    _, name, _ = plugin
    text = (examples.ROOT / "params.yaml").read_text(encoding="utf-8")
    comments = " ".join(line.split("#", 1)[1] for line in text.splitlines() if "#" in line)
    assert re.search(rf"\b{name}\b", comments)


@pytest.mark.parametrize("kind", PAGES)
def test_page_has_a_row_for_each(kind):
    page, beginning = PAGES[kind]
    text = (examples.ROOT / page).read_text(encoding="utf-8")
    (table,) = (part for part in text.split("\n\n") if part.startswith(beginning))
    rows = [re.split(r"(?<!\\)\|", line)[1:-1] for line in table.splitlines()]
    named = [cells[0].strip(" `") for cells in rows[2:]]
    others = ["skactiveml.pool.…"] if kind == "strategies" else []
    assert sorted(named) == sorted([*plugins.available(kind), *others])
    for cells in rows:
        assert len(cells) == len(rows[0])
        assert all(cell.strip() for cell in cells[:-1])  # not everything has a source
