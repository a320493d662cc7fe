"""Set-up, and targets that take long, by stand-ins that write down what they are asked for."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.pipeline.clone import Clone
from tests.recipes.pages import recipes
from tests.workflows.shell import ROOT, commands

TOOLS = ("awk", "cmp", "cp", "cut", "du", "find", "ln", "make", "mkdir", "rm", "touch", "wc")
(TARGETS,) = recipes("CONTRIBUTING.md", "Contributing")
(BENCHMARK,) = recipes("docs/benchmark.md", "The benchmark")
(RELEASE,) = recipes("CONTRIBUTING.md", "Release")
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))

# Old enough to be refused where TOO_OLD is set; makes an environment of a copy of itself, with pip.
# To install uv.lock puts the stand-in for uv there, unless NO_UV is set.
PYTHON = """\
#!/bin/sh
case "$*" in
    -c*version_info*) exit ${TOO_OLD:-0} ;;
    -c*) echo 3.9.1; exit ;;
esac
printf '%s\\n' "python $*" >> "$LOG"
case "$*" in
    "-m venv "*)
        rm -rf .venv && mkdir -p .venv/bin .venv/lib/python3.12/site-packages
        cp "$0" .venv/bin/python && touch .venv/bin/pip ;;
    "-m pip "*uv.lock) [ -z "$NO_UV" ] && cp "$UV" .venv/bin/uv ;;
    "-m pip "*) exit ${FAILS:-0} ;;
esac
"""
UV = """\
#!/bin/sh
printf '%s\\n' "uv $*" >> "$LOG"
case "$1" in
    venv)
        rm -rf .venv && mkdir -p .venv/bin .venv/lib/python3.12/site-packages
        cp "${0%uv}python3" .venv/bin/python ;;
    pip) exit ${FAILS:-0} ;;
