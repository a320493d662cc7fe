"""Set-up, by stand-ins for Python and uv that write down what they are asked for."""

import os
import re
import shutil
import subprocess

import pytest

from tests.workflows.shell import ROOT

TOOLS = ("cp", "find", "make", "mkdir", "rm", "touch")

# Old enough to be refused where TOO_OLD is set; makes an environment of a copy of itself.
PYTHON = """\
#!/bin/sh
case "$*" in
    -c*version_info*) exit ${TOO_OLD:-0} ;;
    -c*) echo 3.9.1; exit ;;
esac
printf '%s\\n' "python $*" >> "$LOG"
case "$*" in
    "-m venv "*) mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
    "-m pip "*) exit ${FAILS:-0} ;;
esac
"""
UV = """\
#!/bin/sh
printf '%s\\n' "uv $*" >> "$LOG"
case "$1" in
    venv) mkdir -p .venv/bin && cp "${0%uv}python3" .venv/bin/python ;;
    pip) exit ${FAILS:-0} ;;
esac
"""


class Machine:
    """A machine with make and a Python, and a copy of what set-up reads."""

    def __init__(self, path):
        self.path, self.bin, self.log = path / "project", path / "bin", path / "log"
        for folder in (self.bin, self.path / "scripts", self.path / ".dvc/plots"):
            folder.mkdir(parents=True)
        for name in TOOLS:
            (self.bin / name).symlink_to(shutil.which(name))
        self.install("python3", PYTHON)
        for name in (
            "Makefile",
            "requirements.lock",
            "requirements-extras.lock",
            "scripts/offline_plots.py",
        ):
            shutil.copy(ROOT / name, self.path / name)
        (self.path / ".dvc/plots/page.html").touch()

    def install(self, name, text):
        (self.bin / name).write_text(text, encoding="utf-8")
        (self.bin / name).chmod(0o755)

    def make(self, *arguments, **variables):
        """Run make; give its exit status, what it printed, and which programs it started."""
        self.log.write_text("", encoding="utf-8")
        env = {"PATH": str(self.bin), "LOG": str(self.log), "HOME": os.devnull} | variables
        done = subprocess.run(
            [self.bin / "make", *arguments], cwd=self.path, env=env,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        started = self.log.read_text(encoding="utf-8").splitlines()
        return done.returncode, done.stdout + done.stderr, started


@pytest.fixture(params=["uv", "pip"])
def machine(request, tmp_path):
    made = Machine(tmp_path)
    if request.param == "uv":
        made.install("uv", UV)
    return made


def installs(started):
    return [line for line in started if " install " in line]


def test_packages_are_locked_by_their_hashes_and_compiled(machine):
    status, _, started = machine.make("setup", PYTHONDONTWRITEBYTECODE="1")
    assert status == 0
    (line,) = installs(started)
    assert line.startswith("uv pip" if (machine.bin / "uv").exists() else "python -m pip")
    assert line.endswith("--requirement requirements.lock")
    assert {"--no-deps", "--require-hashes"} <= set(line.split())
    assert re.search(r" --compile(-bytecode)? ", line)


def test_the_second_time_nothing_is_done(machine):
    machine.make("setup")
    assert machine.make("setup") == (0, "make: Nothing to be done for 'setup'.\n", [])


def test_another_lock_file_is_set_up_again(machine):
    machine.make("setup")
    later = (machine.path / ".venv/ready").stat().st_mtime + 10
    os.utime(machine.path / "requirements.lock", (later, later))
    assert len(installs(machine.make("setup")[2])) == 1


def test_a_set_up_that_stopped_half_way_begins_afresh(machine):
    assert machine.make("setup", FAILS="1")[0] != 0
    status, _, started = machine.make("setup")
    assert status == 0
    assert "venv" in started[0]
    assert "--clear" in started[0]


def test_an_old_python_is_refused(machine):
    status, said, started = machine.make("setup", TOO_OLD="1", PYTHON="python3 python3.0")
    assert status != 0
    assert "Python >= 3.11 is needed (PYTHON=... names one); found" in said
    assert "python3: 3.9.1, python3.0: none\n" in said
    assert started == []
    assert not (machine.path / ".venv").exists()


def test_a_python_that_is_named_is_taken(machine):
    machine.install("mine", PYTHON)
    status, said, _ = machine.make("setup", "PYTHON=mine", TOO_OLD="0")
    assert status == 0
    assert "Building .venv with mine;" in said


@pytest.fixture
def linked(machine):
    """The machine with a complete environment elsewhere, and .venv a link to it."""
    machine.make("setup")
    elsewhere = (machine.path / ".venv").rename(machine.path.parent / "elsewhere")
    (machine.path / ".venv").symlink_to(elsewhere)
    return machine


@pytest.mark.parametrize(("target", "outdated"), [("setup", "ready"), ("extras", "extras")])
def test_the_target_of_a_link_is_not_touched(linked, target, outdated):
    mark = linked.path / ".venv" / outdated
    mark.unlink(missing_ok=True)
    status, printed, started = linked.make(target)
    assert status != 0
    assert printed.startswith(".venv is a symbolic link, and set-up would change its target;")
    assert printed.count("\n") == 2  # the other line is make's own
    assert started == []
    assert not mark.exists()


def test_a_link_to_an_environment_that_is_up_to_date_is_used(linked):
    assert linked.make("setup") == (0, "make: Nothing to be done for 'setup'.\n", [])


def test_clean_removes_the_link_only(linked):
    assert linked.make("clean")[0] == 0
    assert not (linked.path / ".venv").is_symlink()
    assert (linked.path.parent / "elsewhere/ready").exists()


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-extras.lock"])
def test_every_package_has_one_version_and_hashes(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    entries = [entry for entry in re.split(r"\n(?=\S)", text) if not entry.startswith("#")]
    assert len(entries) > 100
    for entry in entries:
        assert re.match(r"[a-z0-9._-]+(\[[a-z0-9,]+\])?==\S+ ", entry), entry[:100]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry[:100]
    assert "://" not in text
