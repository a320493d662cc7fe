"""The page of an experiment: the numbers that it was given, in a browser too."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from active_learning.analysis import experiment_page, page, report
from active_learning.analysis.figures import inline_svg
from active_learning.data.files import rounded
from tests.analysis.test_comparison import BETTER, RANDOM, comparison
from tests.axe import complaints
from tests.benchmark.test_report import Reader

CARD = {
    "dataset": "table",
    "rows": 1234,
    "unlabelled": 56,
    "missing": {"text": 3},
    "features": 7,
    "target": "y",
    "classes": {"<a>": 1000, "b": 234},
    "roles": {},
    "checks": {"leak": "x tells <y>."},
}
FIRST = pd.DataFrame(
    {
        "row": [3, 1],
        "answer": ["<a>", "b"],
        "informativeness": [0.25, np.nan],
        "text": ["word " * 40, None],
        "number": [1.0, 123456.0],
    }
)
STOPS = {"headline": "accuracy", "binding": None, "strategies": {}}


def draw(figure):
    figure.subplots().plot([0, 1], [0, 1])


def render(stops=STOPS, **scores):
    made = rounded(comparison(targets=["50%", "90%"], **scores).to_dict())
    content = experiment_page.content(
        made,
        learner="svm_rbf",
        batch_size=1,
        stops=stops,
        first={"margin": FIRST},
        card=CARD,
        split_problems=["1 class is missing from the test set."],
        fit_problems=["margin: 3 of 9 fits did not converge."],
        changes={
            "split.seed": {"value": 7, "default": 42},
            "learner.b.use": {"value": "a.B"},
            "query_loop.class_costs": {"value": {"p": 1.5}, "default": {}},
            "stopping.rules": {"value": [True, None], "default": ["a"]},
        },
        figures=dict.fromkeys(
            ["learning_curves", "differences", "label_savings"], inline_svg(draw)
        ),
    )
    return page.render("experiment.html.j2", title="T", **content)


@pytest.fixture(scope="module")
def html():
    return render(margin=BETTER, random=RANDOM)


def test_says_what_came_out(html):
    reader = Reader(html)
    assert reader.open == []
    for part in (
        "margin beats random on this table: +0.",
        "table: 1,234 rows with a label (56 rows without one are left out), 7 features, target y",
        "with 2 classes: <a> (1,000), b (234). Values are missing in text (3).",
        "x tells <y>. 1 class is missing from the test set.",
        "The model (svm_rbf) starts with 10 labelled rows; each strategy buys 2 more, 1 at a time.",
        "1 at a time. margin: 3 of 9 fits did not converge.",
        "accuracy 0.7000 (50% of the gap) accuracy 0.8600 (90% of the gap) margin 11 not reached",
        "1 column of the table is not shown.",
        "split.seed 7 42 learner.b.use a.B none query_loop.class_costs {p: 1.5} {}",
        "stopping.rules [true, null] [a]",
        "3 <a> 0.25",
        "1 b – – 1.235e+05",
        "No stopping rule was tried",
    ):
        assert part in reader.text
    (text,) = [part for part in reader.text.split("  ") if "word word" in part]
    assert f"{('word ' * 40)[:79]}… 1 2" in text  # cut to 80 characters


def test_every_link_leads_to_a_section(html):
    tags = Reader(html).tags
    links = [attributes["href"] for tag, attributes in tags if tag == "a"]
    assert links == [f"#{attributes['id']}" for tag, attributes in tags if tag == "section"]


def test_stopping_rules_are_a_table():
    row = {
        "labels": {"mean": 11.5, "repeats": [11, None]},
        "score": {"mean": 0.75},
        "score_lost": {"mean": 0.0123},
    }
    strategies = {"margin": {"plateau": row}, "random": {}}
    text = Reader(render(STOPS | {"strategies": strategies}, margin=BETTER, random=RANDOM)).text
    assert "against the full budget margin plateau 1 of 2 11.5 0.7500 0.0123 worse" in text
    strategies["margin"]["plateau"] |= {"score_lost": None}
    ended = STOPS | {"strategies": strategies, "binding": "plateau"}
    text = Reader(render(ended, margin=BETTER, random=RANDOM)).text
    assert "How many repeats plateau ended, and where the other rules would have" in text
    assert "margin plateau 1 of 2 11.5 0.7500" in text


def test_one_repeat_has_no_empty_columns():
    text = Reader(render(margin=BETTER[:1], random=RANDOM[:1])).text
    assert "strategy AULC final verdict labels saved margin +0.12" in text
    assert "one repeat proves nothing not shown no interval" in text


def test_only_the_largest_of_many_classes_are_listed():
    counts = {f"c{n}": n for n in range(1, 31)}
    said = experiment_page.list_counts(counts)
    assert said.startswith("c30 (30), c29 (29), ")
    assert said.endswith("c11 (11) and 10 with fewer")


def test_without_a_control_nothing_is_said_against_it():
    text = Reader(render(margin=BETTER)).text
    assert "Nothing was compared with random" in text
    assert "Whether that saves labels is unknown" in text


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ({"margin": BETTER, "random": RANDOM}, "margin beats random on this table: +0."),
        (
            {"margin": RANDOM - 0.1, "random": RANDOM},
            "margin is worse than random on this table: -",
        ),
        ({"margin": RANDOM, "random": RANDOM}, "margin is not shown to differ from random"),
        ({"margin": BETTER[:1], "random": RANDOM[:1]}, "but one run proves nothing."),
        ({"random": RANDOM}, "with 2 labels that random chose."),
    ],
)
def test_verdict_is_two_sentences(scores, expected):
    first, second = report.verdict(rounded(comparison(**scores).to_dict()))
    assert expected in first
    assert second.endswith(".")


@pytest.mark.parametrize(("ceiling", "flat"), [(0.9, False), (0.5, True), (0.4, True)])
def test_a_ceiling_that_is_no_better_than_the_start_is_said(ceiling, flat):
    made = comparison(margin=BETTER, random=RANDOM)
    scorers = {name: np.full(7, ceiling) for name in made.ceilings}
    made = rounded(replace(made, ceilings=scorers).to_dict())
    assert (report.FLAT in report.verdict(made)) == flat
    assert (report.FLAT in report.sentences(made)) == flat


def test_verdict_says_what_others_save_that_beat_random():
    made = comparison(margin=RANDOM, entropy=BETTER, badge=BETTER + 0.01, random=RANDOM)
    saves = "in accuracy; saves 50 to 50% of the labels"
    *_, last = report.verdict(rounded(made.to_dict()))
    others = f"entropy (+0.1250 {saves}), badge (+0.1350 {saves})"
    assert last == f"Of the others, {others} beat random."


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_has_no_complaints(html, browser, width, scheme):
    context = browser.new_context(
        color_scheme=scheme, viewport={"width": width, "height": 900}, bypass_csp=True
    )
    shown = context.new_page()
    shown.set_content(html)
    assert complaints(shown) == []
    assert shown.evaluate("document.documentElement.scrollWidth") == width
    context.close()
