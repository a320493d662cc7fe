"""Sections of params.yaml: strict, and explained in one line."""

from pathlib import Path
from typing import Annotated, ClassVar, Literal

import pytest
from pydantic import AfterValidator, Field

from active_learning.base import config, plugins
from active_learning.base.errors import ParamsError
from active_learning.base.explain import shown


class Inner(config.Section):
    share: Annotated[float, Field(ge=0, lt=1)]


class Outer(config.Section):
    count: Annotated[int, Field(ge=1)]
    any_number: float = 0.0
    mode: Literal["fast", "exact"] | None = None
    inner: Inner
    names: Annotated[list[str], Field(min_length=1), AfterValidator(config.unique)]


class Learner(config.PluginSection):
    KIND: ClassVar[str] = "learners"
    name: Annotated[str, config.PluginName("learners")]


RIGHT = {"count": 3, "inner": {"share": 0.5}, "names": ["a", "b"]}


def said(values, model=Outer):
    with pytest.raises(ParamsError) as error:
        config.check(model, values, "outer", Path("my.yaml"))
    assert "\n" not in str(error.value)
    return str(error.value).removeprefix("my.yaml: ")


def test_right_values_are_taken_as_they_are():
    found = config.check(Outer, RIGHT, "outer")
    assert found.count == 3
    assert found.inner.share == 0.5
    assert found.names == ["a", "b"]
    assert found.mode is None


def test_whole_number_is_a_float_but_not_the_other_way_round():
    assert config.check(Outer, RIGHT | {"any_number": 3}, "outer").any_number == 3.0
    assert said(RIGHT | {"count": 3.0}) == "outer.count must be an int in [1, inf); got 3.0."


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"count": 0}, "outer.count must be an int in [1, inf); got 0."),
        ({"count": None}, "outer.count must be an int in [1, inf); got None."),
        ({"any_number": True}, "outer.any_number must be a float; got True."),
        (
            {"any_number": "1e3"},
            "outer.any_number must be a float; got '1e3', a text; as a number it is 1.0e+03.",
        ),
        ({"mode": "slow"}, "outer.mode must be one of fast, exact or null; got 'slow'."),
        ({"inner": {"share": 1.0}}, "outer.inner.share must be a float in [0, 1); got 1.0."),
        ({"inner": {}}, "outer.inner.share is missing; it must be a float in [0, 1)."),
        ({"inner": 3}, "outer.inner must be a mapping; got 3."),
        (
            {"inner": {"share": 0.1, "shore": 0.1}},
            "outer.inner.shore is not a known key; did you mean 'share'? There is: share.",
        ),
        ({"names": []}, "outer.names must be a list of at least 1, each a text; got []."),
        ({"names": ["a", 3]}, "outer.names.1 must be a text; got 3."),
        (
            {"names": ["a", "b", "a"]},
            "outer.names must name each one once; a stands there twice; got ['a', 'b', 'a'].",
        ),
    ],
    ids=str,
)
def test_one_line_with_place_rule_and_value(changes, message):
    assert said(RIGHT | changes) == message


def test_misspelt_key_is_told_before_the_key_that_it_leaves_missing():
    values = {key: value for key, value in RIGHT.items() if key != "count"} | {"cuont": 3}
    assert said(values).startswith("outer.cuont is not a known key; did you mean 'count'?")


def test_section_cannot_be_changed():
    found = config.check(Outer, RIGHT, "outer")
    with pytest.raises(ValueError, match="frozen"):
        found.count = 4


def test_only_the_options_of_the_plugin_that_is_named_are_checked():
    values = {"name": "svm_rbf", "svm_rbf": {"C": 2.0}, "random_forest": {"nonsense": 1}}
    made = config.check(Learner, values, "outer").plugin
    assert type(made).__name__ == "SvmRbf"
    assert made.C == 2.0
    values["name"] = "random_forest"
    assert said(values, Learner).startswith("outer.random_forest.nonsense is not a known key.")


def test_plugin_without_options_takes_its_defaults():
    made = config.check(Learner, {"name": "svm_rbf"}, "outer").plugin
    assert made == type(made)()


def test_complete_model_has_the_options_of_every_plugin():
    properties = Learner.complete().model_json_schema()["properties"]
    assert set(properties) == {"name", *plugins.available("learners")}


class Strategies(config.OptionsSection):
    KIND: ClassVar[str] = "strategies"


def test_section_of_options_checks_one_plugin_or_all():
    values = {"typiclust": {"neighbours": 3}, "query_by_committee": {"nonsense": 1}}
    only = config.check(Strategies.only("typiclust"), values, "outer")
    assert only.typiclust.neighbours == 3
    assert only.margin == {}
    assert said(values, Strategies).startswith("outer.query_by_committee.nonsense is not a known")
    assert said({"typiclst": {}}, Strategies.only("margin")).startswith(
        "outer.typiclst is not a known key; did you mean 'typiclust'?"
    )


def test_schema_of_a_section_of_options_lets_members_of_families_in():
    schema = Strategies.complete().model_json_schema()
    assert set(schema["properties"]) == set(plugins.available("strategies"))
    assert schema["patternProperties"] == {"^skactiveml:": {"type": "object"}}
    assert schema["additionalProperties"] is False


def test_long_values_are_cut():
    assert shown("x" * 100) == "'" + "x" * 58 + "…"
    assert shown([1, 2]) == "[1, 2]"
