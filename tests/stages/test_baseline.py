"""The ceiling: the score of a model that knows every label but those of the test set."""

import pytest

from active_learning.data import files
from stages.params import Params, yaml
from stages.tasks import read_tasks
from tests.examples import run_stage, small_params


def test_ceiling_is_of_initial_set_and_pool(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AL_JOBS", "1")
    (tmp_path / "params.yaml").write_text(yaml.dump(small_params({"split.repeats": 1})))
    for stage in ("generate", "split", "baseline"):
        run_stage(stage)
    task = read_tasks(Params.read())[0]
    expected = task.scores(task.fit_rows("initial", "pool"))
    card = files.read_json(tmp_path / "metrics" / "baseline.json")
    assert [card[name]["ceiling"] for name in task.scorers] == pytest.approx(expected, abs=1e-6)
