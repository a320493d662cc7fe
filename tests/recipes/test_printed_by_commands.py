"""What docs/experiments.md and the README say that commands print, with the default params."""

import re

import pytest

from tests.pipeline.clone import ROOT
from tests.recipes.conftest import PAGE, sections


@pytest.mark.slow
def test_the_ranking_and_the_list(tmp_path, project):
    clone = project.copy(tmp_path / "clone")
    clone.repro()
    if clone.changed_in_git():  # dvc.lock was older than the code
        clone.commit()
    block = sections(PAGE.read_text("utf-8"))["Which setting should I use?"][0]
    ranked = clone.run("bash", "-euo", "pipefail", "-c", block).stdout
    (shown,) = re.findall(r"^```\n(### accuracy.*?)^```$", PAGE.read_text("utf-8"), re.M | re.S)
    assert ranked.endswith(shown)
    assert max(map(len, shown.splitlines())) <= 80

    readme = (ROOT / "README.md").read_text("utf-8")
    (table,) = re.findall(r"^```\n(  Experiment .*?)^```$", readme, re.M | re.S)
    options = ("--no-pager", "--only-changed", "--hide-workspace", "--drop", "Created")
    printed = clone.dvc("exp", "show", *options, COLUMNS="80")
    assert cells(printed) == cells(table)


def cells(text):
    """Words of each row of a table, without lines and the hashes of commits."""
    rows = [re.sub(r"─+|\b[0-9a-f]{7}\b", "", line).split() for line in text.splitlines()]
    return [row for row in rows if row]
