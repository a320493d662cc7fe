"""The worked example of CONTRIBUTING.md, followed as a person would."""

import re

import pytest

from tests.pipeline.clone import ROOT


@pytest.fixture
def example():
    """Files of the worked example by path, and the commands that follow them."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = re.search(r"^## Add a strategy.*?(?=^## )", text, re.DOTALL | re.MULTILINE)[0]
    files = re.findall(r"`([\w/]+\.py)`:\n\n```python\n(.*?)```", section, re.DOTALL)
    (commands,) = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    return dict(files), commands


@pytest.mark.slow
def test_a_new_strategy_is_a_file_and_its_test(clone, example):
    files, commands = example
    assert len(files) == 2
    for path, code in files.items():
        (clone.path / path).write_text(code, encoding="utf-8")
    clone.link_environment()
    forgotten = clone.run(
        "python", "-m", "pytest", "-n", "0", "tests/contracts", "-k", "up_to_date", ok=False
    )
    assert "run `make schema`" in forgotten.stdout

    output = clone.run("bash", "-euo", "pipefail", "-c", commands).stdout

    assert re.search(r"\d\d+ passed", output)
    assert "Running stage 'query-loop'" in output
    assert clone.summary()["strategy"] == "rarest_class"
    clone.run("ruff", "check", *files)
    clone.run("python", "-m", "pytest", "-n", "0", "tests/contracts", "-k", "up_to_date")
    assert "[`rarest_class`]" in (clone.path / "docs/strategies.md").read_text(encoding="utf-8")
    changed = {line.split()[-1] for line in clone.changed_in_git()}
    assert {path for path in changed if not path.startswith(("metrics/", "plots/"))} == {
        *files,
        "docs/strategies.md",
        "dvc.lock",
        "params.schema.json",
        "params.yaml",
    }
