"""Every command on a page can be typed: the target, the module, its options and params exist."""

import argparse
import re
import runpy
import shlex
import subprocess
import sys
import warnings
from contextlib import suppress
from itertools import dropwhile, takewhile

import pytest
from dvc.cli import DvcParserError
from dvc.cli.parser import get_main_parser

from stages.params import yaml
from tests.examples import PARAMS
from tests.pipeline.clone import ROOT
from tests.recipes import pages
from tests.workflows import shell

# What a recipe reads, from make or, in commands.experiment, from the environment.
VARIABLES = {"NAME", "SET"} | set(
    re.findall(r"\$\((?:if \$\()?([A-Z]+)\b", (ROOT / "Makefile").read_text("utf-8"))
)
PROGRAMS = ("make", "dvc", "python", ".venv/bin/python")
# In files of their own: params by the name of their file, as -S takes them.
FILES = {"params.yaml": PARAMS, "rounds/params.yaml": yaml.read(ROOT / "rounds/template.yaml")}


def typed(page):
    """Every command of a page as words: of its blocks, and those in its prose."""
    blocks = [text for texts in pages.blocks(page, pages.SHELL).values() for text in texts]
    prose = [code for code in pages.inline(page) if code.startswith((*PROGRAMS, "AL_"))]
    for text in [*blocks, *prose]:
        for words in shell.commands(text.replace("\\\n", " ")):
            command = dropwhile(re.compile("[A-Z_]+=").match, words)
            program, *rest = (*takewhile(lambda word: word not in {">", ">>"}, command), "")
            if program in PROGRAMS and len(rest) > 1:
                yield program, *rest[:-1]


COMMANDS = sorted({(page, *words) for page in pages.PAGES for words in typed(page)})


class Parsed(BaseException):
    """A command line is understood; ends the program before it does anything."""


@pytest.fixture
def parse(monkeypatch):
    """Let a module parse a command line, and end it there."""
    real = argparse.ArgumentParser.parse_args

    def parse_args(*arguments):
        raise Parsed(real(*arguments))

    def parse(module, words):
        path = ROOT / module.replace(".", "/")
        path = path / "__main__.py" if path.is_dir() else path.with_suffix(".py")
        code = path.read_text("utf-8")
        assert 'if __name__ == "__main__"' in code
        if not re.search(r"\bparse|\.stage\(", code):
            assert not words
            return
        monkeypatch.setattr(argparse.ArgumentParser, "parse_args", parse_args)
        monkeypatch.setattr(sys, "argv", [module, *words])
        with warnings.catch_warnings(action="ignore"), pytest.raises((Parsed, SystemExit)) as end:
            runpy.run_module(module, run_name="__main__", alter_sys=True)
        assert getattr(end.value, "code", 0) == 0

    return parse


@pytest.fixture
def check(parse):
    """Let a command's words be read by what reads them when it is typed."""

    def python(words):
        if words[0] != "-m":
            assert (ROOT / words[0]).is_file()
        elif words[1] != "pytest":
            parse(words[1], words[2:])

    def dvc(words):
        bare = not any(word.startswith("-") for word in words)  # in prose, arguments may be missing
        with suppress(SystemExit):
            options = get_main_parser().parse_args([*words, *["--help"] * bare])
            check_settings(getattr(options, "set_param", []))

    def make(words):
        done = subprocess.run(
            ["make", "--dry-run", *words], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        for module, rest in re.findall(r"-m ((?:commands|scripts|speed)\S*)(.*)", done.stdout):
            parse(module, shlex.split(rest))
        for name, _, value in (word.partition("=") for word in words if "=" in word):
            assert name in VARIABLES
            check_settings(value.split() if name == "SET" else [])

    programs = {"make": make, "dvc": dvc}
    return lambda words: programs.get(words[0], python)(words[1:])


def check_settings(settings):
    """Check that the params which -S changes exist."""
    for setting in settings:
        file, _, name = setting.partition("=")[0].rpartition(":")
        if not name.startswith("++"):
            value = FILES[file or "params.yaml"]
            for key in name.split("."):
                value = value[key]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_command_is_understood(check, words):
    check(words[1:])


@pytest.mark.parametrize(
    "command",
    [
        "make reproduction",
        "make experiment SET=query_loop.bugdet=4",
        "make experiment SETT=query_loop.budget=4",
        "make rank OPTIONS=--mesure=final",
        "dvc exp rum",
        "dvc repro --pulled",
        "dvc exp run -S query_loop.bugdet=4",
        "python -m commands.ranks",
        "python -m commands.rank --mesure final",
        "python -m commands.labels exports",
        "python -m scripts.evidence --fast",
        ".venv/bin/python tests/fault.py",
    ],
)
def test_another_one_is_not(check, command):
    with pytest.raises((AssertionError, DvcParserError, FileNotFoundError, KeyError)):
        check(shlex.split(command))
