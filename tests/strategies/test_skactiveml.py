"""Strategies of scikit-activeml by name, and ours against theirs on the same state."""

import pickle
import sys
from contextlib import suppress

import numpy as np
import pytest
from pydantic import ValidationError

from active_learning.core import plugins
from active_learning.core.errors import PluginError
from tests import examples

extras = pytest.mark.extras
MODULE = "active_learning.strategies._skactiveml"
SITUATIONS = [(2, False), (4, False), (4, True)]


def test_one_line_where_it_is_not_installed(monkeypatch):
    for name in ("skactiveml", "skactiveml.pool"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delitem(sys.modules, MODULE, raising=False)
    with pytest.raises(PluginError) as error:
        plugins.load("strategies", "skactiveml.pool.ProbCover")
    assert str(error.value).startswith("skactiveml.pool.ProbCover cannot be imported (ModuleNotFou")


def test_the_former_way_to_name_them_says_what_to_write():
    message = r"^write skactiveml\.pool\.ProbCover instead of skactiveml:ProbCover\.$"
    with pytest.raises(PluginError, match=message):
        plugins.load("strategies", "skactiveml:ProbCover")


@extras
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("pool.ProbCove", r"unknown class of skactiveml.pool 'ProbCove'; .*mean 'ProbCover'\?$"),
        ("ProbCover", "unknown class of skactiveml 'ProbCover'; available: none.$"),
        ("pool.", "unknown class of skactiveml.pool ''; available: Badge, BatchBALD, Clue, "),
        ("pool.vote_entropy", "unknown class of skactiveml.pool 'vote_entropy'"),
        ("pool.GreedySamplingTarget", ".* cannot be used as a strategy: it is for regression.$"),
        ("pool.SubSamplingWrapper", ".* cannot be used as a strategy: it wraps another strategy"),
        ("classifier.ParzenWindowClassifier", ".* cannot be used as a strategy: it derives neith"),
    ],
)
def test_names_that_are_refused(name, message):
    with pytest.raises(PluginError, match=f"^{message}"):
        plugins.load("strategies", f"skactiveml.{name}")


@extras
def test_options_are_theirs_in_another_process_too():
    adapter = plugins.load("strategies", "skactiveml.pool.ProbCover")
    strategy = adapter(alpha=0.5, deltas=[1.0, 2.0])
    assert pickle.loads(pickle.dumps(strategy)) == strategy
    assert strategy.model_dump(exclude_unset=True) == {"alpha": 0.5, "deltas": [1.0, 2.0]}
    assert strategy._build(n_classes=3, seed=4).get_params()["alpha"] == 0.5
    for option in ("alhpa", "random_state", "n_classes", "missing_label"):
        with pytest.raises(ValidationError, match=option):
            adapter(**{option: 1})


# All that choose among classes: what takes seconds, what does not, and what asks for more.
SLOW = {"EpistemicUncertaintySampling", "MonteCarloEER", "ValueOfInformationEER"}
QUICK = [
    "Badge", "BatchBALD", "Clue", "ContrastiveAL", "CoreSet", "CostEmbeddingAL",
    "DiscriminativeAL", "DropQuery", "Falcun", "GreedyBALD", "GreedySamplingX", "MaxHerding",
    "ProbCover", "QueryByCommittee", "Quire", "RandomSampling", "TypiClust", "UncertaintySampling",
]  # fmt: skip
WANT_MORE = {"FourDs": "must have type", "ProbabilisticAL": "metric was set to None"}
REFUSED = [*((name, {}, message) for name, message in WANT_MORE.items())]
REFUSED += [("UncertaintySampling", {"method": "luck"}, r"^skactiveml.*Sampling failed: [^\n]*$")]


@extras
def test_all_that_can_be_named_are_tested():
    from skactiveml import pool

    usable = set()
    for name in pool.__all__:
        with suppress(PluginError):
            plugins.load("strategies", f"skactiveml.pool.{name}")
            usable.add(name)
    assert usable == SLOW | {*QUICK, *WANT_MORE}


@extras
@pytest.mark.parametrize(
    "name", [*QUICK, *(pytest.param(name, marks=pytest.mark.slow) for name in sorted(SLOW))]
)
def test_same_seed_same_rows(name):
    pool, model = examples.pool_and_model(2)
    one, other = (examples.query(f"skactiveml.pool.{name}", model, pool, 3) for _ in range(2))
    assert one.rows.tolist() == other.rows.tolist()
    np.testing.assert_array_equal(one.informativeness, other.informativeness)


@extras
@pytest.mark.parametrize(("name", "options", "message"), REFUSED)
def test_what_they_refuse_is_one_line(name, options, message):
    pool, model = examples.pool_and_model(2)
    with pytest.raises(PluginError, match=message):
        examples.query(f"skactiveml.pool.{name}", model, pool, 3, **options)


@extras
def test_can_be_called_by_another_strategy():
    pool, model = examples.pool_and_model(2)
    uncertainty = plugins.load("strategies", "skactiveml.pool.UncertaintySampling")
    exploit = uncertainty(method="entropy")
    own = examples.query("entropy", model, pool, 3)
    called = examples.query("epsilon_greedy", model, pool, 3, exploit=exploit, epsilon=0.0)
    assert called.rows.tolist() == own.rows.tolist()


