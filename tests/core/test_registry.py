"""The registry: a plug-in is a file, and its name is the file's."""

import re
import sys

import pytest

from active_learning.core import plugins
from active_learning.core.errors import PluginError, unknown


def test_lists_the_files_of_a_folder_and_no_others():
    names = plugins.available("oracles")
    assert names == sorted(names)
    assert {"noisy", "simulated"} <= set(names)
    assert "__init__" not in names


def test_unknown_kind_or_plugin():
    kinds = ", ".join(plugins.KINDS)
    message = f"unknown kind of plug-in 'learner'; available: {kinds}; did you mean 'learners'?"
    with pytest.raises(PluginError, match=f"^{re.escape(message)}$"):
        plugins.available("learner")
    message = "unknown oracle 'noise'; available: noisy, simulated; did you mean 'noisy'?"
    with pytest.raises(PluginError, match=f"^{re.escape(message)}$"):
        plugins.load("oracles", "noise")


OTHER_KIND = "from active_learning.core.plugins import Plugin\nclass Odd(Plugin): ...\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "active_learning/simulation/oracles/odd.py must define class Odd."),
        (OTHER_KIND, "odd.py: class Odd must derive from the base class of its kind, oracle."),
    ],
    ids=["no class", "of another kind"],
)
def test_file_without_its_class(tmp_path, monkeypatch, text, message):
    folder = tmp_path / "simulation" / "oracles"
    folder.mkdir(parents=True)
    (folder / "odd.py").write_text(text)
    monkeypatch.setattr(plugins, "_PACKAGE", tmp_path)
    monkeypatch.setattr("active_learning.simulation.oracles.__path__", [str(folder)])
    monkeypatch.delitem(sys.modules, "active_learning.simulation.oracles.odd", raising=False)
    assert plugins.available("oracles") == ["odd"]
    with pytest.raises(PluginError, match=f"{re.escape(message)}$"):
        plugins.load("oracles", "odd")


def test_no_suggestion_where_no_name_is_near():
    assert unknown("thing", "qqqq", ["b", "a"]) == "unknown thing 'qqqq'; available: a, b."
    assert unknown("thing", "x", []) == "unknown thing 'x'; available: none."
