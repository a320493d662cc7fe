"""Committees: disagreement by hand, and a committee as the textbook makes it."""

import numpy as np
import pytest
from scipy.special import entr
from sklearn.base import clone

from active_learning.strategies._samples import bootstraps
from active_learning.strategies.query_by_committee import consensus_kl, vote_entropy
from tests import examples


def test_vote_entropy_by_hand():
    votes = np.eye(2)[[[0, 0, 0], [0, 0, 1], [0, 0, 1], [0, 1, 1]]]  # four members, three rows
    # 4 to 0; 3 to 1: -(.75 ln .75 + .25 ln .25); 1 to 3: the same.
    np.testing.assert_allclose(vote_entropy(votes), [0, 0.56234, 0.56234], atol=1e-5)


def test_votes_that_are_split_alike_tie():
    rows = [[0] + 2 * [1] + 7 * [2], 2 * [0] + 7 * [1] + [2], 7 * [0] + [1] + 2 * [2]]
    assert len(set(vote_entropy(np.eye(3)[np.transpose(rows)]).tolist())) == 1


def test_consensus_kl_by_hand():
    opinions = [np.array([[1.0, 0.0], [0.9, 0.1]]), np.array([[0.0, 1.0], [0.5, 0.5]])]
    # Opposites: ln 2. Else the mean is (.7, .3), and the divergences from it are
    # .9 ln(.9/.7) + .1 ln(.1/.3) = .11632 and .5 ln(.5/.7) + .5 ln(.5/.3) = .08718.
    np.testing.assert_allclose(consensus_kl(opinions), [np.log(2), 0.10175], atol=1e-5)


@pytest.mark.parametrize("measure", ["vote_entropy", "consensus_kl"])
def test_queries_where_a_committee_of_bagged_clones_disagrees_most(measure):
    pool, model = examples.pool_and_model(4)
    generator = np.random.default_rng(1)
    opinions = []
    for _ in range(7):
        sample = generator.integers(18, size=18)  # none of these holds a single class
        member = clone(model).fit(pool.labelled_features[sample], pool.labels[sample])
        beliefs = np.zeros((90, 4))
        beliefs[:, member.classes_] = member.predict_proba(pool.features)
        opinions.append(beliefs)
    if measure == "vote_entropy":
        votes = np.eye(4)[np.argmax(opinions, axis=2)].mean(axis=0)
        disagreement = entr(votes).sum(axis=1).round(12)
    else:
        mean = np.mean(opinions, axis=0)
        ratio = np.log(np.maximum(opinions, 1e-300) / np.maximum(mean, 1e-300))
        disagreement = (np.array(opinions) * ratio).sum(axis=2).mean(axis=0)
    expected = np.argsort(np.where(pool.open, -disagreement, np.inf), kind="stable")[:9]
    query = examples.query("query_by_committee", model, pool, 9, 1, measure=measure, members=7)
    assert query.rows.tolist() == expected.tolist()
    np.testing.assert_allclose(query.informativeness, disagreement[expected], atol=1e-9)


def test_a_sample_of_one_class_is_drawn_again():
    labels = np.array([0, 0, 0, 0, 1])
    samples = list(bootstraps(labels, 200, np.random.default_rng(0)))
    assert len(samples) == 200
    assert all(len(sample) == 5 and 0 < labels[sample].sum() < 5 for sample in samples)
    assert len({tuple(sample) for sample in samples}) > 150
