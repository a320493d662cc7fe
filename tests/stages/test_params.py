"""Sections of params.yaml: strict, read once, and explained in one line."""

import copy
import json
import re
import subprocess
import sys
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import pytest
from pydantic import Field

from active_learning.core import plugins
from active_learning.core.errors import ParamsError, shown
from active_learning.core.strict import Count, Strict
from stages.params import Params
from stages.params.config import PluginName, PluginSection, Unique, validate
from stages.schema import schema
from tests.examples import PARAMS, ROOT, small_params


class Inner(Strict):
    share: Annotated[float, Field(ge=0, lt=1)]


class Outer(Strict):
    count: Annotated[int, Field(ge=1)]
    any_number: float = 0.0
    mode: Literal["fast", "exact"] | None = None
    switch: Literal["auto"] | bool = "auto"
    label: Annotated[str, Field(pattern="^[a-z]+$")] = "a"
    inner: Inner
    names: Annotated[list[str], Field(min_length=1), Unique]
    rows: list[Count] | None = None
    sizes: dict[str, Annotated[int, Field(ge=0)]] = Field(default_factory=dict)


class Learner(PluginSection):
    KIND: ClassVar[str] = "learners"
    PLACE: ClassVar[str] = "outer"
    name: Annotated[str, PluginName("learners")]


class Named(Learner):
    name: str


NO_DEFAULTS = {"table", "openml"}  # which table, a user has to say
RIGHT = {"count": 3, "inner": {"share": 0.5}, "names": ["a", "b"]}


def said(values, model=Outer):
    with pytest.raises(ParamsError) as error:
        validate(model, values, "outer", Path("my.yaml"))
    assert "\n" not in str(error.value)
    return str(error.value).removeprefix("my.yaml: ")


def test_right_values_are_taken_as_they_are():
    outer = validate(Outer, RIGHT, "outer")
    assert outer.count == 3
    assert outer.inner.share == 0.5
    assert outer.names == ["a", "b"]
    assert outer.mode is None
    with pytest.raises(ValueError, match="frozen"):
        outer.count = 4


def test_whole_number_is_a_float_but_not_the_other_way_round():
    assert validate(Outer, RIGHT | {"any_number": 3}, "outer").any_number == 3.0
    assert said(RIGHT | {"count": 3.0}) == "outer.count must be an int in [1, inf); got 3.0."


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"count": 0}, "outer.count must be an int in [1, inf); got 0."),
        ({"count": None}, "outer.count must be an int in [1, inf); got null."),
        ({"any_number": True}, "outer.any_number must be a float; got true."),
        (
            {"any_number": [None, {"a": False}]},
            "outer.any_number must be a float; got [null, {'a': false}].",
        ),
        ({"any_number": "1e3"}, "outer.any_number must be a float; got '1e3'."),
        ({"mode": "slow"}, "outer.mode must be one of fast, exact or null; got 'slow'."),
        (
            {"mode": "Fats"},
            "outer.mode must be one of fast, exact or null; got 'Fats'; did you mean 'fast'?",
        ),
        (
            {"switch": "Auto"},
            "outer.switch must be auto or true or false; got 'Auto'; did you mean 'auto'?",
        ),
        ({"label": "a/b"}, "outer.label must be a string that matches ^[a-z]+$; got 'a/b'."),
        ({"inner": {"share": 1.0}}, "outer.inner.share must be a float in [0, 1); got 1.0."),
        ({"inner": {}}, "outer.inner.share is missing; it must be a float in [0, 1)."),
        ({"inner": 3}, "outer.inner must be a mapping; got 3."),
        (
            {"inner": {"share": 0.1, "shore": 0.1}},
            "outer.inner: unknown key 'shore'; available: share; did you mean 'share'?",
        ),
        ({"names": []}, "outer.names must be a list of at least 1, each a string; got []."),
        ({"names": ["a", 3]}, "outer.names.1 must be a string; got 3."),
        ({"rows": [1, 0]}, "outer.rows.1 must be an int in [1, 1000000000]; got 0."),
        ({"names": ["a", "b", "a"]}, "outer.names: duplicate entry: a."),
        ({"sizes": {"a": -1}}, "outer.sizes.a must be an int in [0, inf); got -1."),
        ({"sizes": {7: 1}}, "outer.sizes.7 must be a string; quote 7."),
    ],
    ids=str,
)
def test_one_line_with_place_rule_and_value(changes, message):
    assert said(RIGHT | changes) == message


def test_misspelt_key_is_told_before_the_key_that_it_leaves_missing():
    values = {key: value for key, value in RIGHT.items() if key != "count"} | {"cuont": 3}
    assert said(values).startswith("outer: unknown key 'cuont'; available: ")
    assert said(values).endswith("; did you mean 'count'?")


