"""A bar on a terminal; in a log a line now and then."""

import io
import sys

from active_learning.training import progress
from active_learning.training.progress import Progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_has_a_bar(monkeypatch, capsys):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with Progress("margin", 40, "labels") as shown:
        shown.advance(10)
        shown.reach(40)
        shown.write("one line")
        drawn = terminal.getvalue()
    assert "margin: 100%" in drawn
    assert "40/40" in drawn
    assert capsys.readouterr().out == "one line\n"


def test_a_log_has_lines_without_control_characters(monkeypatch, capsys):
    monkeypatch.setattr(progress, "_SECONDS_BETWEEN_LINES", -1.0)
    with Progress("margin", 40, "labels") as shown:
        shown.advance(10)
        shown.reach(10)  # no news
        shown.reach(40)
    assert capsys.readouterr().out == "margin: 10 of 40 labels\nmargin: 40 of 40 labels\n"


def test_a_short_stage_writes_no_line(capsys):
    with Progress("margin", 40, "labels") as shown:
        shown.advance(40)
    assert capsys.readouterr().out == ""
