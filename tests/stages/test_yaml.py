"""YAML is read as DVC reads it, into plain values; what cannot be read is said in one line."""

import os
import shutil
from functools import reduce
from itertools import pairwise
from operator import getitem

import pytest
from dvc.utils.hydra import apply_overrides
from dvc.utils.serialize import loads_yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from active_learning.core.errors import ParamsError
from stages.params import Params, yaml
from tests.examples import ROOT


def refusal(text):
    with pytest.raises(ParamsError) as error:
        yaml.parse(text, "my.yaml")
    said = str(error.value)
    assert said.isprintable()
    assert len(said) <= 400
    return said.removeprefix("my.yaml: ")


def test_a_merge_conflict():
    sides = "<<<<<<< HEAD\n  budget: 20\n=======\n  budget: 40\n>>>>>>> other\n"
    assert refusal(f"query_loop:\n{sides}") == "line 2: unresolved merge conflict."
    assert yaml.parse("title: |\n  <<<<<<< a\n", "my.yaml") == {"title": "<<<<<<< a\n"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("010", 10),
        ("0o17", 15),
        ("1_000", 1000),
        ("1e-05", 0.00001),
        ("1e+22", 1e22),
        (".inf", float("inf")),
        ("off", "off"),
        ("yes", "yes"),
        ("on", "on"),
        ("1:30", "1:30"),
        ("true", True),
        ("~", None),
        ("[1, {a: null}]", [1, {"a": None}]),
        ("&x [1]", [1]),
    ],
)
def test_a_value_is_that_of_yaml_1_2_as_for_dvc(text, value):
    read = yaml.parse(f"a: {text}\n", "my.yaml")["a"]
    assert (read, type(read)) == (value, type(value))
    assert loads_yaml(f"a: {text}\n")["a"] == value


@pytest.mark.parametrize(
    ("override", "value"),
    [
        ("learner.logistic_regression.C=0.00001", 0.00001),
        ("learner.logistic_regression.C=1e-5", 0.00001),
        ("learner.logistic_regression.C=1e+22", 1e22),
        ("generate.checks=off", "off"),
        ("generate.checks='off'", "off"),
        ("generate.table.target='on'", "on"),
    ],
)
def test_a_value_that_dvc_sets_is_valid(tmp_path, override, value):
    path = tmp_path / "params.yaml"
    shutil.copy(ROOT / "params.yaml", path)
    apply_overrides(path, [override])  # as `dvc exp run --set-param` does
    params = Params.read(path)
    params.check()
    section, *names = override.partition("=")[0].split(".")
    assert reduce(getitem, names, params.values[section]) == value


def test_checks_can_be_off_as_the_comment_in_params_writes_it(tmp_path):
    text = (ROOT / "params.yaml").read_text(encoding="utf-8")
    assert "checks: warn " in text
    path = tmp_path / "params.yaml"
    path.write_text(text.replace("checks: warn ", "checks: off "), encoding="utf-8")
    assert Params.read(path).generate.checks == "off"


@pytest.mark.parametrize("text", ["", "# nothing\n", "null\n"])
def test_an_empty_file_is_none(text):
    assert yaml.parse(text, "my.yaml") is None


def test_a_mark_of_the_byte_order_and_merged_keys_are_read():
    text = "\ufeffa: &a {b: 1, c: 2}\nd: {<<: *a, b: 3}\n"
    assert yaml.parse(text.encode(), "my.yaml")["d"] == {"b": 3, "c": 2}


