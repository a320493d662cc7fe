"""Put deliberate faults into a copy of HEAD, one at a time, and see which tests catch them.

``python tests/faults/run.py`` runs all of faults.yaml, ``run.py 1 27`` those whose names begin so.
An entry has the fault in words, the tests that are run with it, and the first few of those that
caught it; the fault itself is the patch of the same name. Exits with 1 if a fault that applies is
not caught. ``--record`` rewrites ``caught_by``. Tests that fail without a fault catch nothing.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from ruamel.yaml import YAML

FOLDER = Path(__file__).parent
FAULTS = FOLDER / "faults.yaml"
SECONDS = 180
LISTED = 5
FAILED = re.compile(r"^(?:FAILED|ERROR) (\S.*?)(?: - .*)?$", re.MULTILINE)


def git(*arguments, cwd=FOLDER):
    """Run git, whether it succeeds or not."""
    return subprocess.run(["git", *arguments], cwd=cwd, check=False, capture_output=True, text=True)


def failing(copy, tests, seconds=SECONDS):
    """Tests that fail; a run that does not end counts as one."""
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", *tests]
    # Two faults within a second would leave bytecode that looks up to date.
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "1000"}
    try:
        done = subprocess.run(
            command, cwd=copy, env=environment, timeout=seconds, check=False,
            capture_output=True, text=True,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return [f"no end within {seconds} s"]
    found = FAILED.findall(done.stdout)
    if done.returncode not in (0, 1) and not found:
        sys.exit(f"pytest {' '.join(tests)} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return found


def caught(copy, name, tests):
    """Tests that fail with a fault, ``None`` if the fault does not apply."""
    if git("apply", FOLDER / f"{name}.patch", cwd=copy).returncode:
        return None
    try:
        return failing(copy, tests)
    finally:
        git("checkout", "--quiet", ".", cwd=copy)


def run(faults):
    """Yield the name of each fault with the tests that catch it."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        git("worktree", "add", "--quiet", "--detach", copy, "HEAD").check_returncode()
        try:
            every = sorted({test for fault in faults.values() for test in fault["tests"]})
            unsound = set(failing(copy, every, 10 * SECONDS))
            for test in sorted(unsound):
                print(f"fails without a fault: {test}")
            for name, fault in faults.items():
                found = caught(copy, name, fault["tests"])
                yield name, found and [test for test in found if test not in unsound]
        finally:
            git("worktree", "remove", "--force", copy)


def main():
    """Run the faults that the command line names, print what caught them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="how their names begin; all by default")
    parser.add_argument("--record", action="store_true", help="rewrite caught_by in faults.yaml")
    arguments = parser.parse_args()
    yaml = YAML()
    yaml.width, yaml.preserve_quotes = 1000, True
    faults = yaml.load(FAULTS)
    chosen = tuple(arguments.names or [""])
    results = {}
    for name, found in run({name: faults[name] for name in faults if name.startswith(chosen)}):
        results[name] = found
        outcome = "DOES NOT APPLY" if found is None else "NOT CAUGHT"
        print(f"{name:<40} {f'{len(found)}: {found[0]}' if found else outcome}", flush=True)
        if arguments.record and found:
            faults[name]["caught_by"] = found[:LISTED]
            yaml.dump(faults, FAULTS)
    missed = [name for name, found in results.items() if found == []]
    stale = [name for name, found in results.items() if found is None]
    print(f"{len(results) - len(missed) - len(stale)} of {len(results)} caught")
    print(f"not caught: {', '.join(missed) or 'none'}")
    print(f"no longer apply: {', '.join(stale) or 'none'}")
    sys.exit(bool(missed))


if __name__ == "__main__":
    main()
