"""Rows that one model chose, taught to another."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from active_learning.analysis.benchmark.transfer import transfer_scores
from active_learning.analysis.curves import aulc
from stages.compatibility import area
from tests import examples


@pytest.mark.parametrize("learner", ["logistic_regression", "gaussian_nb"])
def test_taught_what_it_chose_itself_it_scores_as_in_its_own_run(learner):
    what = examples.task(learner=learner)
    run = examples.run(what, "least_confidence", budget=9)
    counts = np.array([0, 3, 9])
    scores = transfer_scores(what, run.rows, run.answers, counts)
    np.testing.assert_allclose(scores, run.scores[counts, 0], rtol=1e-8)


def test_another_learner_is_taught_the_same_rows():
    chooser, learner = examples.task(), examples.task(learner="gaussian_nb")
    run = examples.run(chooser, "least_confidence", budget=9)
    scores = transfer_scores(learner, run.rows, run.answers, np.array([9]))
    rows = np.concatenate([learner.parts["initial"], run.rows])
    model = learner.fit(learner.features[rows], learner.labels[rows])
    assert scores.tolist() == [learner.scores(model)[0]]


def test_wrong_answers_are_taught_as_they_are():
    what = examples.task()
    rows = what.parts["pool"][:20]
    right = transfer_scores(what, rows, what.labels[rows], np.array([20]))
    wrong = transfer_scores(what, rows, 1 - what.labels[rows], np.array([20]))
    assert wrong[0] < right[0]


class Lessons:
    """The same task for every repeat."""

    data = SimpleNamespace(classes=["class 0", "class 1"])

    def __getitem__(self, repeat):
        return examples.task()


def test_a_row_without_an_answer_teaches_nothing():
    what = examples.task()
    rows = what.parts["pool"][:9]
    queries = pd.DataFrame({"row": rows, "answer": [f"class {k}" for k in what.labels[rows]]})
    queries.loc[[1, 4, 5], "answer"] = None
    known = np.delete(rows, [1, 4, 5])
    counts = np.array([0, 3, 6])
    expected = aulc(counts, transfer_scores(what, known, what.labels[known], counts))
    assert area(Lessons(), 0, queries, points=3) == expected
