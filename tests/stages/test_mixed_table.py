"""The worked example of a mixed table: it runs, and prints what its page says."""

import re

import pytest
import yaml

from scripts import titanic
from tests import examples

PAGE = (examples.ROOT / "docs" / "mixed_table.md").read_text(encoding="utf-8")
STAGES = [
    ["generate"],
    ["split"],
    ["baseline"],
    ["query_loop", "least_confidence"],
    ["query_loop", "random"],
    ["compare"],
]


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, flags=re.DOTALL | re.MULTILINE)


def merged(params, changes):
    return params | {
        key: merged(params[key], value) if isinstance(value, dict) else value
        for key, value in changes.items()
    }


def plain(text):
    return " ".join(text.split())


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run stages with the changes that the page makes, up to a block of YAML: what they print."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AL_JOBS", "1")
    titanic.main()

    def run(n_blocks, stages):
        params = examples.PARAMS
        for block in blocks("yaml")[:n_blocks]:
            params = merged(params, yaml.safe_load(block))
        (tmp_path / "params.yaml").write_text(yaml.safe_dump(params))
        capsys.readouterr()
        for stage in stages:
            examples.run_stage(*stage)
        return plain(capsys.readouterr().out)

    return run


def test_what_the_check_of_the_data_says(run):
    printed = run(1, STAGES[:1])
    found = blocks("text")[0].splitlines()
    assert len(found) == 3
    assert all(plain(line) in printed for line in found)


@pytest.mark.slow
def test_what_the_experiment_says(run):
    printed = run(2, STAGES)
    found = blocks("text")[1].splitlines()
    assert len(found) == 4
    assert all(plain(line) in printed for line in found)
