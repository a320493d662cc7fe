"""A copy of the project in a folder of its own, with DVC and git to run in it."""

import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from scripts.forks import PERSON
from stages.params import yaml

ROOT = Path(__file__).parents[2]

STAGES = [
    "generate",
    "split",
    "baseline",
    "query-loop",
    "compare",
    "plot",
]

# Small enough for every stage to take no longer than it needs to start.
SMALL = {
    "generate.checks": "off",
    "generate.synthetic.n_samples": 120,
    "split.repeats": 3,
    "query_loop.budget": 3,
    "compare.n_resamples": 200,
    "plot.dpi": 50,
}

# Writes down every fit of a model and whose it is; for a module that no key of the store hangs on.
COUNTER = """
import functools, os

_fit, _simulate, _owners = Task.fit, simulate, ["ceiling"]

def _count(*arguments):
    with open(os.path.join(os.environ["DVC_ROOT"], ".git", "fits"), "a") as log:
        log.write(_owners[-1] + "\\n")
    return _fit(*arguments)

@functools.wraps(simulate)
def simulate(task, strategy, *arguments, **options):
    _owners.append(strategy.registered_name())
    try:
        return _simulate(task, strategy, *arguments, **options)
    finally:
        _owners.pop()

Task.fit = _count
"""


class Clone:
    """A copy of the project.

    Parameters
    ----------
    path : Path
    env : dict of str to str
        Environment of every command.
    """

    def __init__(self, path: Path, env: Mapping[str, str]) -> None:
        self.path = path
        self.env = dict(env)

    @classmethod
    def of_project(cls, path: Path, env: Mapping[str, str]) -> "Clone":
        """Commit the project's files as they are now to a new repository."""
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT, capture_output=True, text=True, check=True,
        )  # fmt: skip
        for name in filter(None, listed.stdout.split("\0")):
            if (ROOT / name).is_file():
                (path / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, path / name)
        clone = cls(path, env)
        clone.run("git", "init", "--quiet", "--initial-branch", "main")
        for key, value in PERSON.items():
            clone.run("git", "config", f"user.{key.lower()}", value)
        clone.commit()
        clone.run("git", "gc", "--quiet")  # fewer files to copy
        return clone

    def copy(self, path: Path) -> "Clone":
        """Copy everything: files, history and DVC's cache."""
        shutil.copytree(self.path, path, symlinks=True)
        return Clone(path, self.env)

    def run(self, *command: str, ok: bool = True, **env: str) -> subprocess.CompletedProcess[str]:
        """Run a command here; it must succeed, or with ``ok=False`` fail."""
        done = subprocess.run(
            command, cwd=self.path, env=self.env | env, capture_output=True, text=True,
            stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip
        assert (done.returncode == 0) == ok, f"{command}\n{done.stdout}\n{done.stderr}"
        return done

    def shell(self, block: str, **env: str) -> str:
        """Run lines of shell, up to the first that fails, and give what they print."""
        return self.run("bash", "-euo", "pipefail", "-c", block, **env).stdout

    def link_environment(self) -> None:
        """Give the clone a complete `.venv`, of links to the environment that runs the tests."""
        venv = self.path / ".venv"
        (venv / "bin").mkdir(parents=True)
        for path in (Path(sys.prefix) / "bin").iterdir():
            program = shutil.which(path.name, path=self.env["PATH"]) or path
            (venv / "bin" / path.name).symlink_to(program)
        (venv / "bin/activate").unlink(missing_ok=True)
        (venv / "bin/activate").write_text('PATH="$PWD/.venv/bin:$PATH"\n', encoding="utf-8")
        for name in ("lib", "pyvenv.cfg"):
            (venv / name).symlink_to(Path(sys.prefix) / name)
        for name in ("ready", *(path.stem for path in (ROOT / "requirements").glob("*.lock"))):
            (venv / name).touch()

    def dvc(self, *arguments: str, ok: bool = True, **env: str) -> str:
        """Run DVC and give what it prints."""
        done = self.run("dvc", *arguments, ok=ok, **env)
        return done.stdout if ok else done.stdout + done.stderr

    def repro(self, *arguments: str, **env: str) -> set[str]:
        """Run ``dvc repro`` and give the stages that ran; none may come from the run cache."""
        output = self.dvc("repro", *arguments, **env)
        assert "is cached" not in output
        return ran(output)

    def stale(self) -> set[str]:
        """Stages that DVC finds changed; those that come after them are not looked at."""
        return set(json.loads(self.dvc("status", "--json", "dvc.yaml")))

    def commit(self) -> None:
        """Commit everything."""
        self.run("git", "add", "--all")
        self.run("git", "commit", "--quiet", "--message", "Test")

    def changed_in_git(self) -> list[str]:
        """What git sees as changed or new."""
        return self.run("git", "status", "--porcelain").stdout.splitlines()

    def set_params(self, values: Mapping[str, object]) -> None:
        """Change params by their dotted names; a name that is not there is an error."""
        path = self.path / "params.yaml"
        params = yaml.read(path)
        for name, value in values.items():
            *sections, key = name.split(".")
            section = params
            for part in sections:
                section = section[part]
            assert key in section, name
            section[key] = value
        path.write_text(yaml.dump(params), encoding="utf-8")

    def params(self) -> dict:
        """Read params.yaml."""
        return yaml.read(self.path / "params.yaml")

    def append(self, name: str, code: str) -> None:
        """Append a line to a file of code."""
        with (self.path / name).open("a", encoding="utf-8") as file:
            file.write(f"\n{code}\n")

    def count_fits(self) -> None:
        """Count the fits of models from now on."""
        self.append("active_learning/simulation/experiment.py", COUNTER)

    def fits(self) -> Counter[str]:
        """Fits since the last call, by strategy, those of the baseline as ``ceiling``."""
        log = self.path / ".git" / "fits"
        fits = log.read_text(encoding="utf-8").split() if log.exists() else []
        log.unlink(missing_ok=True)
        return Counter(fits)

    def json(self, name: str) -> dict:
        """Read a file of JSON."""
        return json.loads((self.path / name).read_text(encoding="utf-8"))

    def summary(self) -> dict:
        """Read the summary of the metrics."""
        return self.json("metrics/summary.json")

    def lock(self) -> dict[str, dict]:
        """Entries of dvc.lock, by stage."""
        return yaml.read(self.path / "dvc.lock")["stages"]

    def content(self, *names: str) -> dict[str, bytes]:
        """Every file under these names, with its content."""
        found = {}
        for name in names:
            top = self.path / name
            for path in [top] if top.is_file() else sorted(top.rglob("*")):
                if path.is_file():
                    found[path.relative_to(self.path).as_posix()] = path.read_bytes()
        assert found, names
        return found


def ran(output: str) -> set[str]:
    """Stages that DVC says it ran."""
    return set(re.findall(r"^Running stage '([^']+)':", output, flags=re.MULTILINE))
