"""Run a stage and record what it uses: ``python recorder.py OUTPUT stages.x [arguments]``.

OUTPUT becomes JSON: ``files``, the files of the project that were imported, and ``params``, the
keys of params.yaml that the stage read once they had been checked.
"""

import importlib.machinery
import importlib.util
import json
import runpy
import sys
from pathlib import Path

CONFIG = "stages.params.config"
params = set()
sections = {}  # id of a section's object: its name, and the object, which must stay alive


def watch(config):
    """Record which fields of a section are read, from when it has been validated."""
    validate, read, plain = config.validate, config.read_mapping, config.Strict.__getattribute__

    def validating(model, values, name, *arguments):
        section = validate(model, values, name, *arguments)
        sections[id(section)] = name, section
        return section

    def reading(path):
        config.read_mapping = refused
        return read(path)

    def refused(path):
        raise AssertionError("params.yaml is read once in a process")

    def getting(self, attribute):
        if id(self) in sections and attribute in type(self).model_fields:
            params.add(f"{sections[id(self)][0]}.{attribute}")
        return plain(self, attribute)

    config.validate, config.read_mapping = validating, reading
    config.Strict.__getattribute__ = getting


class Finder:
    """Find the config module as usual, and watch it as soon as it has been imported."""

    @staticmethod
    def find_spec(name, path, target=None):
        if name != CONFIG:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            watch(module)

        spec.loader.exec_module = exec_module
        return spec


def main():
    output, stage = Path(sys.argv[1]), sys.argv[2]
    root = Path.cwd().resolve()
    sys.argv = sys.argv[2:]
    sys.path[0] = str(root)
    sys.meta_path.insert(0, Finder)
    used = {Path(importlib.util.find_spec(stage).origin)}
    try:
        runpy.run_module(stage, run_name="__main__", alter_sys=True)
    finally:
        used |= {Path(module.__file__) for module in sys.modules.values() if _has_file(module)}
        files = sorted(
            path.relative_to(root).as_posix() for path in used if path.is_relative_to(root)
        )
        output.write_text(json.dumps({"files": files, "params": sorted(params)}), encoding="utf-8")


def _has_file(module):
    return bool(getattr(module, "__file__", None))


if __name__ == "__main__":
    main()
