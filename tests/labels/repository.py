"""A git repository with label files, in which the commands run within this process."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from active_learning.rounds.events import Event
from commands.labels import __main__ as labels
from scripts.forks import environment
from stages.rounds.journal import Journal
from tests.pipeline.clone import ROOT


def event(number, by="a1", **changes):
    """Event with an id and a time of its own."""
    values = {
        "id": f"{number:08x}-0000-4000-8000-000000000000",
        "time": f"2026-01-01T{number // 60 % 24:02d}:{number % 60:02d}:00.000Z",
        "by": by,
        "row": f"r{number}",
        "seen": "0123456789abcdef",
        "decision": "label",
        "label": "ham",
        "why": "query",
        "round": 1,
        "classes": "01234567",
        "seconds": 1.5,
        "source": "page",
        "guess": {"label": "ham", "p": 0.5},
    }
    return Event(**values | changes)


class Repository:
    """A repository, new or a copy; its path becomes the working directory.

    Parameters
    ----------
    path : Path
    monkeypatch : pytest.MonkeyPatch
    env : dict of str to str, optional
        Environment of all commands.
    """

    def __init__(
        self,
        path: Path,
        monkeypatch: pytest.MonkeyPatch,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.path = path
        self.monkeypatch = monkeypatch
        env = environment(path.parent / "home") if env is None else env
        for name, value in {**env, "PYTHONPATH": str(ROOT)}.items():
            monkeypatch.setenv(name, value)
        path.mkdir(exist_ok=True)
        monkeypatch.chdir(path)
        if (path / ".git").is_dir():
            return
        self.git("init", "--quiet", "--initial-branch", "main")
        self.git("config", "user.name", "Test")
        self.git("config", "user.email", "test@localhost")
        attributes = (ROOT / ".gitattributes").read_text(encoding="utf-8")
        (path / ".gitattributes").write_text(attributes, encoding="utf-8")

    def run(self, *command, ok=True):
        done = subprocess.run(
            command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
        )
        assert done.returncode == 0 or not ok, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout.strip()

    def git(self, *arguments, ok=True):
        return self.run("git", *arguments, ok=ok)

    def commit(self, message="Test"):
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)

    def give(self, *numbers, by="a1"):
        """Give labels, as the page does."""
        events = [event(number, by) for number in numbers]
        Journal.of_repository().append(events)

    def numbers(self):
        """Numbers of the events that are there."""
        return sorted(int(one.id[:8], 16) for one in Journal.of_repository().read().events)

    def enter(self, path):
        """Go on in another folder."""
        self.path = path
        self.monkeypatch.chdir(path)


class Command:
    """Runs commands of ``commands.labels`` and gives what they print.

    Parameters
    ----------
    capsys : pytest.CaptureFixture
    """

    def __init__(self, capsys) -> None:
        self.capsys = capsys

    def __call__(self, *arguments):
        self.capsys.readouterr()
        labels.main(arguments)
        return self.capsys.readouterr().out

    def fails(self, *arguments):
        """Error of a command that must fail, without its beginning."""
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as error:
            labels.main(arguments)
        assert error.value.code == 1
        (line,) = self.capsys.readouterr().err.splitlines()
        return line.removeprefix("error: ")
