"""Rounds as a function of the log: labels, models, accuracy, next rows."""

import random
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from active_learning.core import plugins
from active_learning.core.errors import DataError, ParamsError
from active_learning.rounds.classes import Classes
from active_learning.rounds.evaluation import advise, learning_curve, measure, measure_recall
from active_learning.rounds.log import Log as ReadLog
from active_learning.rounds.merge import annotator_table, conflict_table, merged_table, warnings
from active_learning.rounds.planning import contradicted_rows, replay
from active_learning.rounds.queries import Queries
from active_learning.rounds.report import accuracy_sentence
from active_learning.simulation.monitor import Plan
from active_learning.simulation.stopping.plateau import Plateau
from active_learning.simulation.stopping.stabilising_predictions import StabilisingPredictions
from tests.rounds.example import (
    CLASSES,
    Log,
    answer,
    chooser,
    frame,
    plan,
    trainer,
    write,
)


@pytest.fixture
def rows(tmp_path):
    """Table and truth."""
    table, truth = frame()
    return write(tmp_path, table), truth


@pytest.fixture
def labelled(rows):
    """Three rounds of true labels."""
    table, truth = rows
    log = Log(table)
    for _ in range(3):
        answer(log, plan(log.labelling()), truth)
    return log, truth


def test_rounds_go_from_start_to_a_model_that_is_measured_on_rows_it_never_saw(labelled):
    log, truth = labelled
    labelling = log.labelling()
    assert labelling.rounds == [1, 2, 3]
    assert len(labelling.labels) == len(log.events) == 60
    assert not labelling.training.keys() & labelling.holdout_rows
    assert {e.why for e in log.events if e.row in labelling.holdout_rows} == {"holdout"}
    assert {e.why for e in log.events if e.row not in labelling.holdout_rows} == {"query"}
    fitted = trainer(labelling).fit(labelling.training)
    accuracy = measure(labelling, fitted, 0.95)
    measured = labelling.holdout[: accuracy.n]
    right = [fitted.labels[log.table.positions[row]] == truth[row] for row in measured]
    assert accuracy.n == len(labelling.measured) == 21
    assert accuracy.n_correct == sum(right)
    assert accuracy_sentence(accuracy, 21).endswith("on 21 rows of the hold-out")
    recall = measure_recall(labelling, fitted)
    assert sum(one.n for one in recall.values()) == accuracy.n


def test_the_order_of_events_and_of_the_table_does_not_matter(labelled, tmp_path):
    log, _ = labelled
    table, _ = frame()
    mixed = write(tmp_path, table.sample(frac=1, random_state=3))
    before = log.labelling()
    after = log.labelling(table=mixed)
    assert before.training == after.training
    assert before.holdout == after.holdout
    one, other = plan(before), plan(after)
    assert [query.row for query in one.rows] == [query.row for query in other.rows]
    random.Random(0).shuffle(log.events)
    again = Log(log.table)
    again.events = sorted(log.events, key=lambda event: (event.time, event.id))
    assert plan(again.labelling()) == one


def test_queries_survive_their_file(labelled, tmp_path):
    log, _ = labelled
    queries = plan(log.labelling(), annotators=["a1", "b2"])
    path = tmp_path / "queries.csv"
    queries.to_table().to_csv(path, index=False)
    read = Queries.from_table(pd.read_csv(path, dtype=str, keep_default_na=False))
    assert read == queries
    assert {query.annotator for query in queries.rows} == {"a1", "b2"}
    assert all(query.guess.p >= 0.5 for query in queries.rows)
    n_open = len(queries.open(log.labelling().standing))
    log.give(queries.rows[0].row, "ham", at=queries.round)
    log.give(queries.rows[1].row, decision="skip", at=queries.round)
    assert len(queries.open(log.labelling().standing)) == n_open - 2


def test_nothing_is_trained_on_one_class_and_the_start_strategy_goes_on(rows):
    table, _truth = rows
    log = Log(table)
    first = plan(log.labelling())
    assert (first.round, first.model, len(first.rows)) == (1, None, 20)
    for query in first.rows:
        log.give(query.row, "ham")
    labelling = log.labelling()
    assert trainer(labelling).fit(labelling.training) is None
    second = plan(labelling)
    assert second.model is None
    assert not {q.row for q in second.rows} & {q.row for q in first.rows}
    curve = learning_curve(labelling, trainer(labelling), Plan(), 0.95)
    assert curve.empty
    assert advise(curve, Plan(), width=0.9, budget=1) == []


