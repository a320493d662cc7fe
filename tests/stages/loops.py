"""Run the real stage in a folder of its own, as a process that can be killed."""

import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from copy import copy

from stages.params import yaml
from tests.examples import ROOT, small_params

CODE = ("active_learning", "stages")


def mind_interrupts():
    """Let a process mind SIGINT, also if what started the tests in the background does not."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


class Loop:
    """A folder with the project's code and the outputs of ``generate`` and ``split``."""

    def __init__(self, path, params, env):
        self.path, self.env = path, env
        for name in CODE:
            shutil.copytree(ROOT / name, path / name, ignore=shutil.ignore_patterns("__pycache__"))
        self.set(params)

    def set(self, params):
        text = yaml.dump(small_params(params))
        (self.path / "params.yaml").write_text(text, encoding="utf-8")

    def start(self, stage, *arguments, **env):
        """Start a stage afresh, in a process group of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", f"stages.{stage}", *arguments],
            cwd=self.path, env=self.env | env, start_new_session=True, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            preexec_fn=mind_interrupts,  # noqa: PLW1509 - tests have no threads
        )  # fmt: skip

    def run(self, stage, *arguments, status=0, **env):
        """Run a stage to its end; what it prints as errors."""
        done = subprocess.run(
            ["python", "-m", f"stages.{stage}", *arguments], cwd=self.path, env=self.env | env,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == status, done.stderr
        return done.stderr

    def prepared(self):
        for stage in ("generate", "split"):
            self.run(stage)
        return self

    def copy(self, path):
        """The same with nothing kept."""
        shutil.copytree(self.path, path, ignore=shutil.ignore_patterns(".al_cache"))
        other = copy(self)
        other.path = path
        return other

    def outputs(self, top="data/query_loop"):
        """Every finished file below a folder, with its content."""
        files = sorted(path for path in (self.path / top).rglob("*") if path.is_file())
        return {
            path.relative_to(self.path).as_posix(): path.read_bytes()
            for path in files
            if ".part" not in path.name
        }

    def kept(self):
        """Files of kept repeats: content, and when it was written."""
        return {
            path.name: (path.read_bytes(), path.stat().st_mtime_ns)
            for path in (self.path / ".al_cache").rglob("[!.]*.npz")
        }


def kill(process):
    """Kill a stage and all processes that it has started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
