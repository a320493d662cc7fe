"""The registry: a plug-in is a file, and its name is the file's."""

import pytest

from active_learning.base import plugins
from active_learning.base.errors import PluginError, unknown


def test_lists_the_files_of_a_folder_and_no_others():
    names = plugins.available("oracles")
    assert names == sorted(names)
    assert {"noisy", "simulated"} <= set(names)
    assert "__init__" not in names


def test_a_name_with_a_colon_is_a_member_of_a_family(tmp_path, monkeypatch):
    folder = tmp_path / "oracles"
    folder.mkdir()
    (folder / "_people.py").write_text("def member(name):\n    return f'{name} of people'\n")
    monkeypatch.setattr(plugins, "_PACKAGE", tmp_path)
    monkeypatch.setattr("active_learning.oracles.__path__", [str(folder)])
    assert plugins.available("oracles") == []
    assert plugins.families("oracles") == ["people"]
    assert plugins.load("oracles", "people:Anna") == "Anna of people"
    with pytest.raises(PluginError, match="'pebble:Anna' is not a known plug-in in oracles"):
        plugins.load("oracles", "pebble:Anna")


def test_unknown_kind():
    with pytest.raises(PluginError) as error:
        plugins.available("learner")
    assert str(error.value) == (
        "'learner' is not a known kind of plug-in; did you mean 'learners'? "
        f"There is: {', '.join(plugins.KINDS)}."
    )


def test_unknown_plugin():
    with pytest.raises(PluginError) as error:
        plugins.load("oracles", "noise")
    assert str(error.value) == (
        "'noise' is not a known plug-in in oracles; did you mean 'noisy'? "
        f"There is: {', '.join(plugins.available('oracles'))}."
    )


def test_file_without_its_class(tmp_path, monkeypatch):
    (tmp_path / "oracles").mkdir()
    (tmp_path / "oracles" / "half_done.py").write_text("")
    monkeypatch.setattr(plugins, "_PACKAGE", tmp_path)
    monkeypatch.setattr("active_learning.oracles.__path__", [str(tmp_path / "oracles")])
    assert plugins.available("oracles") == ["half_done"]
    with pytest.raises(PluginError) as error:
        plugins.load("oracles", "half_done")
    assert str(error.value) == "active_learning/oracles/half_done.py must define class HalfDone."


def test_nothing_near_is_suggested_where_nothing_is():
    assert unknown("thing", "qqqq", ["b", "a"]) == "is not a known thing. There is: a, b"
    assert unknown("thing", "x", []) == "is not a known thing. There is: none"