def test_a_start_strategy_that_needs_a_model_is_named(rows):
    labelling = Log(rows[0]).labelling()
    fits = trainer(labelling)
    margin = replace(chooser(), start=plugins.make("strategies", "margin"))
    with pytest.raises(ParamsError, match=r"query\.start must be a strategy that needs no model"):
        margin.choose(fits, None, {}, rows[0].ids[:9], n=2, round_number=1)
    assert "since there is no model" in accuracy_sentence(None, 3)


def test_a_skipped_row_rests_for_three_rounds(rows):
    table, truth = rows
    log = Log(table)
    answer(log, plan(log.labelling()), truth)
    skipped = next(q.row for q in plan(log.labelling()).rows if q.why == "query")
    log.give(skipped, decision="skip", at=2)
    for number in (2, 3, 4, 5):
        asked = plan(log.labelling(), size=200, review_share=0.0)
        assert asked.round == number + 1
        assert (skipped in {query.row for query in asked.rows}) == (number == 5)
        other = next(q.row for q in asked.rows if q.row != skipped)
        log.give(other, truth[other], at=number + 1)


def test_a_skipped_row_of_the_holdout_is_not_asked_again_and_bounds_say_what_it_may_change(
    labelled,
):
    log, _ = labelled
    first = log.labelling().holdout[0]
    (event,) = [event for event in log.events if event.row == first]
    log.give(first, decision="skip", at=3, instead_of=event.id)
    labelling = log.labelling()
    accuracy = measure(labelling, trainer(labelling).fit(labelling.training), 0.95)
    assert (accuracy.n, accuracy.n_undecided) == (20, 1)
    low, high = accuracy.bounds
    assert low < accuracy.value < high or accuracy.value in {low, high}
    assert "with 1 more without a label" in accuracy_sentence(accuracy, 21)
    for _ in range(8):
        log.give("r000", "ham", at=log.labelling().next_round)
    assert first not in {query.row for query in plan(log.labelling()).rows}


def test_labels_that_came_with_the_table_train_but_measure_only_in_order(rows):
    table, truth = rows
    log = Log(table)
    labelling = log.labelling()
    later = labelling.holdout[5:10]
    for row in [*later, *[row for row in table.ids if row not in labelling.holdout_rows][:30]]:
        log.give(row, truth[row], at=0, why="free", source="csv", by="table")
    labelling = log.labelling()
    fitted = trainer(labelling).fit(labelling.training)
    assert measure(labelling, fitted, 0.95).n == 0
    assert {one.n for one in measure_recall(labelling, fitted).values()} == {0}
    for row in labelling.holdout[:5]:
        log.give(row, truth[row])
    assert measure(log.labelling(), fitted, 0.95).n == 10


def test_new_rows_of_the_holdout_are_asked_first(labelled, tmp_path):
    log, truth = labelled
    table, _ = frame()
    more = frame(seed=1)[0].assign(id=lambda new: "n" + new["id"])
    grown = write(tmp_path, pd.concat([table, more]))
    labelling = log.labelling(table=grown)
    new = [row for row in labelling.holdout[:30] if row not in truth]
    assert new
    fitted = trainer(labelling).fit(labelling.training)
    accuracy = measure(labelling, fitted, 0.95)
    assert accuracy.n == labelling.holdout.index(new[0]) < 21
    sentence = accuracy_sentence(accuracy, len(labelling.measured))
    assert f"not counted yet: {21 - accuracy.n} labelled rows of the hold-out" in sentence
    asked = [query.row for query in plan(labelling).rows if query.why == "holdout"]
    assert asked[: len(new)] == new[: len(asked)]


def test_rows_that_changed_are_asked_again_and_rows_that_are_gone_are_kept(labelled, tmp_path):
    log, _truth = labelled
    table, _ = frame()
    (one, other, *_) = [e.row for e in log.events if e.why == "query"]
    changed = table[table["id"] != one].copy()
    changed.loc[changed["id"] == other, "x"] += 1
    labelling = log.labelling(table=write(tmp_path, changed))
    assert labelling.gone == [one]
    assert labelling.changed == labelling.outdated == [other]
    assert not {one, other} & labelling.training.keys()
    assert [(q.row, q.why) for q in plan(labelling).rows[:1]] == [(other, "relabel")]
    texts = warnings(labelling, ReadLog(log.events, {"a1.jsonl": 1}, 0))
    assert [text.split()[-1] for text in texts] == ["1", "1", "1"]
    new_column = log.labelling(table=write(tmp_path, table.assign(new=1), show=["x", "z"]))
    old_view = log.labelling(table=write(tmp_path, table, show=["x", "z"]))
    assert new_column.changed == old_view.changed


