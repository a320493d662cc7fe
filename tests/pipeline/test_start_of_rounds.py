"""The project before and after rounds begin, as DVC sees it."""

import pytest

from tests.pipeline.clone import STAGES

pytestmark = pytest.mark.slow

START = ("python", "-m", "commands.labels", "start", "tables/example.csv", "--target", "species")
SUGGEST = ("python", "-m", "commands.labels", "suggest")
VIEWS = [("status",), ("exp", "show", "--csv"), ("metrics", "show"), ("stage", "list", "--all")]


def test_dvc_sees_rounds_only_once_they_have_begun(tmp_path, project):
    clone = project.copy(tmp_path / "clone")
    for view in VIEWS:
        assert "rounds" not in clone.dvc(*view)
    clone.run(
        "python", "-m", "commands.labels", "start", "tables/example.csv", "--target", "species"
    )
    changed = {line.split(maxsplit=1)[1] for line in clone.changed_in_git()}
    assert changed >= {"rounds/labels/table.jsonl", "rounds/dvc.yaml", "rounds/params.yaml"}
    for view in ("status",), ("stage", "list", "--all"):
        assert "rounds/dvc.yaml:merge-labels" in clone.dvc(*view)
    assert set(clone.lock()) == set(STAGES)


def test_the_experiment_of_the_workspace_suggests_a_strategy(clone):
    said = clone.run(*SUGGEST).stdout
    assert "### accuracy over 10 to 13 labels" in said
    assert "# For rounds/params.yaml:\nquery:\n  strategy: " in said
    clone.set_params({"query_loop.budget": 4})
    refused = clone.run(*SUGGEST, ok=False).stderr
    assert "`dvc status` is not clean" in refused
