"""The worked example of CONTRIBUTING.md, followed as a person would."""

import re

import pytest

from tests.pipeline.clone import ROOT
from tests.recipes.pages import quotes, read, recipes, snippets

EXAMPLE = "Add a strategy: a worked example"
(COMMANDS,) = recipes("CONTRIBUTING.md", EXAMPLE)
PATHS = re.findall(r"`([\w/]+\.py)`:\n\n```python", read("CONTRIBUTING.md"))
FILES = dict(zip(PATHS, snippets("CONTRIBUTING.md", EXAMPLE), strict=True))
(LAYOUT,) = quotes("CONTRIBUTING.md", "Layout")


@pytest.mark.slow
def test_a_new_strategy_is_a_file_and_its_test(clone):
    for path, code in FILES.items():
        (clone.path / path).write_text(code, encoding="utf-8")
    clone.link_environment()
    forgotten = clone.run(
        "python", "-m", "pytest", "-n", "0", "tests/contracts", "-k", "up_to_date", ok=False
    )
    assert "run `make schema`" in forgotten.stdout

    output = clone.shell(COMMANDS)

    assert re.search(r"\d\d+ passed", output)
    assert "Running stage 'query-loop'" in output
    assert clone.summary()["strategy"] == "rarest_class"
    clone.run("ruff", "check", *FILES)
    clone.run("python", "-m", "pytest", "-n", "0", "tests/contracts", "-k", "up_to_date")
    assert "[`rarest_class`]" in (clone.path / "docs/strategies.md").read_text(encoding="utf-8")
    changed = {line.split()[-1] for line in clone.changed_in_git()}
    assert {path for path in changed if not path.startswith(("metrics/", "plots/"))} == {
        *FILES,
        "docs/strategies.md",
        "dvc.lock",
        "params.schema.json",
        "params.yaml",
    }


def test_the_layout_names_what_is_there():
    folder = ROOT
    for line in LAYOUT.splitlines():
        names = re.match(r" *(.*?)(?:  |(?<=/) (?=\w+ ))", line)[1].split()
        above = folder if line.startswith(" ") else ROOT
        for name in names:
            path = above / name
            assert path.exists() or path == ROOT / "data", line  # which a run makes
        folder = folder if line.startswith(" ") else ROOT / names[0]
