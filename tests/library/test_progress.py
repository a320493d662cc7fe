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


def test_a_log_has_lines_with_rate_and_time_left(monkeypatch, capsys):
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    with Progress("margin (strategy 1 of 2)", 500, "labels", done=100) as shown:
        shown.reach(150)
        now[0] = 20.0
        shown.reach(200)
        shown.reach(180)  # no news
        shown.reach(300)  # too soon for another line
    line = "margin (strategy 1 of 2): 200 of 500 labels, 5 labels/s, 01:00 left\n"
    assert capsys.readouterr().out == line
    assert shown.done == 300


def test_what_was_done_before_does_not_count_for_the_bar_s_rate(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with Progress("margin", 500, "labels", done=100) as shown:
        assert shown._bar.format_dict["initial"] == 100
        shown.reach(300)
        shown._bar.refresh()
    assert "300/500" in terminal.getvalue()


def test_a_short_stage_writes_no_line(capsys):
    with Progress("margin", 40, "labels") as shown:
        shown.advance(40)
    assert capsys.readouterr().out == ""
