"""The registry: a plug-in is a file, and its name is the file's."""

import pytest

from active_learning.core import plugins
from active_learning.core.errors import PluginError, unknown


def test_lists_the_files_of_a_folder_and_no_others():
    names = plugins.available("oracles")
    assert names == sorted(names)
    assert {"noisy", "simulated"} <= set(names)
    assert "__init__" not in names


def test_unknown_kind():
    with pytest.raises(PluginError) as error:
        plugins.available("learner")
    assert str(error.value) == (
        f"unknown kind of plug-in 'learner'; available: {', '.join(plugins.KINDS)}; "
        "did you mean 'learners'?"
    )


def test_unknown_plugin():
    with pytest.raises(PluginError) as error:
        plugins.load("oracles", "noise")
    assert str(error.value) == (
        "unknown oracle 'noise'; available: noisy, simulated; did you mean 'noisy'?"
    )


def test_file_without_its_class(tmp_path, monkeypatch):
    folder = tmp_path / "simulation" / "oracles"
    folder.mkdir(parents=True)
    (folder / "half_done.py").write_text("")
    monkeypatch.setattr(plugins, "_PACKAGE", tmp_path)
    monkeypatch.setattr("active_learning.simulation.oracles.__path__", [str(folder)])
    assert plugins.available("oracles") == ["half_done"]
    with pytest.raises(PluginError) as error:
        plugins.load("oracles", "half_done")
    assert (
        str(error.value)
        == "active_learning/simulation/oracles/half_done.py must define class HalfDone."
    )


def test_class_of_another_kind(tmp_path, monkeypatch):
    folder = tmp_path / "simulation" / "oracles"
    folder.mkdir(parents=True)
    (folder / "odd.py").write_text(
        "from active_learning.core.plugins import Plugin\n\n\nclass Odd(Plugin): ...\n"
    )
    monkeypatch.setattr(plugins, "_PACKAGE", tmp_path)
    monkeypatch.setattr("active_learning.simulation.oracles.__path__", [str(folder)])
    with pytest.raises(PluginError) as error:
        plugins.load("oracles", "odd")
    assert str(error.value).endswith(
        "odd.py: class Odd must derive from the base class of its kind, oracle."
    )


def test_nothing_near_is_suggested_where_nothing_is():
    assert unknown("thing", "qqqq", ["b", "a"]) == "unknown thing 'qqqq'; available: a, b."
    assert unknown("thing", "x", []) == "unknown thing 'x'; available: none."
