"""The rules on metrics of two runs, without files."""

import json
import math

import pytest

from active_learning.core.errors import ArtifactError, ParamsError
from commands.checks.judge import compare, judge
from commands.checks.rules import Checks
from tests.commands.repository import AULC, CEILING, MARGIN, metrics

DROP = {"metric": MARGIN, "max_drop": 0.01}
NO_REGRESSION = {"metric": MARGIN, "no_regression": 0.005}
ENTROPY = AULC.format("entropy")
THREE = ("margin", "entropy", "random")


def checks(rule, **settings):
    settings = {"rules": [{"why": "a test"} | rule]} | settings
    return Checks.model_validate(settings)


def change(metric, now, base):
    return compare(now, base, checks({"metric": metric, "min": 0}))[metric]


def verdicts(rule, now=None, base=None, **settings):
    read = checks(rule, **settings)
    now = now or metrics()
    return judge(read, compare(now, base, read), now)


def only(rule, now=None, base=None):
    (verdict,) = verdicts(rule, now, base)
    return verdict


@pytest.mark.parametrize(
    ("bound", "status"),
    [
        ({"min": 0.91}, "pass"),
        ({"min": 0.9101}, "fail"),
        ({"max": 0.91}, "pass"),
        ({"max": 0.9099}, "fail"),
    ],
)
def test_absolute_bounds(bound, status):
    verdict = only({"metric": CEILING} | bound)
    assert verdict.status == status
    assert ("0.91" in verdict.reason) == (status == "fail")
    assert verdict.why == "a test"


@pytest.mark.parametrize(
    ("now", "direction", "status"),
    [
        (0.87, None, "pass"),  # 0.88 − 0.87 is 0.010000000000000009
        (0.8699, None, "fail"),
        (0.95, None, "pass"),
        (0.95, "lower", "fail"),
        (0.80, "lower", "pass"),
    ],
)
def test_max_drop(now, direction, status):
    assert only(DROP | {"direction": direction}, metrics(aulc=now), metrics()).status == status


@pytest.mark.parametrize("greater_is_better", [True, False])
@pytest.mark.parametrize(
    ("metric", "difference", "status"),
    [
        ("strategies.margin.labels_bought", 10, "fail"),
        ("strategies.margin.labels_bought", -10, "pass"),
        ("strategies.margin.label_savings.savings", -0.3, "fail"),
        ("strategies.margin.vs_random.aulc.p_holm", 0.3, "fail"),
    ],
)
def test_some_metrics_have_a_direction_of_their_own(greater_is_better, metric, difference, status):
    base = metrics(greater_is_better=greater_is_better)
    changed = {metric: base.values[metric] + difference}
    now = metrics(greater_is_better=greater_is_better, changed=changed)
    assert only({"metric": metric, "max_drop": 0.1}, now, base).status == status


@pytest.mark.parametrize("name", ["sd", "bought", "gap_closed", "a.sd"])
def test_the_name_of_a_strategy_says_nothing_of_the_direction(name):
    base, now = (metrics(aulc=aulc, names=(name, "random")) for aulc in (0.9, 0.5))
    assert only(DROP | {"metric": AULC.format(name)}, now, base).status == "fail"


def test_the_direction_is_that_of_the_scorer_in_the_name():
    rule = {"metric": "ceilings.log_loss.mean", "max_drop": 0}
    base, less, more = (
        {"ceilings.log_loss": {"mean": mean, "repeats": [mean] * 20}} for mean in (0.5, 0.4, 0.6)
    )
    direction = {"greater_is_better.log_loss": False}
    assert only(rule, metrics(changed=less | direction), metrics(changed=base)).status == "pass"
    assert only(rule, metrics(changed=more | direction), metrics(changed=base)).status == "fail"
    with pytest.raises(ArtifactError, match="greater_is_better has no log_loss"):
        only(rule, metrics(changed=less), metrics(changed=base))


def test_no_regression_fails_on_a_loss_beyond_noise():
    verdict = only(NO_REGRESSION, metrics(aulc=0.85, seed=1), metrics())
    assert verdict.status == "fail"
    assert "0.03 worse" in verdict.reason
    assert "(paired, 20 repeats)" in verdict.reason


def test_no_regression_passes_a_loss_within_noise_that_max_drop_fails():
    now = metrics(aulc=0.873, seed=1)
    assert only(DROP | {"max_drop": 0.005}, now, metrics()).status == "fail"
    assert only(NO_REGRESSION, now, metrics()).status == "pass"


def test_the_same_loss_in_every_repeat_is_no_noise():
    assert only(NO_REGRESSION, metrics(aulc=0.8749), metrics()).status == "fail"
    assert only(NO_REGRESSION, metrics(aulc=0.875), metrics()).status == "pass"


def test_of_a_score_of_which_less_is_better_more_is_a_loss():
    less, base, more = (metrics(aulc=x, greater_is_better=False) for x in (0.8, 0.88, 0.9))
    assert only(NO_REGRESSION, more, base).status == "fail"
    assert only(NO_REGRESSION, less, base).status == "pass"
    assert only(NO_REGRESSION | {"direction": "higher"}, more, base).status == "pass"


@pytest.mark.parametrize(
    "metric",
    [
        CEILING,
        MARGIN,
        "strategies.random.scores.accuracy.initial.mean",
        "strategies.margin.vs_random.aulc.difference",
    ],
)
def test_metrics_with_values_for_each_repeat(metric):
    same = change(metric, metrics(), metrics())
    assert (same.low, same.high, same.paired, same.n_repeats) == (0, 0, True, 20)


