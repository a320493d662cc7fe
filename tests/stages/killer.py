"""Run stages that kill themselves at a rename: ``python killer.py`` in a project's folder.

Each line on stdin is JSON: the stage, its arguments, which rename (0: none), and whether to kill
when half of what is renamed has been written, or after the rename. Each line on stdout is the exit
status and what was renamed to. Every stage runs in a fork, which has imported all it needs.
"""

import importlib
import json
import os
import signal
import sys
from pathlib import Path

STAGES = ("generate", "split", "baseline", "query_loop", "compare", "plot")


def kill_at(number, moment):
    """Kill this process at its n-th rename; gives the list of their targets."""
    replace, renames = os.replace, []

    def replace_or_die(source, target):
        renames.append(str(target))
        now = len(renames) == number
        if now and moment == "half":
            os.truncate(source, Path(source).stat().st_size // 2)
            os.kill(os.getpid(), signal.SIGKILL)
        replace(source, target)
        if now:
            os.kill(os.getpid(), signal.SIGKILL)

    os.replace = replace_or_die
    return renames


def run(stage, arguments, number, moment):
    """Run a stage in this process, which ends with it."""
    from active_learning.simulation import store
    from stages import command
    from stages.params import Params

    store.SECONDS_BETWEEN = 0.0  # save after every step
    sys.argv = [stage, *arguments]
    renames = kill_at(number, moment)
    status = 0
    try:
        command.run(importlib.import_module(f"stages.{stage}").main, Params.read)
    except SystemExit as end:
        status = end.code
    finally:
        Path("renames").write_text(json.dumps(renames), encoding="utf-8")
        sys.stdout.flush()
        os._exit(status)


def main():
    """Answer every line."""
    sys.path[0] = str(Path.cwd())
    for stage in STAGES:
        importlib.import_module(f"stages.{stage}")
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(os.open("log", os.O_WRONLY | os.O_CREAT | os.O_APPEND), 1)
    os.dup2(1, 2)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            run(*json.loads(line))
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        renames = json.loads(Path("renames").read_text("utf-8")) if status == 0 else []
        answers.write(json.dumps([status, renames]) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
