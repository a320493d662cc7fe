"""The version stands in three files, and is the same."""

import re
import tomllib

from stages.params import yaml
from tests.examples import ROOT


def test_version_is_the_same_everywhere():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    citation = yaml.read(ROOT / "CITATION.cff")
    assert citation["version"] == version
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert re.search(r"^## (\S+)", changelog, re.MULTILINE)[1] == version