@extras
def test_sees_the_labels_that_were_bought_and_no_row_that_cannot_be_queried(monkeypatch):
    from skactiveml.pool import CoreSet

    seen = {}
    query = CoreSet.query

    def spy(self, X, y, **others):
        seen.update(X=X, y=y)
        return query(self, X, y, **others)

    monkeypatch.setattr(CoreSet, "query", spy)
    pool, model = examples.pool_and_model(4)
    examples.query("skactiveml.pool.CoreSet", model, pool, 3)
    rows = np.concatenate([pool.labelled_rows, np.flatnonzero(pool.open)])
    np.testing.assert_array_equal(seen["X"], pool.features[rows])
    np.testing.assert_array_equal(seen["y"][:18], pool.labels)
    assert np.isnan(seen["y"][18:]).all()


# Ours and theirs, where both promise the same rows: name, our options, theirs, and their options.
SAME = [
    ("least_confidence", {}, "UncertaintySampling", {"method": "least_confident"}),
    ("margin", {}, "UncertaintySampling", {"method": "margin_sampling"}),
    ("entropy", {}, "UncertaintySampling", {"method": "entropy"}),
    ("query_by_committee", {}, "QueryByCommittee", {"method": "KL_divergence"}),
    ("k_center_greedy", {}, "CoreSet", {}),
    ("k_center_greedy", {}, "GreedySamplingX", {}),
    ("badge", {}, "Badge", {}),  # it begins with the same row
]


@extras
@pytest.mark.parametrize("situation", SITUATIONS, ids=str)
@pytest.mark.parametrize(("ours", "options", "theirs", "their_options"), SAME, ids=str)
def test_chooses_the_same_rows(ours, options, theirs, their_options, situation):
    n_classes, unseen = situation
    pool, model = examples.pool_and_model(n_classes, unseen=unseen)
    for n in (1,) if ours == "badge" else (1, 2, 5):
        own = examples.query(ours, model, pool, n, **options)
        other = examples.query(f"skactiveml.pool.{theirs}", model, pool, n, **their_options)
        assert own.rows.tolist() == other.rows.tolist()
        if theirs == "CoreSet":  # the distance when a row was chosen: it falls from row to row
            np.testing.assert_allclose(own.informativeness, other.informativeness)


@extras
@pytest.mark.parametrize("situation", SITUATIONS, ids=str)
def test_votes_of_the_same_committee_disagree_as_much(situation):
    """Votes tie, and theirs break them at random, so the values are compared."""
    n_classes, unseen = situation
    pool, model = examples.pool_and_model(n_classes, unseen=unseen)
    own = examples.query("query_by_committee", model, pool, 8, measure="vote_entropy")
    other = examples.query(
        "skactiveml.pool.QueryByCommittee", model, pool, 8, method="vote_entropy"
    )
    np.testing.assert_allclose(own.informativeness, other.informativeness, atol=1e-12)


@extras
def test_typiclust_chooses_the_same_rows_of_clusters_of_different_sizes():
    """Of clusters of one size, and of the two rows of a pair, theirs draws one."""
    generator = np.random.default_rng(0)
    sizes = (25, 30, 18, 12, 7)
    centres = 40 * np.arange(5)[:, None] * [1.0, 0.3]
    features = np.repeat(centres, sizes, axis=0) + generator.normal(size=(sum(sizes), 2))
    pool = examples.small_pool(features, [3], [0])
    own = examples.query("typiclust", None, pool, 4, neighbours=5, min_size=1)
    other = examples.query("skactiveml.pool.TypiClust", None, pool, 4, k=5)
    assert own.rows.tolist() == other.rows.tolist()
    assert np.searchsorted(np.cumsum(sizes), own.rows, side="right").tolist() == [1, 2, 3, 4]


@extras
@pytest.mark.parametrize(
    ("loss", "method"), [("log_loss", "log_loss"), ("zero_one", "misclassification_loss")]
)
def test_expects_the_same_error_on_the_same_rows(loss, method):
    """Theirs takes the labelled rows into the mean unless it is told which rows to take."""
    from skactiveml.classifier import SklearnClassifier
    from skactiveml.pool import MonteCarloEER
    from sklearn.base import clone

    pool, model = examples.pool_and_model(2)
    rows = np.flatnonzero(pool.open)
    X = np.concatenate([pool.labelled_features, pool.features[rows]])
    y = np.concatenate([pool.labels, np.full(len(rows), np.nan)])
    classifier = SklearnClassifier(clone(model), classes=[0, 1])
    theirs, utilities = MonteCarloEER(method=method, random_state=0).query(
        X, y, classifier, X_eval=pool.features[rows], batch_size=5, return_utilities=True
    )
    own = examples.query("expected_error_reduction", model, pool, 5, loss=loss)
    assert own.rows.tolist() == rows[theirs - len(pool.labels)].tolist()
    gaps = -np.diff(own.informativeness) * len(rows)
    their_gaps = -np.diff(utilities[np.arange(5), theirs])
    np.testing.assert_allclose(gaps, their_gaps, rtol=1e-5, atol=1e-9)
