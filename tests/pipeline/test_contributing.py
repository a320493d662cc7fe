"""The worked example of CONTRIBUTING.md, followed step by step."""

import re

import pytest

from tests.pipeline.clone import ROOT


@pytest.fixture
def example():
    """File and code of the worked example."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    path = re.search(r"Write `(active_learning/strategies/\w+\.py)`", text)[1]
    return path, re.search(r"```python\n(.*?)```", text, re.DOTALL)[1]


@pytest.mark.slow
def test_a_new_strategy_is_one_file(clone, example):
    path, code = example
    (clone.path / path).write_text(code, encoding="utf-8")

    clone.set_params({"strategies": clone.params()["strategies"] | {"rarest_class": {}}})
    with (clone.path / "params.yaml").open("a", encoding="utf-8") as params:
        params.write("# strategies: rarest_class\n")
    clone.run("python", "-m", "stages.schema")
    assert '"rarest_class"' in (clone.path / "params.schema.json").read_text(encoding="utf-8")
    contracts = clone.run(
        "python", "-m", "pytest", "-n", "0", "-q", "tests/contracts", "-k", "rarest_class"
    )
    assert re.search(r"\d\d+ passed", contracts.stdout)
    clone.run("ruff", "check", path)

    output = clone.dvc("exp", "run", "-S", "query_loop.strategies=[rarest_class,random]")
    assert "Running stage 'query-loop'" in output
    assert clone.summary()["strategy"] == "rarest_class"