esac
"""


class Machine:
    """A machine with make and a Python, and a copy of what set-up reads."""

    def __init__(self, path):
        self.path, self.bin, self.log = path / "project", path / "bin", path / "log"
        self.bin.mkdir()
        self.path.mkdir()
        for name in TOOLS:
            (self.bin / name).symlink_to(shutil.which(name))
        self.install("python3", PYTHON)
        self.write(path / "uv", UV)
        shutil.copy(ROOT / "Makefile", self.path)
        shutil.copytree(ROOT / "requirements", self.path / "requirements")
        (self.path / "scripts").mkdir()
        shutil.copy(ROOT / "scripts/outside_root.py", self.path / "scripts")

    def install(self, name, text):
        self.write(self.bin / name, text)

    @staticmethod
    def write(path, text):
        path.unlink(missing_ok=True)  # else a link's target would be written
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)

    def make(self, *arguments, **variables):
        """Run make; give its exit status, what it printed, and which programs it started."""
        self.log.write_text("", encoding="utf-8")
        env = {"PATH": str(self.bin), "LOG": str(self.log), "HOME": os.devnull}
        env |= {"UV": str(self.path.parent / "uv")} | variables
        done = subprocess.run(
            [self.bin / "make", *arguments], cwd=self.path, env=env,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        started = self.log.read_text(encoding="utf-8").splitlines()
        return done.returncode, done.stdout + done.stderr, started


@pytest.fixture(params=["with uv", "without uv"])
def machine(request, tmp_path):
    made = Machine(tmp_path)
    if request.param == "with uv":
        made.install("uv", UV)
    return made


def installs(started):
    return [line for line in started if " install " in line and "uv.lock" not in line]


def is_exact(line, lock):
    """Whether an installer takes the packages of a lock file by their hashes, and no others."""
    exact = {"--no-deps", "--require-hashes"} <= set(line.split())
    return exact and line.endswith(f"--requirement requirements/{lock}.lock")


def test_packages_are_locked_by_their_hashes_and_compiled(machine):
    status, printed, started = machine.make("setup", PYTHONDONTWRITEBYTECODE="1")
    assert status == 0
    (line,) = installs(started)
    assert line.startswith("uv pip ")
    assert is_exact(line, "run")
    assert started[-1].startswith("python -m compileall ")
    lines = printed.splitlines()
    assert lines[:2] == ["Building .venv with python3", "Installing requirements/run.lock"]
    assert re.fullmatch(r"  \.venv has 0 packages, \d+ MB", lines[2])
    assert len(lines) == 3


@pytest.mark.parametrize("module", ["stages.generate", "commands.rank"])
def test_outside_the_root_a_command_says_where_to_run_it(machine, env, module):
    machine.make("setup")
    packages = machine.path / ".venv/lib/python3.12/site-packages"
    done = subprocess.run(
        [sys.executable, "-m", module], cwd=machine.path, env=env | {"PYTHONPATH": str(packages)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    root = shlex.quote(str(Path(sys.prefix).parent))
    assert done.stderr == f"error: run this in the project's root: cd {root}\n"


def test_outside_the_root_an_import_fails_as_ever(machine, env):
    machine.make("setup")
    packages = machine.path / ".venv/lib/python3.12/site-packages"
    done = subprocess.run(
        [sys.executable, "-c", "import stages"], env=env | {"PYTHONPATH": str(packages)},
        cwd=machine.path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stderr.endswith("ModuleNotFoundError: No module named 'stages'\n")


def test_uv_is_fetched_by_its_hash_where_there_is_none(tmp_path):
    _, _, started = Machine(tmp_path).make("setup")
    (line,) = (line for line in started if "uv.lock" in line)
    assert line.startswith("python -m pip install ")
    assert is_exact(line, "uv")


def test_pip_stands_in_for_uv(tmp_path):
    machine = Machine(tmp_path)
    status, printed, started = machine.make("setup", NO_UV="1")
    assert status == 0
    assert "uv failed; using pip, which takes longer." in printed
    (line,) = installs(started)
    assert line.startswith("python -m pip ")
    assert is_exact(line, "run")


@pytest.mark.parametrize(("target", "lock"), [("extras", "extras"), ("s3", "s3")])
def test_a_target_installs_what_it_needs_once(machine, target, lock):
    machine.make("setup")
    (line,) = installs(machine.make(target)[2])
    assert is_exact(line, lock)
    assert installs(machine.make(target)[2]) == []


@pytest.mark.parametrize(
    ("target", "locks"),
    [
        ("test", ["run", "test"]),
        ("lint", ["run", "lint"]),
        ("test-all", ["run", "test", "lint", "extras"]),
        ("offline-plots", ["run", "plots"]),
        ("bench", ["run", "extras"]),
        ("benchmark", ["run", "extras"]),
        ("repro", ["run"]),
    ],
)
def test_nothing_else_is_installed(machine, target, locks):
    for name in ("ruff", "mypy", "lint-imports", "dvc", "awk", "tail", "tr"):
        machine.install(name, "#!/bin/sh\n")
    started = installs(machine.make(target)[2])
    assert [line.rpartition("/")[2] for line in started] == [f"{name}.lock" for name in locks]


@pytest.fixture
def ready(machine):
    """The machine after set-up, with stand-ins for all that targets start, wherever it is."""
    machine.make("setup")
    for name in ("dvc", "lint-imports", "mypy", "ruff"):
        for folder in (machine.bin, machine.path / ".venv/bin"):
            machine.write(folder / name, f'#!/bin/sh\necho "{name} $*" >> "$LOG"\n')
    for name in ("tail", "tr"):
        machine.install(name, "#!/bin/sh\n")
    return machine


def started_by(machine, block):
    """What each line of a block starts that is no installation, by the words after `make`."""
    programs = {}
    for make, *words in commands(block):
        assert make == "make"
        status, printed, started = machine.make(*words)
        assert status == 0, printed
        programs[" ".join(words)] = [
            line for line in started if not re.search(" install | compileall ", line)
        ]
    return programs


def test_the_targets_of_contributing(ready):
    programs = started_by(ready, TARGETS)
    kernels = programs.pop("test-kernels")
    assert all(line.startswith("python -m pytest tests/core ") for line in kernels)
    assert programs == {
        "test": ["python -m pytest"],
        "test-all": ["python -m pytest -m "],
        "lint": ["ruff check", "ruff format --check", "mypy ", "lint-imports --no-logo"],
        "help": [],
    }


def test_the_profiles_of_the_benchmark(ready):
    folders = [path.parent.name for path in (ROOT / "benchmark").glob("*/params.yaml")]
    for name in folders:
        (ready.path / "benchmark" / name).mkdir(parents=True)
    programs = started_by(ready, BENCHMARK)
    assert list(programs.values()) == [["dvc repro dvc.yaml"]] * 3
    assert {words.partition("=")[2] or "default" for words in programs} == set(folders)


def test_a_release(tmp_path, env):
    wheel, tag = RELEASE.splitlines()
    machine = Machine(tmp_path)
    machine.install("uv", UV)
    assert started_by(machine, wheel)["wheel"][-1] == "uv build --quiet --wheel --out-dir dist"
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    project = Clone(tmp_path, env)
    project.run("git", "init", "--quiet")
    project.run("git", "commit", "--allow-empty", "--message", "Release")
    project.run("bash", "-c", tag)
    assert project.run("git", "describe").stdout == f"v{version}\n"


def test_params_are_checked_once_until_they_change(machine):
    machine.make("setup")
    params, checked = machine.path / "params.yaml", machine.path / ".al_cache/checked.yaml"
    params.write_text("a: 1\n", encoding="utf-8")
    machine.install("tail", "#!/bin/sh\n")
    machine.install("tr", "#!/bin/sh\n")
    check = "python -m commands.preflight"
    assert check in machine.make("repro")[2]
    checked.parent.mkdir()
    shutil.copy(params, checked)
    assert check not in machine.make("repro")[2]
    params.write_text("a: 2\n", encoding="utf-8")
    assert check in machine.make("repro")[2]


def test_the_second_time_nothing_is_done(machine):
    machine.make("setup")
    assert machine.make("setup") == (0, "make: Nothing to be done for 'setup'.\n", [])


def test_another_lock_file_is_set_up_again(machine):
    machine.make("setup")
    later = (machine.path / ".venv/ready").stat().st_mtime + 10
    os.utime(machine.path / "requirements/run.lock", (later, later))
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
    assert "Building .venv with mine\n" in said


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


def entries(lock):
    """Packages of a lock file with what follows their names, in lines as pip takes them."""
    text = lock.read_text(encoding="utf-8")
    return [entry for entry in re.split(r"\n(?=\S)", text) if not entry.startswith("#")]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_every_package_has_one_version_and_hashes(lock):
    assert entries(lock)
    for entry in entries(lock):
        assert re.match(r"[a-z0-9._-]+(\[[a-z0-9,]+\])?==\S+ ", entry), entry[:100]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry[:100]
    assert "://" not in lock.read_text(encoding="utf-8")


def test_a_package_has_the_same_version_in_all_lock_files():
    pins = {entry.split()[0] for lock in LOCKS for entry in entries(lock)}
    names = [re.sub(r"\[.*\]", "", pin).partition("==")[0] for pin in pins]
    assert len(names) == len(set(names)) > 150


def test_no_group_repeats_what_every_environment_has():
    run, *others = sorted(LOCKS, key=lambda lock: lock.stem != "run")
    packages = {re.split(r"[\[=]", entry)[0] for entry in entries(run)}
    for lock in others:
        assert packages.isdisjoint(re.split(r"[\[=]", entry)[0] for entry in entries(lock)), lock
