"""The cell of the README, as someone would paste it into a notebook."""

import re

import matplotlib as mpl
import pytest

from tests.recipes.pages import snippets

(CELL,) = snippets("README.md", "In a notebook")


@pytest.mark.slow
def test_the_cell_of_the_readme_runs(capsys):
    names = {}
    with mpl.rc_context({"backend": "agg"}):
        exec(CELL.replace('"repeats": 10', '"repeats": 2'), names)
    printed = capsys.readouterr().out.splitlines()
    margin, random = (line for line in printed if "→" in line)
    assert re.match(r"margin: accuracy 0\.\d{4} → 0\.\d{4} with 60 labels bought, ceiling", margin)
    assert random.startswith("random: accuracy 0.")
    assert len(set(names["rows"].tolist()) - set(range(50))) == 10
