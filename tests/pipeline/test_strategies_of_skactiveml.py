"""Strategies of scikit-activeml through DVC, as the docs name them."""

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.extras]


def test_by_name_with_options(finished, tmp_path):
    clone = finished.copy(tmp_path / "clone")
    name = "skactiveml.pool.ProbCover"
    params = clone.params()
    clone.set_params({"strategies": params["strategies"] | {name: {"alpha": 0.8}}})
    assert clone.stale() == set()  # it is not on a list yet

    clone.dvc("exp", "run", "-S", f"query_loop.wrappers=[{name},skactiveml.pool.CoreSet]")
    assert clone.params()["query_loop"]["wrappers"] == [name, "skactiveml.pool.CoreSet"]
    rows = clone.json("metrics/strategies.json")["strategies"]
    for member in (name, "skactiveml.pool.CoreSet"):
        assert rows[member]["vs_random"]
        assert clone.content(f"data/query_loop/{member}")
    assert clone.stale() == set()

    clone.set_params({"strategies": params["strategies"] | {name: {"alpha": 0.9}}})
    assert clone.stale() == {
        f"query-loop-wrapper@{other}" for other in (name, "skactiveml.pool.CoreSet")
    }