def test_classes_renamed_merged_split_and_put_back(labelled):
    log, _truth = labelled
    before = log.labelling()
    renamed = Classes.from_params({"good": {"was": ["ham"]}, "spam": {}})
    after = log.labelling(classes=renamed)
    assert {row: {"good": "ham"}.get(v, v) for row, v in after.labels.items()} == before.labels
    split = Classes.from_params({"dull": {}, "dear": {}, "spam": {}})
    apart = log.labelling(classes=split)
    ham = [row for row, label in before.training.items() if label == "ham"]
    assert sorted(apart.outdated) == sorted(
        r for r, label in before.labels.items() if label == "ham"
    )
    assert set(apart.training.values()) == {"spam"}
    asked = [query for query in plan(apart).rows if query.why == "relabel"]
    assert {query.row for query in asked} <= set(ham)
    assert log.labelling().labels == before.labels


def test_a_new_class_flags_labels_that_were_given_without_it(rows):
    table, truth = rows
    log = Log(table)
    labelling = log.labelling()
    ids = [row for row in table.ids if row not in labelling.holdout_rows]
    for row in ids[:60]:
        log.give(row, truth[row])
    log.classes = Classes.from_params(["ham", "spam", "far"])
    x = dict(zip(table.ids, table.features["x"], strict=True))
    for row in ids[60:]:
        log.give(row, "far" if x[row] > 1 else truth[row], at=2)
    labelling = log.labelling()
    flagged = contradicted_rows(labelling, trainer(labelling, "random_forest"), 0)
    first = [row for row in ids[:60] if x[row] > 1.3 and truth[row] == "spam"]
    assert first
    assert set(first) & set(flagged[: len(first) + 3])


def test_review_finds_wrong_labels(rows):
    table, _truth = rows
    log = Log(table)
    ids = [row for row in table.ids if row not in log.labelling().holdout_rows]
    x = dict(zip(table.ids, table.features["x"], strict=True))
    sure = [row for row in ids if abs(x[row]) > 1]
    for number, row in enumerate(sure):
        label = "spam" if x[row] > 0 else "ham"
        wrong = {"ham": "spam", "spam": "ham"}[label] if number % 12 == 0 else label
        log.give(row, wrong)
    labelling = log.labelling()
    assert set(contradicted_rows(labelling, trainer(labelling), 0)) == set(sure[::12])
    log.give(sure[0], "ham" if x[sure[0]] < 0 else "spam", "b2")
    assert sure[0] not in contradicted_rows(log.labelling(), trainer(labelling), 0)
    asked = plan(log.labelling(), annotators=["a1", "b2"])
    review = [query for query in asked.rows if query.why == "review"]
    assert [query.annotator for query in review] == ["b2", "b2"]


def test_tables_of_what_people_said(rows):
    table, _ = rows
    log = Log(table)
    first, second, third, fourth = [r for r in table.ids if r not in log.labelling().holdout_rows][
        :4
    ]
    log.give(first, "ham", seconds=3.0)
    log.give(first, "ham", "b2")
    log.give(first, "spam", "c3")
    log.give(second, "ham")
    log.give(second, "spam", "b2", at=2)
    wrong = log.give(third, "ham", seconds=1.0)
    log.give(third, "spam", instead_of=wrong.id, seconds=2.0)
    log.give(fourth, decision="skip")
    taken = log.give(fourth, decision="unsure", by="b2")
    log.give(fourth, decision="retract", by="b2", instead_of=taken.id)
    labelling = log.labelling()
    merged = merged_table(labelling).set_index("row")
    assert merged["status"].to_dict() == {
        first: "labelled", second: "tied", third: "labelled", fourth: "skipped"
    }  # fmt: skip
    assert merged["label"].fillna("").to_dict() == {
        first: "ham",
        second: "",
        third: "spam",
        fourth: "",
    }
    assert merged.loc[first, ["votes", "by", "round"]].tolist() == [3, "a1,b2,c3", 1]
    conflicts = conflict_table(labelling)
    assert conflicts["row"].tolist() == [first] * 3 + [second] * 2
    people = annotator_table(labelling).set_index("annotator")
    assert people.loc["a1", ["labels", "skips", "corrections"]].tolist() == [3, 1, 1]
    assert people.loc["a1", "agreement"] == pytest.approx((0.5 + 0) / 2)
    assert people.loc["a1", "seconds"] == 1.0
    assert people.loc["b2", ["unsure", "retracted"]].tolist() == [0, 1]
    assert warnings(labelling, ReadLog(log.events, {}, 0)) == [
        "rows with labels that differ, 1 without a majority: 2"
    ]


