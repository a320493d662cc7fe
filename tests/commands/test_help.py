import importlib

import pytest


@pytest.mark.parametrize("name", ["check", "experiment", "rank", "reproduce"])
def test_help_is_printed_and_nothing_else_is_done(name, capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", [name, "--help"])
    with pytest.raises(SystemExit) as error:
        importlib.import_module(f"commands.{name}").main()
    assert error.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: python -m commands.{name} ")
