"""Strategies of scikit-activeml through DVC, as the docs name them."""

import pytest

from tests.recipes.pages import recipes

(COMMANDS,) = recipes("docs/strategies.md", "Strategies of other packages")

pytestmark = [pytest.mark.slow, pytest.mark.extras]


def test_by_name_with_options(clone):
    path = "skactiveml.pool.ProbCover"
    entries = clone.params()["strategies"]
    own = {path: {"alpha": 0.8}, "wide": {"use": path, "alpha": 0.9}}
    clone.set_params({"strategies": entries | own})
    names = [path, "wide", "skactiveml.pool.CoreSet", "random"]
    clone.dvc("exp", "run", "-S", f"query_loop.strategies=[{','.join(names)}]")
    rows = clone.json("metrics/strategies.json")["strategies"]
    assert list(rows) == names
    for name in names[:-1]:
        assert rows[name]["vs_random"]
        assert clone.content(f"data/query_loop/{name}")
    assert clone.stale() == set()


def test_on_the_command_line(clone):
    clone.shell(COMMANDS)
    assert list(clone.json("metrics/strategies.json")["strategies"]) == ["prob_cover", "random"]
    assert len(clone.dvc("exp", "list", "--name-only").split()) == 2
