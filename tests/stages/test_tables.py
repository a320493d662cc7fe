"""A table with roles, from the file through the stages to what they make of it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from active_learning.analysis.curves import aulc
from active_learning.core import plugins
from active_learning.data import files
from stages.params import Params, yaml
from stages.paths import CARD
from stages.tasks import read_tasks
from tests.examples import run_stage, small_params

RIVALS = ["least_confidence", "random"]


@pytest.fixture
def prepare(tmp_path, monkeypatch):
    """Write a table and params, and run ``generate`` and ``split``."""
    monkeypatch.chdir(tmp_path)

    def run(table, changes=(), **options):
        table.to_csv("mine.csv", index=False)
        given = {"path": "mine.csv", "target": "y"} | options
        changes = {"generate.dataset": "table", "generate.table": given} | dict(changes)
        (tmp_path / "params.yaml").write_text(yaml.dump(small_params(changes)))
        run_stage("generate")
        run_stage("split")
        return files.read_json(CARD)

    return run


def people(n=120):
    generator = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "key": [f"P{number}" for number in range(n)],
            "household": np.arange(n) // 3,
            "price": generator.uniform(1, 5, n).round(2),
            "age": np.where(generator.random(n) < 0.1, np.nan, generator.uniform(18, 90, n)),
            "town": generator.choice(["Ulm", "Bonn", "?"], n),
            "y": generator.choice(["no", "yes"], n),
        }
    )


def test_columns_with_a_role_are_kept_and_are_no_features(prepare):
    table = people()
    checked = {"generate.checks": "warn"}
    card = prepare(table, checked, id="key", group="household", cost="price", missing=["?"])
    assert card["roles"] == {"id": "key", "group": "household", "cost": "price"}
    assert card["features"] == 2
    assert card["kinds"] == {"town": "category"}
    assert card["missing"] == {
        "age": int(table["age"].isna().sum()), "town": int((table["town"] == "?").sum())
    }  # fmt: skip
    assert set(card["checks"]) == {"duplicate_rows"}  # of gaps and towns
    data = read_tasks(Params.read()).data
    assert list(data.kinds) == ["age", "town"]
    np.testing.assert_array_equal(data.costs, table["price"])
    assert data.ids.tolist() == table["key"].tolist()


@pytest.mark.parametrize("named", [True, False])
def test_queries_name_their_rows(prepare, named, monkeypatch):
    table = people()
    prepare(table, **({"id": "key"} if named else {"drop": ["key"]}))
    monkeypatch.setenv("AL_JOBS", "1")
    run_stage("query_loop", "random")
    queries = pd.read_parquet("data/query_loop/random/queries.parquet")
    assert len(queries) == 3 * 4
    pools = [parts["pool"] for parts in read_tasks(Params.read()).parts]
    places = zip(queries["repeat"], queries["pool_row"], strict=True)
    assert [pools[repeat][place] for repeat, place in places] == queries["row"].tolist()
    assert ("id" in queries) == named
    if named:
        assert queries["id"].tolist() == table["key"].iloc[queries["row"]].tolist()


def test_names_of_rows_and_groups_are_texts(prepare):
    table = people().assign(key=[f"{n:04d}" for n in range(120)], household=["1", "01"] * 60)
    prepare(table, {"split.test_size": 0.5, "split.stratify": False}, id="key", group="household")
    data = read_tasks(Params.read()).data
    assert data.ids.tolist() == table["key"].tolist()
    assert data.groups.tolist() == table["household"].tolist()


def test_column_of_a_wide_table_is_read_at_once(tmp_path):
    """Read in parts, as pandas does, its first thousands would be numbers and lose their zero."""
    codes = pd.Series(["07"] * 600 + ["x"])
    others = pd.DataFrame(1, index=codes.index, columns=[f"x{i}" for i in range(1100)])
    others.assign(code=codes, y="p").to_csv(tmp_path / "wide.csv", index=False)
    table = plugins.load("datasets", "table")(path=str(tmp_path / "wide.csv"), target="y").load(0)
    assert table["code"].tolist() == codes.tolist()


def test_any_name_of_a_column_will_do(prepare):
    table = people().rename(columns={"age": "self", "y": 'two words, \n and "größe"'})
    card = prepare(table, target=table.columns[-1], drop=["key"])
    assert card["missing"] == {"self": int(table["self"].isna().sum())}
    assert card["classes"].keys() == {"no", "yes"}


def test_classes_that_look_like_numbers(prepare):
    table = people().assign(y=np.resize(["--5", "10", "-", "9", "-5", "a"], 120))
    assert list(prepare(table, drop=["key"])["classes"]) == ["-5", "9", "10", "-", "--5", "a"]


def test_rows_without_a_label_are_left_out_and_can_be_labelled(prepare, capsys):
    table = people().assign(y=np.resize(["1", "0", "", "1"], 120), note="a, b")
    options = {"id": "key", "group": "household", "drop": ["note"], "missing": ["?", "a,b"]}
    options["csv"] = {"header": True, "skip": [900, 901]}
    card = prepare(table, **options)
    assert (card["rows"], card["unlabelled"]) == (90, 30)
    assert card["classes"] == {"0": 30, "1": 60}
    *_, count, how, _ = capsys.readouterr().out.splitlines()
    assert count == "30 of 120 rows have no label; they are left out."
    assert how == (
        "To label them: python -m commands.labels start mine.csv --id key --target y "
        """--classes 0,1 --drop note,household --missing '?,"a,b"' """
        "--csv header=true --csv skip=900,901"
    )
    kept = table[table["y"] != ""]
    assert read_tasks(Params.read()).data.ids.tolist() == kept["key"].tolist()
    assert prepare(kept, **options) == {k: v for k, v in card.items() if k != "unlabelled"}


def test_many_classes_are_not_spelt_out(prepare, capsys):
    table = people().assign(y=[*(f"class {number % 11}" for number in range(119)), None])
    prepare(table, {"split.stratify": False}, drop=["key"])
    said = capsys.readouterr().out
    assert "start mine.csv --target y --drop key\n" in said


def test_groups_are_not_on_both_sides_of_the_test_set(prepare):
    table = people()
    prepare(table, group="household")
    for parts in read_tasks(Params.read()).parts:
        rest = np.concatenate([parts["initial"], parts["pool"]])
        assert not set(table["household"][parts["test"]]) & set(table["household"][rest])


@pytest.mark.parametrize("budget", [4, 1000])
def test_repeats_with_groups_can_be_compared_though_test_sets_differ_in_size(
    prepare, budget, monkeypatch
):
    monkeypatch.setenv("AL_JOBS", "1")
    households = np.random.default_rng(0).integers(25, size=120)
    changes = {"query_loop.budget": budget, "query_loop.batch_size": 4, "split.initial_size": 0.3}
    prepare(people().assign(household=households), changes, group="household", drop=["key"])
    sizes = [{role: len(rows) for role, rows in p.items()} for p in read_tasks(Params.read()).parts]
    assert len({size["test"] for size in sizes}) > 1
    assert {size["initial"] for size in sizes} == {int(0.3 * 108)}
    for stage in ("baseline", *(f"query_loop {name}" for name in RIVALS), "compare"):
        run_stage(*stage.split())
    bought = min(budget, *(size["pool"] for size in sizes))
    summary = files.read_json(Path("metrics/strategies.json"))
    assert summary["strategies"]["random"]["labels_bought"] == bought


def test_kinds_can_be_said(prepare):
    card = prepare(people(), {"generate.kinds": {"household": "category"}}, drop=["key"])
    assert card["kinds"] == {"household": "category", "town": "category"}


def test_duplicates_across_the_test_set_are_counted(prepare, capsys):
    table = people()
    prepare(pd.concat([table, table]), {"generate.checks": "warn"}, drop=["key"])
    said = capsys.readouterr().out
    assert "warning: 240 of 240 rows have a duplicate" in said
    shares = []
    for parts in read_tasks(Params.read()).parts:
        twins = (parts["test"] + 120) % 240
        shares.append(np.isin(twins, parts["test"], invert=True).sum())
    assert f"warning: {np.mean(shares):.1f} of 24 test rows, on average, have a duplicate" in said


def test_class_that_is_left_out_is_named(prepare, capsys):
    table = people()
    table.loc[:3, "y"] = "maybe"
    prepare(table, {"split.stratify": False, "generate.checks": "warn"}, drop=["key"])
    said = capsys.readouterr().out
    classes = read_tasks(Params.read()).data.labels
    for role in ("test", "initial"):
        absent = sum(0 not in classes[parts[role]] for parts in read_tasks(Params.read()).parts)
        line = f"missing from the {role} set of some of 3 repeats: 'maybe' (4 rows) in {absent}."
        assert (line in said) == (absent > 0)
    assert "warning: 1 class is missing from the" in said


def test_many_classes_that_are_left_out_are_one_line(prepare, capsys):
    table = people()
    table.loc[:13, "y"] = [f"rare {n}" for n in range(7) for _ in range(2)]
    prepare(table, {"split.stratify": False, "generate.checks": "warn"}, drop=["key"])
    (line,) = [text for text in capsys.readouterr().out.splitlines() if "from the initial" in text]
    assert line.startswith(
        "warning: 7 classes are missing from the initial set of some of 3 repeats"
    )
    assert line.count("rare") == 5
    assert line.endswith(" and 2 more.")


def test_nothing_is_said_when_checks_are_off(prepare, capsys):
    table = people()
    card = prepare(pd.concat([table, table]), drop=["key"])
    assert card["checks"] is None
    assert "warning" not in capsys.readouterr().out


COST_BUDGET = 12.0


@pytest.fixture
def prices(prepare, monkeypatch):
    """Prices of an experiment in which the table says what labels cost, run to its figures."""
    monkeypatch.setenv("AL_JOBS", "1")
    changes = {"query_loop.cost_budget": COST_BUDGET, "query_loop.budget": 40}
    prepare(people(), changes, drop=["key"], cost="price")
    for stage in ("baseline", *(f"query_loop {name}" for name in RIVALS), "compare", "plot"):
        run_stage(*stage.split())
    return people()["price"].to_numpy()


def test_budget_in_cost_that_buys_nothing(prepare, monkeypatch):
    monkeypatch.setenv("AL_JOBS", "1")
    changes = {"query_loop.cost_budget": 0.5, "query_loop.strategies": ["margin", *RIVALS]}
    prepare(people(), changes, drop=["key"], cost="price")
    loops = [f"query_loop {name}" for name in ("margin", *RIVALS)]
    for stage in ("baseline", *loops, "compare", "plot"):
        run_stage(*stage.split())
    evidence = files.read_json(Path("metrics/strategies.json"))
    assert evidence["legends"].keys() == {"margin", "random"}
    assert {row["labels_bought"] for row in evidence["strategies"].values()} == {0}
    assert evidence["strategies"]["random"]["vs_random"] is None
    assert evidence["strategies"]["margin"]["vs_random"]["aulc"]["difference"] == 0


def runs(strategy, name):
    table = pd.read_parquet(f"data/query_loop/{strategy}/{name}.parquet")
    return [run for _, run in table.groupby("repeat")]


@pytest.mark.parametrize("strategy", RIVALS)
def test_runs_pay_the_prices_of_the_table_until_the_budget_is_spent(prices, strategy):
    for queries, curve in zip(runs(strategy, "queries"), runs(strategy, "curves"), strict=True):
        paid = prices[queries["row"]].cumsum()
        np.testing.assert_allclose(curve["cost"], [0, *paid])
        assert COST_BUDGET - prices.max() < paid[-1] <= COST_BUDGET


@pytest.mark.usefixtures("prices")
def test_metrics_and_figures_have_a_curve_over_the_prices_of_the_table():
    curves = {name: runs(name, "curves") for name in RIVALS}
    end = max(run["cost"].max() for name in RIVALS for run in curves[name])
    last = {name: [run["accuracy"].iloc[-1] for run in curves[name]] for name in RIVALS}
    areas = {
        name: [
            aulc(np.append(run["cost"], end), np.append(run["accuracy"], score))
            for run, score in zip(curves[name], last[name], strict=True)
        ]
        for name in RIVALS
    }
    drawn = pd.read_csv("metrics/cost_curves.csv").groupby("strategy").last()
    rows = files.read_json(Path("metrics/strategies.json"))["over_cost"]["strategies"]
    for name in RIVALS:
        assert drawn.loc[name, "cost"] == pytest.approx(end)
        assert drawn.loc[name, "score"] == pytest.approx(np.mean(last[name]), abs=1e-6)
        assert rows[name]["aulc"]["mean"] == pytest.approx(np.mean(areas[name]), abs=1e-6)
    gained = np.mean(areas["least_confidence"]) - np.mean(areas["random"])
    against = rows["least_confidence"]["vs_random"]
    assert against["difference"] == pytest.approx(gained, abs=1e-6)
    assert Path("plots/cost_curves.svg").read_bytes().startswith(b"<?xml")


@pytest.mark.parametrize(
    ("missing", "classes"),
    [(None, ["no", "yes"]), ([], ["NA", "None", "no", "yes"]), (["NA"], ["None", "no", "yes"])],
)
def test_missing_replaces_the_usual_texts(prepare, missing, classes):
    table = people().assign(y=np.resize(["None", "NA", "no", "yes", ""], 120), town="NA")
    card = prepare(table, missing=missing, drop=["key"])
    assert list(card["classes"]) == classes
    assert card["unlabelled"] == 24 * (5 - len(classes))
    assert ("town" in card["missing"]) == (missing != [])


def test_classes_with_a_leading_zero_are_others(prepare, capsys):
    table = people().assign(y=np.resize(["01", "1", "2.0"], 120))
    card = prepare(table, {"generate.checks": "warn"}, drop=["key"])
    assert card["classes"] == {"01": 40, "1": 40, "2": 40}
    said = capsys.readouterr().out
    assert "warning: classes differ only in case, blanks or the notation of a number" in said
    assert "'01' (40 rows) and '1' (40 rows)" in said


@pytest.mark.parametrize("checks", ["warn", "error"])
def test_frequent_class_is_a_hint(prepare, capsys, checks):
    table = people().assign(y=["yes"] * 20 + ["no"] * 100, household=range(120))
    prepare(table, {"generate.checks": checks}, drop=["key", "household", "town"])
    assert "warning: 83.3% of the rows are of class 'no'" in capsys.readouterr().out
