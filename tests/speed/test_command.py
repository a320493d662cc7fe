import sys

import pytest

from active_learning.core.errors import UserError
from active_learning.data import files
from speed import __main__ as bench


def fail():
    raise UserError("textbook must query the rows of ours")


@pytest.fixture
def run(tmp_path, monkeypatch):
    written = []
    jobs = {"quick": lambda: [{"": "quick", "measured": 1.5, "goal": None}], "broken": fail}
    monkeypatch.setattr(bench, "sections", lambda _: {"engine": jobs})
    monkeypatch.setattr(bench, "SPEED", tmp_path / "speed.json")
    # The peers, whose versions it names, are installed for the benchmark only.
    monkeypatch.setattr(bench.report, "machine", lambda: "Measured here.\n")
    monkeypatch.setattr(bench.report, "write", written.append)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["speed", *arguments])
        bench.main()
        return written

    return run


def test_selection_is_printed_and_leaves_the_page(run, tmp_path, capsys):
    assert run("--only", "quick") == []
    assert "| quick | 1.5 |  |" in capsys.readouterr().out
    assert files.read_json(tmp_path / "speed.json")["engine"] == [
        {"": "quick", "measured": 1.5, "goal": None}
    ]


def test_what_fails_is_named_after_all_others_are_written(run, tmp_path, capsys):
    with pytest.raises(UserError, match=r"not measured: broken\."):
        run()
    assert "error: textbook must query the rows of ours" in capsys.readouterr().err
    assert "engine" in files.read_json(tmp_path / "speed.json")


def test_selection_of_nothing_is_refused(run, tmp_path):
    with pytest.raises(UserError, match="--only must be in the name of a measurement; got x"):
        run("--only", "x")
    assert not (tmp_path / "speed.json").exists()