def test_only_the_options_of_the_plugin_that_is_named_are_checked():
    values = {"name": "svm_rbf", "svm_rbf": {"C": 2.0}, "random_forest": {"nonsense": 1}}
    plugin = validate(Learner, values, "outer").plugin
    assert type(plugin).__name__ == "SvmRbf"
    assert plugin.C == 2.0
    with pytest.raises(ParamsError, match=r"^outer\.random_forest: unknown key 'nonsense'"):
        _ = validate(Learner, values | {"name": "random_forest"}, "outer").plugin


def test_plugin_without_options_takes_its_defaults():
    plugin = validate(Learner, {"name": "svm_rbf"}, "outer").plugin
    assert plugin == type(plugin)()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"svm_rbg": {}}, "outer: unknown key 'svm_rbg'; .*; did you mean 'svm_rbf'\\?"),
        ({"standardise": True}, "outer: unknown key 'standardise'; available: .*"),
        ({"svm_rbf": 3}, "outer.svm_rbf must be a mapping; got 3."),
        ({"mine": {"use": 3}}, "outer.mine.use must be a string; got 3."),
        ({"mine": {"use": "svm"}}, "outer.mine.use: unknown learner 'svm'; .*'svm_rbf'\\?"),
        (
            {"mine": {"use": "svm_rbf", "c": 1.0}},
            "outer.mine: unknown key 'c'; .*did you mean 'C'\\?",
        ),
        (
            {"mine": {"use": "sklearn.svm.LinearSVX"}},
            "outer.mine.use: unknown class of sklearn.svm 'LinearSVX'; .*'LinearSVR'\\?",
        ),
        (
            {"mine": {"use": "sklearn.svm.SVR"}},
            "outer.mine.use: sklearn.svm.SVR cannot be used as a learner: .*",
        ),
        (
            {"mine": {"use": "nowhere.Model"}},
            "outer.mine.use: nowhere.Model cannot be imported \\(ModuleNotFoundError: .*",
        ),
        (
            {"mine": {"use": "sklearn.svm.LinearSVC", "D": 1.0}},
            "outer.mine: unknown key 'D'; available: C, .*",
        ),
        (
            {"mine": {"use": "sklearn.svm.LinearSVC", "C": -1.0}},
            "outer.mine: The 'C' parameter of LinearSVC must be a float in .* Got -1.0 instead.",
        ),
    ],
    ids=str,
)
def test_entries_that_are_wrong(values, message):
    with pytest.raises(ParamsError) as error:
        _ = validate(Named, values | {"name": "mine"}, "outer", Path("my.yaml")).plugin
    assert re.fullmatch(message, str(error.value).removeprefix("my.yaml: "))


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"mine": {"use": "svm_rbf", "C": 2.0}}, "svm_rbf"),
        ({"mine": {"use": "sklearn.svm.LinearSVC", "C": 2.0}}, "sklearn.svm.LinearSVC"),
    ],
)
def test_an_entry_says_by_use_which_plugin_it_is_of(values, name):
    plugin = validate(Named, values | {"name": "mine"}, "outer").plugin
    assert plugin.describe().items() >= {"use": name, "C": 2.0}.items()
    assert plugin.build(0).C == 2.0


def test_the_schema_has_the_options_of_every_plugin():
    section = schema()["$defs"]["Learner"]
    assert section["properties"].keys() >= {"name", *plugins.available("learners")}


def params(changes=()):
    return Params(small_params(changes), Path("params.yaml"))


def test_section_is_checked_when_it_is_used_and_once():
    some = params({"split.repeats": 0})
    assert some.learner is some.learner
    with pytest.raises(ParamsError, match=r"^params.yaml: split.repeats must be an int in \[1"):
        some.split  # noqa: B018 - reading is what checks it


def test_options_of_strategies_are_checked_for_the_one_that_runs():
    some = params({"strategies.query_by_committee": {"nonsense": 1}})
    some.values["strategies"]["skactiveml.pool.ProbCover"] = {"alpha": 0.5}
    assert some.strategy("typiclust").neighbours == 20
    with pytest.raises(ParamsError, match=r"strategies.query_by_committee: unknown key 'nonsense'"):
        some.strategy("query_by_committee")


def test_every_section_of_params_is_known_and_right():
    assert list(Params.sections()) == list(PARAMS)
    Params.read(ROOT / "params.yaml")


