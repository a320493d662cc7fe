import json

import pytest
from jsonschema import Draft202012Validator

from active_learning.core.errors import ParamsError
from commands import check
from commands.checks import rules
from stages.params import yaml
from tests.pipeline.clone import ROOT

RULE = "- {metric: ceiling, why: because, min: 0}"


def load(tmp_path, text):
    path = tmp_path / "checks.yaml"
    path.write_text(text, encoding="utf-8")
    return rules.load(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("base: v1", "rules is missing"),
        ("rule:\n" + RULE, "unknown key 'rule'"),
        ("rules:\n- {metric: a, why: b, minimum: 0}", "rules.0: unknown key 'minimum'"),
        ("rules:\n- {metric: a, why: b}", "rules.0 must have at least one of min, max"),
        ("rules:\n- {metric: a, min: 0}", "rules.0.why is missing"),
        ("rules:\n- {metric: a, why: '', min: 0}", "rules.0.why must be a string"),
        ("rules:\n- {metric: a, why: b, min: .nan}", "rules.0.min must be a float"),
        ("rules:\n- {metric: a, why: b, min: 2, max: 1}", "must have min at or below max"),
        ("rules:\n- {metric: a, why: b, max_drop: -1}", "rules.0.max_drop must be a float in [0"),
        ("rules:\n- {metric: a, why: b, no_regression: yes}", "rules.0.no_regression must be"),
        (
            "rules:\n- {metric: a, why: b, min: 0, direction: up}",
            "rules.0.direction must be one of higher, lower",
        ),
        (f"confidence: 1\nrules:\n{RULE}", "confidence must be a float in (0"),
        (f"rules:\n{RULE}\nrules:\n{RULE}", "line 3: invalid YAML: duplicate key 'rules'"),
        ("", "must be a mapping"),
    ],
)
def test_a_wrong_file_is_refused_with_place_and_rule(tmp_path, text, message):
    with pytest.raises(ParamsError) as error:
        load(tmp_path, text)
    assert message in str(error.value)
    assert "\n" not in str(error.value)
    assert str(error.value).startswith(f"{tmp_path / 'checks.yaml'}: ") or "must be" in message


def test_only_the_rules_are_needed(tmp_path):
    checks = load(tmp_path, "rules:\n" + RULE)
    assert checks.base is None
    assert checks.confidence == 0.95
    assert checks.rules[0].bounds == {"min": 0}
    assert not checks.rules[0].compares


@pytest.mark.parametrize(
    ("pattern", "metric", "matched"),
    [
        ("first_repeat.final", "first_repeat.final", True),
        ("first_repeat.*", "first_repeat.final", True),
        ("strategies.*.aulc.mean", "strategies.margin.scores.f1_macro.aulc.mean", True),
        ("strategies.*.final.mean", "strategies.skactiveml.pool.X.scores.f1.final.mean", True),
        ("strategies.*.final", "strategies.margin.scores.accuracy.final.mean", False),
        ("strategies.*.vs_random.*.low", "strategies.margin.vs_random.final.low", True),
        ("*.final", "first_repeat.final", False),
        ("*", "n_repeats", False),
    ],
)
def test_a_star_stands_for_any_text_but_not_for_the_first_part(pattern, metric, matched):
    assert rules.matches(pattern, metric) == matched


def test_the_schema_is_up_to_date_and_accepts_the_project_s_rules(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert check.main(["--write-schema"]) == 0
    schema = (ROOT / "checks.schema.json").read_text(encoding="utf-8")
    assert (tmp_path / "checks.schema.json").read_text(encoding="utf-8") == schema
    Draft202012Validator(json.loads(schema)).validate(yaml.read(ROOT / "checks.yaml"))
    assert rules.load(ROOT / "checks.yaml").rules