def bomb(line, levels=12):
    """Each level names the one before nine times."""
    names = [f"n{level}" for level in range(levels)]
    levels = [line.format(name, ", ".join([f"*{before}"] * 9)) for before, name in pairwise(names)]
    return "\n".join(["n0: &n0 {x: 1}", *levels])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "a: 1\nb: 2024-13-45",
            "line 2: invalid YAML: unsupported type timestamp '2024-13-45'; qu",
        ),
        ("a: !!int x", "line 1: invalid YAML: must be an int of at most 64 bits; got 'x'"),
        ("a: !!bool x", "line 1: invalid YAML: must be true or false; got 'x'"),
        ("a: !!float x", "line 1: invalid YAML: must be a float; got 'x'"),
        ("a: !!int [1]", "line 1: invalid YAML: expected a scalar"),
        ("a: !!omap [x: 1, x: 2]", "line 1: invalid YAML: unsupported type omap"),
        ("a: !!binary '4pyT'", "line 1: invalid YAML: unsupported type binary '4pyT'; quote it"),
        ("a: !mine {b: 1}", "line 1: invalid YAML: unsupported type !mine"),
        ("a: !!python/name:os.system x", "line 1: invalid YAML: unsupported type python/name:os."),
        ("a: =", "line 1: invalid YAML: unsupported type value '='; quote it to make it a string"),
        (f"a: {'9' * 5000}", "line 1: invalid YAML: must be an int of at most 64 bits; got '9999"),
        (f"a: {2**63}", "line 1: invalid YAML: must be an int of at most 64 bits; got '92233720"),
        ("a: 1\nb: 2\na: 3", "line 3: invalid YAML: duplicate key 'a'"),
        ("{1: a, true: b}", "line 1: invalid YAML: duplicate key True"),
        ("a:\n  [1, 2]: b", "line 2: invalid YAML: a key must not be a list or a mapping"),
        (f"a: {'[' * 500}{']' * 500}", "line 1: invalid YAML: must be nested at most 100 deep"),
        ("- " * 100_000, "line 1: invalid YAML: must be nested at most 100 deep"),
        ("? " * 100_000, "line 1: invalid YAML: must be nested at most 100 deep"),
        ("[" + "1, " * 200_000 + "]", "line 1: invalid YAML: must have at most 100,000 values"),
        (bomb("{0}: &{0} [{1}]"), "line 6: invalid YAML: must have at most 100,000 values"),
        (bomb("{0}: &{0} {{<<: [{1}]}}"), "line 6: invalid YAML: must have at most 100,000"),
        ("a: &a [*a]", "line 1: invalid YAML: a must not contain itself"),
        ("a: &a {<<: *a}", "line 1: invalid YAML: a must not contain itself"),
        ("a: &x 1\nb: &x 2", "line 2: invalid YAML: duplicate anchor x"),
        (f"a: *{'x' * 1000}", "line 1: invalid YAML: found undefined alias"),
        ("a: '\0'", "invalid YAML: unacceptable character #x0000"),
        ('a: "\\0"', "line 1: invalid YAML: must be a string without NUL; got '\\x00'"),
        (f"{'a' * 5000}: 1\n{'a' * 5000}: 1", "line 1: invalid YAML: mapping values are not"),
        ("%YAML 3.0\n---\na: 1", "line 1: invalid YAML: found incompatible YAML document"),
        ("a: 1\n---\nb: 2", "line 2: invalid YAML: but found another document"),
        ("a: b: c", "line 1: invalid YAML: mapping values are not allowed"),
        ("a: [", "invalid YAML: "),
        (b"a: \xff", "must be encoded in UTF-8."),
        ("a: 1".encode("utf-16"), "must be encoded in UTF-8."),
        (b"#" * (2**20 + 1), "must have at most 1,048,576 bytes; it has more."),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_cannot_be_read_is_one_line_with_place_and_reason(text, message):
    assert message in refusal(text)


def test_what_is_no_file_is_refused_at_once(tmp_path):
    with pytest.raises(ParamsError, match=r": must be a file\.$"):
        yaml.read(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ParamsError, match=r"pipe: must be a file\.$"):
        yaml.read(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(ParamsError, match=r"loop: cannot be read: "):
        yaml.read(tmp_path / "loop")
    with pytest.raises(FileNotFoundError):
        yaml.read(tmp_path / "missing")


def typed(value):
    """Value with its types, in which 1, 1.0 and true differ."""
    if isinstance(value, dict):
        return [(typed(key), typed(item)) for key, item in value.items()]
    if isinstance(value, list):
        return [list, *map(typed, value)]
    return type(value), value


TEXTS = st.sampled_from(["off", "1e-05", "010", "0o17", "1_000", "=", "<<", "2024-01-01", "\x85"])
PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**62), 2**62)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
    | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=8,
)


@given(PLAIN)
@settings(max_examples=100)
def test_what_is_written_is_read_back(values):
    text = yaml.dump(values)
    assert typed(yaml.parse(text, "my.yaml")) == typed(values)
    assert typed(loads_yaml(text)) == typed(values)


@given(st.text("ab1-?:,[]{}&*!<='\"\n|>%@\t0x_~é\0 ", max_size=14))
@settings(max_examples=300)
def test_no_text_ends_in_another_error(text):
    try:
        value = yaml.parse(text, "my.yaml")
    except ParamsError as error:
        assert str(error).startswith("my.yaml: ")  # noqa: PT017
        assert str(error).isprintable()  # noqa: PT017
        assert len(str(error)) <= 400  # noqa: PT017
    else:
        assert typed(yaml.parse(yaml.dump(value), "my.yaml")) == typed(value)
        assert typed(loads_yaml(text)) == typed(value)