@pytest.mark.parametrize(
    "metric",
    [
        "first_repeat.final",
        "n_repeats",
        "strategies.margin.vs_random.aulc.low",
        "strategies.margin.label_savings.savings",
    ],
)
def test_no_regression_of_a_metric_without_repeats_is_a_wrong_rule(metric):
    with pytest.raises(ParamsError, match=r"checks\.yaml: rules\.0\.no_regression must be of a"):
        verdicts({"metric": metric, "no_regression": 0.01}, base=metrics())


def test_runs_on_other_splits_are_not_paired_and_need_a_larger_loss():
    now = metrics(aulc=0.8749, data="other")
    unpaired = change(MARGIN, now, metrics())
    assert not unpaired.paired
    assert unpaired.low < -0.0051 < unpaired.high
    assert only(NO_REGRESSION, now, metrics()).status == "pass"
    verdict = only(NO_REGRESSION, metrics(aulc=0.85, data="other"), metrics())
    assert verdict.status == "fail"
    assert "unpaired" in verdict.reason
    assert not change(MARGIN, metrics(n_repeats=10), metrics()).paired


def test_one_repeat_has_no_interval_so_the_difference_counts():
    verdict = only(NO_REGRESSION, metrics(n_repeats=1, aulc=0.87), metrics(n_repeats=1))
    assert verdict.status == "fail"
    assert "one repeat" in verdict.reason
    assert only(NO_REGRESSION, metrics(n_repeats=1), metrics(n_repeats=1)).status == "pass"


@pytest.mark.parametrize("bound", ["min", "max", "max_drop", "no_regression"])
@pytest.mark.parametrize(
    "value", [None, "0.9", True, [0.9], math.nan, math.inf, -math.inf, 10**400]
)
def test_what_is_not_a_finite_number_fails_every_rule(bound, value):
    verdict = only({"metric": MARGIN, bound: 0.5}, metrics(changed={MARGIN: value}), metrics())
    assert verdict.status == "fail"
    assert verdict.reason == f"is not a finite number: {json.dumps(value)[:40]}"


@pytest.mark.parametrize("value", ["0.9", math.nan, math.inf])
def test_what_is_no_number_at_the_base_is_an_error(value):
    with pytest.raises(ArtifactError, match=f"{MARGIN} at the base is not a finite number"):
        verdicts(DROP, metrics(), metrics(changed={MARGIN: value}))


@pytest.mark.parametrize("values", [[0.9], None, ["a"] * 20, [math.nan] * 20])
@pytest.mark.parametrize("damaged", ["now", "base"])
def test_damaged_values_of_repeats_are_an_error(damaged, values):
    runs = {"now": metrics(), "base": metrics()}
    runs[damaged].content["ceilings"]["accuracy"]["repeats"] = values
    with pytest.raises(ArtifactError, match=r"metrics/strategies\.json"):
        verdicts({"metric": CEILING, "no_regression": 0}, **runs)


def test_a_rule_that_matches_nothing_fails_and_names_the_nearest():
    verdict = only({"metric": AULC.format("margn"), "min": 0})
    assert (verdict.rule, verdict.status) == ("matches", "fail")
    assert verdict.reason == f"metrics/strategies.json has no such value; the nearest is {MARGIN}"


def test_a_metric_that_only_the_base_has_is_missing():
    base, rule = metrics(names=THREE), {"metric": AULC.format("*"), "min": 0}
    status = {one.subject: (one.status, one.reason) for one in verdicts(rule, metrics(), base)}
    assert status[MARGIN] == ("pass", "")
    assert status[ENTROPY] == ("fail", "is missing")
    removed = verdicts(rule, metrics(), base, removed=["strategies.entropy.*"])
    assert {one.status for one in removed} == {"pass"}


def test_a_metric_without_a_base_is_new_but_its_absolute_bounds_hold():
    null = metrics(names=("margin", "entropy"), changed={ENTROPY: None})
    for base in (metrics(), null, None):
        rule = {"metric": ENTROPY, "no_regression": 0, "max_drop": 0, "min": 0.9}
        status = {one.rule: one.status for one in verdicts(rule, metrics(names=THREE), base)}
        assert status == {"min 0.9": "fail", "max_drop 0": "new", "no_regression 0": "new"}


def test_with_another_scorer_metrics_are_new_that_do_not_name_theirs():
    rule = {"metric": "strategies.margin.vs_random.aulc.difference", "no_regression": 0}
    now = metrics(headline="f1_macro", aulc=0.5)
    assert only(rule, now, metrics()).status == "new"
    assert only(NO_REGRESSION, now, metrics()).reason == "is missing"
    both = {
        "strategies.margin.scores.accuracy": {"aulc": {"mean": 0.5, "repeats": [0.5] * 20}},
        "greater_is_better.accuracy": True,
    }
    now = metrics(headline="f1_macro", changed=both)
    assert "0.38 worse" in only(DROP, now, metrics()).reason


def test_the_interval_does_not_hang_on_what_else_is_checked():
    alone, among = (
        change(MARGIN, metrics(seed=1, names=names), metrics(names=names))
        for names in (("margin", "random"), THREE)
    )
    assert (alone.low, alone.high) == (among.low, among.high)
    assert math.isfinite(alone.low)