def test_params_that_are_left_out_have_the_values_of_the_file():
    empty = Params({name: {} for name in PARAMS})
    empty.check()
    shipped = Params(PARAMS)
    for name in PARAMS:
        ours, theirs = getattr(empty, name), getattr(shipped, name)
        fields = type(ours).model_fields
        assert {f: getattr(ours, f) for f in fields} == {f: getattr(theirs, f) for f in fields}
        for entry in getattr(theirs, "entries", {}).keys() - NO_DEFAULTS:
            assert ours.make(entry) == theirs.make(entry)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["a/b", "a:b"], r"query_loop.strategies: a/b and a:b would share the folder a_b"),
        (["Random", "random"], r"query_loop.strategies: Random and random would share the folder"),
        (
            ["", "random"],
            r"query_loop.strategies.0 must be a string of at most .*; got ''",
        ),
        (["_mine"], r"query_loop.strategies.0 must be .* begins with a letter or digit"),
        (["学" * 95], r"query_loop.strategies.0 must be a string of at most 200 bytes"),
        (["two\nlines"], r"query_loop.strategies.0 must be a string .*; got 'two\\nlines'"),
    ],
    ids=str,
)
def test_names_of_strategies_that_cannot_be(names, message):
    with pytest.raises(ParamsError, match=message):
        params({"query_loop.strategies": names}).check()


@pytest.mark.parametrize("name", ["random", "typiclust"])
def test_the_name_of_a_plugin_cannot_be_given_to_another(name):
    message = f"^params.yaml: strategies: {name}.use must be {name}, the name of a strategy; give "
    with pytest.raises(ParamsError, match=message):
        params({f"strategies.{name}": {"use": "margin"}}).check()


@pytest.mark.parametrize("n", [4, 20, 300])
def test_strategies_that_call_strategies_have_an_end(n):
    some = params({"query_loop.strategies": ["s0"]})
    for i in range(n):
        called = {"explore": f"s{i + 1}", "exploit": f"s{i + 1}"}
        some.values["strategies"][f"s{i}"] = {"use": "epsilon_greedy", **called}
    some.values["strategies"][f"s{n}"] = {"use": "margin"}
    if n == 4:
        some.check()
        return
    with pytest.raises(ParamsError, match=r"strategies must not call each other 5 deep; got s0 → "):
        some.check()


def test_an_entry_that_is_not_in_use_imports_no_other_package():
    some = params()
    some.values["strategies"]["far"] = {"use": "no_such_package.Strategy"}
    some.values["strategies"]["wide"] = {"use": "diverse_batch", "strategy": "no_such.Strategy"}
    some.check()


def test_long_values_are_cut():
    assert shown("x" * 100) == "'" + "x" * 58 + "…"
    assert shown([1, 2]) == "[1, 2]"


def test_a_whole_file_is_checked_without_the_numerical_libraries():
    """They take most of a second to import, and every stage checks params.yaml first."""
    code = (
        "import sys; from stages.params import Params; Params.read(); "
        "print({'scipy', 'sklearn'} & sys.modules.keys() or 'none')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "none\n"


ODD = [
    *(None, True, -1, 0, 2**31, 10**18, 1e300, float("nan"), float("inf"), "", "x" * 10_000),
    *("a\nb", [], ["x" * 10_000] * 2, [[]], [None], {}, {1: 2}, {None: 1}, {"x" * 10_000: 1}),
    *({"a\nb": {}}, {1.5: {}, True: []}),
]


def places(values, place=()):
    """Every place in nested mappings."""
    yield place
    if isinstance(values, dict):
        for key, value in values.items():
            yield from places(value, (*place, key))


@pytest.mark.parametrize("name", PARAMS)
def test_an_odd_value_in_any_place_is_one_line_of_bounded_length(name):
    for number, place in enumerate(places(PARAMS[name])):
        for odd in ODD[number % 5 :: 5]:  # one in five, or this would take long
            values = {name: copy.deepcopy(PARAMS[name])}
            *above, key = (name, *place)
            reduce(getitem, above, values)[key] = odd
            try:
                section = getattr(Params(values), name)
                for entry in getattr(section, "entries", {}):
                    section.make(entry)
            except ParamsError as error:
                assert str(error).isprintable()  # noqa: PT017
                assert len(str(error)) <= 500  # noqa: PT017 - a list of all plug-ins is 300


def integers(schema, place="params"):
    """Every rule for an int in a JSON schema, with its place."""
    if isinstance(schema, dict):
        if schema.get("type") == "integer":
            yield place, schema
        for key, value in schema.items():
            yield from integers(value, f"{place}.{key}")
    if isinstance(schema, list):
        for item in schema:
            yield from integers(item, place)


def test_every_int_has_an_upper_bound():
    rules = dict(integers(json.loads((ROOT / "params.schema.json").read_text(encoding="utf-8"))))
    assert rules
    for place, rule in rules.items():
        assert max(rule.get("maximum", 0), rule.get("exclusiveMaximum", 0)) > 0, place


def test_a_table_that_would_fill_the_memory_is_refused():
    size = {"n_samples": 10**6, "n_features": 2000}
    with pytest.raises(ParamsError, match=r"must have n_samples \* n_features \(2000000000\)"):
        params({f"generate.synthetic.{name}": value for name, value in size.items()}).check()