def test_the_curve_replays_the_log_on_todays_holdout(labelled):
    log, truth = labelled
    labelling = log.labelling()
    rules = {"stabilising_predictions": StabilisingPredictions(), "plateau": Plateau(checks=1)}
    plan_ = Plan(rules, stop_set=50)
    fits = trainer(labelling)
    curve = learning_curve(labelling, fits, plan_, 0.95)
    assert curve["round"].tolist() == [1, 2, 3]
    assert curve["labels"].tolist() == [len(labelling.until(r).training) for r in (1, 2, 3)]
    assert set(curve["holdout"]) == {21}
    for number, accuracy in zip(curve["round"], curve["accuracy"], strict=True):
        early = fits.fit(labelling.until(number).training)
        assert accuracy == measure(labelling, early, 0.95).value
    asked = [e for e in log.events if e.round == 3 and e.why == "query"]
    right = np.mean([event.guess.label == truth[event.row] for event in asked])
    assert curve["queried_correct"].iloc[2] == right
    assert np.isnan(curve["stabilising_predictions"].iloc[0])
    assert curve["plateau"].notna().all()
    assert (
        advise(curve, plan_, width=None, budget=39)[-1]
        == "39 labels to train on, of a budget of 39."
    )
    assert advise(curve, Plan(), width=0.9, budget=None)[0].startswith("The interval")
    of_before = curve.drop(columns="plateau")  # the rule was added since
    assert advise(of_before, plan_, width=None, budget=1) == advise(
        curve, Plan(), width=None, budget=1
    )


def test_replay_of_the_strategy_that_was_used_knows_all_its_rows(labelled):
    log, _ = labelled
    labelling = log.labelling()
    fits = trainer(labelling)
    own = replay(labelling, fits, chooser("margin"))
    assert len(own) == 26
    assert all(one.labelled for one in own)
    other = replay(labelling, fits, chooser("random"))
    assert len(other) == len({one.row for one in other}) == 26
    assert sum(one.labelled for one in other) < 20
    assert replay(Log(log.table).labelling(), fits, chooser("random")) == []


def test_labels_of_hold_out_rows_change_nothing_in_the_model(labelled):
    log, _ = labelled
    before = plan(log.labelling())
    for row in log.labelling().holdout[25:]:
        log.give(row, "ham", at=3, why="free")
    after = plan(log.labelling())
    assert before.model == after.model
    queried = [query.row for query in before.rows if query.why == "query"]
    assert [q.row for q in after.rows if q.why == "query"][: len(queried)] == queried


@pytest.mark.parametrize("visible", ["pool", "labelled"])
@pytest.mark.parametrize(
    "learner", ["logistic_regression", "random_forest", "sklearn.svm.LinearSVC"]
)
def test_the_model_that_goes_out_predicts_a_table_as_it_was_read(tmp_path, visible, learner):
    table, truth = frame()
    table = table.assign(
        when=pd.date_range("2024-01-01", periods=len(table)).astype(str),
        kind=["a", "b"] * (len(table) // 2),
        words=[f"word {number % 7} of few" for number in range(len(table))],
    )
    table.loc[::9, "x"] = None
    log = Log(write(tmp_path, table))
    for row in log.table.ids[:80]:
        log.give(row, truth[row])
    labelling = log.labelling()
    fits = trainer(labelling, learner, visible=visible)
    model = fits.fit_for_use(labelling.training)
    shuffled = table.drop(columns="id").sample(frac=1, random_state=0)
    predicted = pd.Series(model.predict(shuffled), shuffled.index).sort_index()
    assert predicted.tolist() == fits.fit(labelling.training).labels.tolist()
    with pytest.raises(DataError, match=r"^unknown column 'kind'; available: "):
        model.predict(table.drop(columns="kind"))


def test_a_table_without_columns_to_learn_from_is_refused(rows, tmp_path):
    table, _ = frame()
    bare = write(tmp_path, table, drop=["x", "z"])
    with pytest.raises(DataError, match="must have a column to learn from"):
        trainer(Log(bare, CLASSES).labelling())
