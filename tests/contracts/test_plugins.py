"""What every plug-in of any kind keeps to."""

import re
import sys
from pathlib import Path

import pytest
from pydantic_core import PydanticUndefined

from active_learning.core import plugins
from stages import schema
from tests import examples

SECTIONS = {
    "datasets": "generate",
    "learners": "learner",
    "oracles": "oracle",
    "stopping": "stopping",
    "strategies": "strategies",
}
ALL = [(kind, name) for kind in plugins.KINDS for name in plugins.available(kind)]


@pytest.fixture(params=ALL, ids="/".join)
def plugin(request):
    kind, name = request.param
    return kind, name, plugins.load(kind, name)


def test_is_named_and_described(plugin):
    _, name, cls = plugin
    assert cls.__name__.lower() == name.replace("_", "")
    assert issubclass(cls, plugins.Plugin)
    assert cls.__doc__
    assert cls.__doc__ != plugins.Plugin.__doc__
    assert sys.modules[cls.__module__].__doc__
    assert all(field.description for field in cls.model_fields.values())


def entry(kind, name):
    """Options of a plug-in in params.yaml, if it has an entry there."""
    return examples.PARAMS[SECTIONS[kind]].get(name) if kind in SECTIONS else None


def test_an_entry_in_params_lists_every_option_with_its_default(plugin):
    kind, name, cls = plugin
    given = entry(kind, name)
    made = cls.model_validate(given or {})
    with pytest.raises(ValueError, match="frozen"):
        made.anything = 1
    if kind != "datasets":
        assert cls() == cls()
    if given is not None:
        assert given.keys() == cls.model_fields.keys()
        for option, field in cls.model_fields.items():
            default = field.get_default(call_default_factory=True)
            assert default in (given[option], getattr(made, option), PydanticUndefined)


def test_schema_and_tables_of_the_docs_are_up_to_date(monkeypatch):
    monkeypatch.chdir(examples.ROOT)
    texts = schema.generate()
    pages = "".join(text for path, text in texts.items() if path.suffix == ".md")
    assert set(re.findall(r"writes this table of (\w+) -->", pages)) == plugins.KINDS.keys()
    assert [str(path) for path, text in texts.items() if path.read_text("utf-8") != text] == [], (
        "run `make schema`"
    )


def test_a_table_has_what_docstrings_and_classes_say(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs").mkdir()
    page = Path("docs/page.md")
    page.write_text(
        "before\n<!-- `make schema` writes this table of strategies -->\nold\n"
        "<!-- end of the table -->\nafter\n"
    )
    lines = schema.generate()[page].splitlines()
    assert [lines[0], lines[-1]] == ["before", "after"]
    assert "old" not in lines
    assert lines[2] == "| name | description | options | random | reference |"
    (committee,) = (line for line in lines if "query_by_committee" in line)
    assert [cell.strip() for cell in committee.split("|")[2:-1]] == [
        "Query the row on which models fitted to bootstrap samples disagree most.",
        "`measure: consensus_kl`, `members: 5`",
        "yes",
        "Seung, Opper & Sompolinsky 1992; Abe & Mamitsuka 1998",
    ]
    (margin,) = (line for line in lines if "[`margin`]" in line)
    assert margin.endswith("|  |  | Scheffer, Decomain & Wrobel 2001 |")
