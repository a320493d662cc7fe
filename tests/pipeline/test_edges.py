"""Runs at the edge of what is allowed, and runs that fail."""

import re

import pandas as pd
import pytest

POOL = 98  # 120 rows, 12 of them for the test, 10 labelled from the start


@pytest.fixture
def exhausted(tmp_path, made, finished):
    """One repeat that buys the whole pool, nine at a time; and what DVC printed."""

    def run(clone):
        clone.set_params(
            {"split.repeats": 1, "query_loop.budget": 1000, "query_loop.batch_size": 9}
        )
        clone.path.with_name("exhausted.txt").write_text(clone.dvc("repro"), encoding="utf-8")

    original = made("exhausted", finished, run)
    output = original.path.with_name("exhausted.txt").read_text("utf-8")
    return original.copy(tmp_path / "clone"), output


@pytest.mark.slow
class TestOneRepeatThatEmptiesThePool:
    def test_it_says_so(self, exhausted):
        _, output = exhausted
        for strategy in ("least_confidence", "random"):
            said = f"{strategy}: the pool was empty after {POOL} labels; the budget is 1000.\n"
            assert said in output

    @pytest.mark.parametrize("strategy", ["least_confidence", "random"])
    def test_every_row_is_bought_once_in_batches(self, exhausted, strategy):
        clone, _ = exhausted
        folder = clone.path / "data/query_loop" / strategy
        queries = pd.read_parquet(folder / "queries.parquet")
        splits = pd.read_parquet(clone.path / "data/splits.parquet")
        assert sorted(queries["row"]) == sorted(splits.loc[splits["role"] == "pool", "row"])
        assert queries["step"].value_counts(sort=False).tolist() == [9] * 10 + [8]
        curves = pd.read_parquet(folder / "curves.parquet")
        assert curves["labels"].tolist() == [*range(10, 101, 9), 108]

    def test_with_all_labels_every_strategy_ends_at_the_ceiling(self, exhausted):
        clone, _ = exhausted
        evidence = clone.json("metrics/strategies.json")
        for row in evidence["strategies"].values():
            final = row["scores"]["accuracy"]["final"]["mean"]
            assert final == evidence["ceilings"]["accuracy"]["mean"]

    def test_one_repeat_has_no_interval(self, exhausted):
        clone, output = exhausted
        summary = clone.summary()
        assert (summary["gain_low"], summary["gain_high"]) == (None, None)
        assert summary["gain"] is not None
        assert "in one repeat: one run proves nothing.\n" in output
        assert "beats random" not in output

    def test_the_figures_are_there(self, exhausted):
        clone, _ = exhausted
        assert "one repeat" in (clone.path / "plots/learning_curves.svg").read_text("utf-8")


def test_a_stage_that_fails(clone):
    before = clone.content("dvc.lock", "metrics", "plots", "data/raw", "data/splits.parquet")
    clone.set_params({"query_loop.batch_size": 5})
    output = clone.dvc("repro", ok=False)
    assert (
        "error: params.yaml: query_loop.batch_size must be an int in [1, 3] (the budget); got 5.\n"
        in output
    )
    assert "failed to reproduce 'query-loop'" in output
    assert "Traceback" not in output
    assert (
        clone.content("dvc.lock", "metrics", "plots", "data/raw", "data/splits.parquet") == before
    )
    # DVC takes the outputs of a stage away before it runs it; the stage left nothing there.
    assert [path for path in clone.path.rglob("*.part*") if ".dvc" not in path.parts] == []
    assert not (clone.path / "data/query_loop").exists()
    # With the old value back, everything is as it was.
    clone.set_params({"query_loop.batch_size": 1})
    clone.dvc("repro")
    assert clone.changed_in_git() == []


def test_a_stage_that_fails_halfway_leaves_no_outputs(clone):
    # Log loss needs probabilities, which is found out at the first score.
    before = clone.content("data", "metrics")
    clone.set_params({"learner.name": "svm_rbf"})
    output = clone.dvc("repro", ok=False)
    lines = [line for line in output.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1
    assert "evaluation.scorers" in lines[0]
    assert "log_loss" in lines[0]
    assert "Traceback" not in output
    # What the stage would have written is gone; the rest is as the last run left it.
    (failed,) = re.findall(r"failed to reproduce '([^']+)'", output)
    outs = tuple(out["path"] for out in clone.lock()[failed]["outs"])
    after = clone.content("data", "metrics")
    gone = before.keys() - after.keys()
    assert gone
    assert gone == {name for name in before if name.startswith(outs)}
    assert before.items() >= after.items()
