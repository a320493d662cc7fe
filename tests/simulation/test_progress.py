"""A bar on a terminal; in a log a line now and then."""

import io
import sys

import pytest

from active_learning.simulation import progress
from active_learning.simulation.progress import track
from tests.recipes.pages import quotes

(LINE,) = quotes("docs/running.md", "Progress")


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def clock(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_a_terminal_has_a_bar(monkeypatch, capsys):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(progress.tqdm, "monitor_interval", 0)
    assert list(track("abc", "margin", 5, "repeats", initial=2)) == ["a", "b", "c"]
    assert "margin:  40%" in terminal.getvalue()
    assert "2/5 [" in terminal.getvalue()
    assert capsys.readouterr().out == ""


def test_a_log_has_lines_with_time_left(clock, capsys):
    def results():
        for now in (5.0, 20.0, 25.0, 40.0):
            clock[0] = now
            yield now

    list(track(results(), "margin (strategy 1 of 2)", 20, "repeats", initial=10))
    assert capsys.readouterr().out == (
        "margin (strategy 1 of 2): 12 of 20 repeats, 00:20 elapsed, 01:20 left\n"
        "margin (strategy 1 of 2): 14 of 20 repeats, 00:40 elapsed, 01:00 left\n"
    )


def test_the_line_on_the_page(clock, capsys):
    def results():
        for number in range(12):
            clock[0] = 20.0 if number == 11 else 5.0
            yield number

    list(track(results(), "simulate", 40, "runs"))
    assert capsys.readouterr().out == LINE


def test_a_short_stage_writes_no_line(capsys):
    list(track(range(40), "margin", 40, "repeats"))
    assert capsys.readouterr().out == ""
