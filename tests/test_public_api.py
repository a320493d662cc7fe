"""The public functions, as a notebook calls them: any classifier, any features, any labels."""

import doctest
import sys
import traceback
from functools import partial

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import trapezoid
from scipy.sparse import coo_matrix, csr_matrix
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    VotingClassifier,
)
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB, MultinomialNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC, LinearSVC

import active_learning as al

X, Y = load_iris(return_X_y=True)
NAMES = np.array(["setosa", "versicolor", "virginica"])[Y]
FOREST = RandomForestClassifier(10)
small = partial(al.simulate, initial=12, budget=4, batch_size=2, repeats=2)


def frame(X=X):
    """Numbers, a gap and a category, which only a pipeline or boosting takes."""
    table = pd.DataFrame(X.copy(), columns=["a", "b", "c", "d"], index=np.arange(len(X)) + 1000)
    table.loc[1003, "a"] = np.nan
    return table.assign(colour=pd.Categorical(np.where(X[:, 0] > 6, "red", "blue")))


@pytest.mark.parametrize("name", ["available", "compare", "query", "simulate"])
def test_examples_in_docstrings(name):
    module = sys.modules[getattr(al, name).__module__]
    (test,) = (test for test in doctest.DocTestFinder().find(getattr(al, name), module=module))
    assert test.examples
    assert doctest.DocTestRunner().run(test).failed == 0


def test_names_are_listed_and_no_other_is_there():
    assert dir(al) == al.__all__
    assert all(callable(getattr(al, name)) for name in al.__all__)
    with pytest.raises(AttributeError, match="module 'active_learning' has no attribute 'simulat'"):
        al.simulat  # noqa: B018


def test_queries_are_those_of_a_loop_written_by_hand():
    model = make_pipeline(StandardScaler(), LogisticRegression())
    run = al.simulate(model, X, NAMES, strategy="margin", initial=9, budget=12, repeats=2)
    for repeat, split in enumerate(run.splits):
        labelled, pool = split["initial"].tolist(), sorted(split["pool"].tolist())
        scores = []
        for _ in range(13):
            fitted = clone(model).fit(X[labelled], NAMES[labelled])
            scores.append(fitted.score(X[split["test"]], NAMES[split["test"]]))
            two = np.sort(fitted.predict_proba(X[pool]), axis=1)[:, -2:]
            labelled.append(pool.pop(int(np.argmin(two[:, 1] - two[:, 0]))))
        queries = run.queries[run.queries["repeat"] == repeat]
        assert queries["row"].tolist() == labelled[9:21]
        assert queries["answer"].tolist() == NAMES[labelled[9:21]].tolist()
        curve = run.curves[run.curves["repeat"] == repeat]
        np.testing.assert_allclose(curve["accuracy"], scores, rtol=1e-8)
        whole = np.concatenate([split["initial"], split["pool"]])
        ceiling = clone(model).fit(X[whole], NAMES[whole])
        assert run.ceilings["accuracy"][repeat] == pytest.approx(
            ceiling.score(X[split["test"]], NAMES[split["test"]])
        )


@pytest.mark.parametrize("kind", [float, str, bool, object, "category", "string"])
def test_labels_of_any_type_give_the_same_run(kind):
    binary = Y > 0
    labels = pd.Series(np.where(binary, "yes", "no") if kind in (object, "string") else binary)
    expected = small(LogisticRegression(max_iter=1000), X, binary.astype(int))
    run = small(LogisticRegression(max_iter=1000), X, labels.astype(kind))
    assert run.queries["row"].tolist() == expected.queries["row"].tolist()
    assert set(run.queries["answer"]) <= set(labels.astype(kind))


@pytest.mark.parametrize("strategy", al.available("strategies"))
def test_every_strategy_takes_labels_that_are_texts(strategy):
    model = LogisticRegression(
        max_iter=1000, class_weight={"setosa": 1, "versicolor": 2, "virginica": 3}
    )
    indices = LogisticRegression(max_iter=1000, class_weight={0: 1, 1: 2, 2: 3})
    some = slice(None, None, 5)
    texts, numbers = (
        small(each, X[some], labels[some], strategy=strategy, repeats=1)
        for each, labels in ((model, NAMES), (indices, Y))
    )
    assert texts.queries["row"].tolist() == numbers.queries["row"].tolist()
    labelled = [0, 15, 29]
    rows = al.query(
        model, X[some], NAMES[some][labelled], labelled=labelled, strategy=strategy, n=3
    )
    assert len(set(rows.tolist()) - set(labelled)) == 3


@pytest.mark.parametrize("learner", al.available("learners"))
def test_every_learner_is_simulated_with_every_scorer(learner):
    scorers = [
        name for name in al.available("scorers") if (learner, name) != ("svm_rbf", "log_loss")
    ]
    run = small(learner, StandardScaler().fit_transform(X), NAMES, scoring=scorers)
    assert np.isfinite(run.curves[scorers].to_numpy()).all()
    assert run.ceilings.keys() == {*scorers}


@pytest.mark.parametrize(
    "features",
    [X.tolist(), X.astype(np.float32), (10 * X).astype(int), csr_matrix(X), coo_matrix(X)],
    ids=["list", "float32", "int", "csr", "coo"],
)
@pytest.mark.parametrize("strategy", ["least_confidence", "k_center_greedy", "query_by_committee"])
def test_features_of_any_kind(features, strategy):
    run = small(SVC(), features, NAMES, strategy=strategy)
    assert len(run.queries) == 8


@pytest.mark.parametrize("strategy", ["margin", "typiclust", "badge", "query_by_committee"])
def test_a_data_frame_reaches_a_pipeline_as_one(strategy):
    encode = make_column_transformer((OneHotEncoder(), ["colour"]), remainder=SimpleImputer())
    model = make_pipeline(encode, LogisticRegression())
    run = small(model, frame(), NAMES, strategy=strategy)
    assert len(run.queries) == 8
    fitted = clone(model).fit(frame()[:100], NAMES[:100])
    rows = al.query(fitted, frame(), NAMES[:100], labelled=range(100), strategy=strategy, n=5)
    assert min(rows) >= 100


def test_distances_need_complete_numbers():
    model = HistGradientBoostingClassifier(categorical_features="from_dtype", max_iter=5)
    assert len(small(model, frame(), NAMES, strategy="entropy").queries) == 8
    with pytest.raises(ValueError, match="complete numbers: use a pipeline that encodes"):
        small(model, frame(), NAMES, strategy="k_center_greedy")


def test_texts_reach_a_vectorizer():
    texts = [f"{'good' if label else 'bad'} word{i % 7}" for i, label in enumerate(Y > 0)]
    model = make_pipeline(TfidfVectorizer(), MultinomialNB())
    run = small(model, texts, NAMES, strategy="entropy")
    assert len(run.queries) == 8
    assert len(al.query(model, pd.Series(texts), NAMES[::15], labelled=range(0, 150, 15), n=2)) == 2


def test_strategy_by_name_instance_path_and_function():
    class First(al.Strategy):
        def query(self, model, pool, n, generator):
            return al.Query(np.flatnonzero(pool.open)[:n], np.full(n, np.nan))

    def least_confidence(probabilities):
        return 1 - probabilities.max(axis=1)

    rows = {
        name: small(FOREST, X, Y, strategy=strategy).queries["row"].tolist()
        for name, strategy in {
            "name": "least_confidence",
            "function": least_confidence,
            "path": "active_learning.strategies.least_confidence.LeastConfidence",
            "own": First(),
            "pool order": "pool_order",
        }.items()
    }
    assert rows["name"] == rows["function"] == rows["path"]
    assert rows["own"] != rows["name"]
    assert rows["own"] != rows["pool order"]


def test_unfitted_estimator_is_fitted_and_a_fitted_one_left_alone():
    labelled = np.arange(0, 150, 5)
    model = RandomForestClassifier(10, random_state=3)
    fitted = clone(model).fit(X[labelled], NAMES[labelled])
    ask = partial(al.query, X=X, y=NAMES[labelled], labelled=labelled, n=4)
    assert ask(fitted).tolist() == ask(model).tolist()
    other = clone(model).fit(X[labelled[:10]], NAMES[labelled[:10]])
    assert ask(other).tolist() != ask(model).tolist()
    assert not hasattr(model, "estimators_")
    mask = np.isin(np.arange(150), labelled)
    assert al.query(model, X, NAMES[labelled], labelled=mask, n=4).tolist() == ask(model).tolist()


def test_repeat_of_a_run_is_the_single_run_of_the_next_seed():
    both = small(FOREST, X, Y, strategy="random")
    second = small(FOREST, X, Y, strategy="random", repeats=1, random_state=1)
    rows = both.queries.loc[both.queries["repeat"] == 1, "row"].tolist()
    assert rows == second.queries["row"].tolist()
    assert both.ceilings["accuracy"][1] == second.ceilings["accuracy"][0]


def test_same_in_processes_as_in_one():
    one, two = (small(FOREST, X, NAMES, n_jobs=jobs) for jobs in (1, 2))
    pd.testing.assert_frame_equal(one.curves, two.curves)
    pd.testing.assert_frame_equal(one.queries, two.queries)


def test_groups_stay_together():
    groups = np.arange(150) // 5
    run = small(FOREST, X, Y, groups=groups)
    for split in run.splits:
        rest = np.concatenate([split["initial"], split["pool"]])
        assert not set(groups[split["test"]]) & set(groups[rest])


@pytest.fixture(scope="module")
def runs():
    data, target = load_breast_cancer(return_X_y=True)
    model = make_pipeline(StandardScaler(), LogisticRegression())
    return {
        name: al.simulate(
            model, data, target, strategy=name, initial=20, budget=20, batch_size=5, repeats=6,
            scoring=["accuracy", "roc_auc"],
        )
        for name in ("margin", "entropy", "random")
    }  # fmt: skip


class TestCompare:
    def test_says_what_came_of_each(self, runs):
        comparison = al.compare(runs, targets=[0.9])
        lines = str(comparison).splitlines()
        names = dict.fromkeys(line.partition(":")[0] for line in lines)
        assert list(names) == ["margin", "entropy", "random"]
        difference = np.subtract(
            *(
                runs[name].curves.pivot(index="repeat", columns="labels", values="accuracy")
                for name in ("margin", "random")
            )
        )
        areas = trapezoid(difference, dx=5, axis=1) / 20
        assert f"({areas.mean():+.4f} over the whole curve, 95% interval" in lines[0]
        assert any("entropy: " in line and "same queries as margin" in line for line in lines)
        assert any(line.startswith("random: ") and line.endswith("the control.") for line in lines)
        assert comparison.to_dict()["strategies"]["margin"]["bought_to_reach"]["0.9"] is not None

    def test_draws_learning_curves(self, runs):
        import matplotlib as mpl

        mpl.use("agg")
        axes = al.compare(runs).plot()
        labels = [line.get_label() for line in axes.get_lines()]
        assert labels[:2] == ["margin = entropy", "random"]
        assert al.compare(runs).plot(axes) is axes

    @pytest.mark.parametrize(
        ("changes", "shared"),
        [
            ({"y": Y[::-1]}, "their data"),
            ({"random_state": 5}, "their splits"),
            ({"initial": 15}, "their splits"),
            ({"repeats": 3}, "their splits"),
            ({"batch_size": 1}, "their budget and batch_size"),
            ({"budget": 6}, "their budget and batch_size"),
            ({"scoring": "f1_macro"}, "their scoring"),
            ({"estimator": DummyClassifier()}, "their estimator"),
        ],
    )
    def test_refuses_what_is_not_paired(self, changes, shared):
        arguments = {"estimator": FOREST, "X": X, "y": Y}
        run, other = small(**arguments), small(**arguments | changes)
        with pytest.raises(ValueError, match=f"^runs must share {shared}.*'a' and 'random' do not"):
            al.compare({"a": other, "random": run})

    def test_refuses_without_a_control(self, runs):
        with pytest.raises(ValueError, match=r"^runs must hold the control, 'none', and another"):
            al.compare(runs, control="none")
        with pytest.raises(ValueError, match=r"^confidence must be between 0 and 1; got 95"):
            al.compare(runs, confidence=95)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"estimator": LinearRegression()}, TypeError, "estimator must be a scikit-learn classi"),
        ({"estimator": SVC}, TypeError, "estimator must be a scikit-learn classifier, by instance"),
        ({"estimator": "forrest"}, ValueError, "unknown learner 'forrest'; available: .*random_f"),
        ({"X": X[:, 0]}, ValueError, r"X must have shape \(n_rows, n_features\); got \(150,\)"),
        ({"y": Y[:10]}, ValueError, r"y must have shape \(150,\).* got \(10,\)"),
        ({"y": np.where(Y, 1.0, np.nan)}, ValueError, "y must have no missing labels; .* row 0:"),
        (
            {"y": X[:, 0] + 0.01},
            ValueError,
            r"y must hold class labels.*[Uu]nknown label type",
        ),
        (
            {"y": pd.Series([1, "a"] * 75)},
            ValueError,
            "y must hold class labels of one type",
        ),
        (
            {"y": np.arange(150).astype("datetime64[D]")},
            ValueError,
            "y must hold class labels, not dates or durations; got .*1970-01-01",
        ),
        ({"y": np.zeros(150)}, ValueError, "y must have at least two classes; got only 0.0"),
        ({"initial": 0}, ValueError, "initial must be an int, a number of rows.*; got 0"),
        ({"initial": 149}, ValueError, "initial must leave .* of 112 rows .*; got 149"),
        ({"initial": "10"}, TypeError, "initial must be an int or a float; got '10'"),
        ({"initial": 2}, ValueError, "initial must leave at least 3 .one per class"),
        ({"test_size": 1.5}, ValueError, "test_size must be an int, a number of rows"),
        ({"budget": 0}, ValueError, r"budget must be an int in \[1, .*; got 0"),
        ({"budget": 1.5}, TypeError, "budget must be an int; got 1.5"),
        ({"batch_size": 9}, ValueError, r"batch_size must be an int in \[1, 4\]; got 9"),
        ({"repeats": 0}, ValueError, "repeats must be an int in"),
        ({"random_state": None}, TypeError, "random_state must be an int; got None"),
        ({"scoring": []}, ValueError, "scoring must name each scorer once, at least one; got"),
        ({"scoring": None}, TypeError, "scoring must be the name of a scorer or a list; got None"),
        ({"groups": [1, 2]}, ValueError, r"groups must have shape \(150,\), one group per row"),
        ({"n_jobs": 0}, ValueError, r"n_jobs must be an int in \[1"),
        ({"estimator": None}, TypeError, "estimator must be a scikit-learn classifier"),
        ({"estimator": SVC(C=-1)}, ValueError, "SVC cannot be fitted to 12 rows: The 'C' param"),
        ({"scoring": "acuracy"}, ValueError, "unknown scorer 'acuracy'.*did you mean 'accuracy'"),
        ({"strategy": "margn"}, ValueError, "unknown strategy 'margn'.*did you mean 'margin'"),
        ({"strategy": 3}, TypeError, "strategy must be a name, an import path, a Strategy by inst"),
        (
            {"strategy": len},
            ValueError,
            "strategy must return one number for each of 100 rows",
        ),
        ({"scoring": "log_loss", "estimator": SVC()}, ValueError, "scoring must not be log_loss"),
    ],
)
def test_errors_name_the_argument(changes, error, message):
    arguments = {"estimator": FOREST, "X": X, "y": Y} | changes
    with pytest.raises(error, match=f"^{message}") as caught:
        small(**arguments)
    assert "\n" not in str(caught.value)


def test_too_few_rows_are_one_line_that_names_the_estimator():
    with pytest.raises(ValueError, match=r"^KNeighborsClassifier cannot predict: .*n_neighbors"):
        small(KNeighborsClassifier(5), X, Y > 0, initial=3)


class NoNumbers(GaussianNB):
    """Naive Bayes whose probabilities are NaN."""

    def predict_proba(self, X):
        return np.full_like(super().predict_proba(X), np.nan)


@pytest.mark.parametrize(
    "strategy",
    [
        *sorted(
            {*al.available("strategies")}
            - {
                "random",
                "pool_order",
                "k_center_greedy",
                "typiclust",
                "epsilon_greedy",
                "expected_model_change",
                "query_by_committee",
            }
        ),
        lambda probabilities: probabilities[:, 0],
    ],
)
def test_probabilities_that_are_not_finite_name_the_learner(strategy):
    rows = [0, 1, 60, 61, 120, 121]
    with pytest.raises(
        ValueError, match=r"^NoNumbers cannot predict: its probabilities are not finite"
    ):
        al.query(NoNumbers(), X, Y[rows], labelled=rows, strategy=strategy)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_strategy_that_fails_is_named_with_its_cause(n_jobs):
    def clumsy(probabilities):
        return probabilities[:, 7]

    message = r"^strategy FunctionStrategy raised IndexError: index 7 is out of bounds"
    with pytest.raises(ValueError, match=message) as caught:
        small(FOREST, X, Y, strategy=clumsy, n_jobs=n_jobs)
    told = "".join(traceback.format_exception(caught.value))
    assert "in clumsy" in told
    with pytest.raises(ValueError, match=message) as caught:
        al.query(FOREST, X, Y[::25], labelled=range(0, 150, 25), strategy=clumsy)
    assert isinstance(caught.value.__cause__, IndexError)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"labelled": [0, 0, 1]}, "labelled must hold distinct row positions from 0 to 149"),
        ({"labelled": [0, 1, 150]}, "labelled must hold distinct"),
        ({"labelled": [0.0, 1.0, 50.0]}, "labelled must hold distinct"),
        ({"labelled": [0, 1]}, r"y must have shape \(2,\), one label per row; got \(3,\)"),
        ({"labelled": range(150), "y": Y}, "labelled must leave rows to query; all 150"),
        ({"y": [0, 0, 0]}, "y must have at least two classes; got only 0"),
        ({"y": ["a", "b", "c"], "estimator": SVC().fit(X, Y)}, "y must hold labels like those"),
        ({"n": 148}, r"n must be an int in \[1, 147\]; got 148"),
        ({"X": X[:, :2], "estimator": SVC().fit(X, Y)}, ".* cannot predict: X has"),
    ],
)
def test_errors_of_a_query(changes, message):
    rows = [0, 60, 120]
    arguments = {"estimator": FOREST, "X": X, "y": Y[rows], "labelled": rows} | changes
    with pytest.raises(ValueError, match=f"^{message}"):
        al.query(**arguments)


class Stubborn(LogisticRegression):
    """Linear, but says so of nothing that it predicts."""

    def predict(self, X):
        return np.repeat(self.classes_[0], len(X))


SCALED = StandardScaler().fit_transform(X)
ROUNDED = pd.DataFrame(SCALED, columns=[*"abcd"]).assign(e=1.0)
SEARCH = GridSearchCV(
    make_pipeline(make_column_transformer(("passthrough", ["a", "b"])), GaussianNB()),
    {"gaussiannb__var_smoothing": [1e-9]},
    cv=2,
)


@pytest.mark.parametrize(
    "model",
    [
        RidgeClassifier(),
        RidgeClassifier(fit_intercept=False),
        LinearSVC(fit_intercept=False),
        LogisticRegression(solver="liblinear"),
        Stubborn(),
        make_pipeline(LinearSVC()),
        SVC(decision_function_shape="ovr"),
    ],
    ids=repr,
)
@pytest.mark.parametrize("n_features", [1, 2])
@pytest.mark.parametrize("strategy", ["margin", "badge", "ranked_batch", "query_by_committee"])
def test_scores_of_any_linear_model_are_its_own(model, n_features, strategy):
    features, labels = SCALED[50:, -n_features:], NAMES[50:]
    run = small(model, features, labels, strategy=strategy, repeats=1)
    (split,) = run.splits
    fitted = clone(model).fit(features[split["initial"]], labels[split["initial"]])
    expected = fitted.score(features[split["test"]], labels[split["test"]])
    assert run.curves["accuracy"].iloc[0] == pytest.approx(expected)
    assert len(run.queries) == 4


def test_a_search_over_a_pipeline_is_asked_with_its_own_columns():
    run = small(SEARCH, ROUNDED, NAMES, strategy="ranked_batch", repeats=1)
    assert len(run.queries) == 4


def test_what_expected_errors_and_committees_refit_may_take_texts():
    texts = [f"{'good' if label else 'bad'} word{i % 7}" for i, label in enumerate(Y[::5] > 0)]
    model = make_pipeline(TfidfVectorizer(), MultinomialNB())
    for strategy in ("expected_error_reduction", "query_by_committee"):
        run = small(model, texts, NAMES[::5], strategy=strategy, repeats=1)
        assert len(run.queries) == 4


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (SVC(decision_function_shape="ovo"), "a decision value for each of 4 classes; SVC has 6"),
        (VotingClassifier([("nb", GaussianNB())]), "predict_proba or decision_function; Voting"),
    ],
)
def test_a_model_that_cannot_tell_how_sure_it_is(model, message):
    four = Y + (X[:, 0] > 6.4) * (Y == 2)
    with pytest.raises(ValueError, match=f"^estimator must have {message}"):
        small(model, X, four, strategy="margin", initial=30)
    assert len(small(model, X, four, strategy="random", initial=30).queries) == 8


@pytest.mark.parametrize("strategy", ["margin", "entropy", "epsilon_greedy", "badge"])
def test_a_gap_that_the_model_does_not_take_is_named(strategy):
    (split,) = small(LogisticRegression(max_iter=1000), X, Y, repeats=1).splits
    gaps = X.copy()
    gaps[split["pool"][5], 0] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        small(LogisticRegression(max_iter=1000), gaps, Y, strategy=strategy, repeats=1)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (["a", None, "b"] * 50, "y must have no missing labels; .* row 1:"),
        ([float("nan"), "a", "b"] * 50, "y must have no missing labels; .* row 0:"),
        ([0, "a"] * 75, "y must hold class labels of one type"),
        (NAMES.reshape(75, 2).tolist(), r"y must have shape \(150,\)"),
    ],
)
def test_labels_in_a_list_are_checked_before_numpy_makes_texts_of_them(labels, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        small(FOREST, X, labels)
    run = small(FOREST, X, NAMES.tolist())
    assert run.queries.equals(small(FOREST, X, NAMES).queries)


def test_sizes_may_be_numbers_of_numpy():
    groups = np.arange(150) // 5
    sizes = {"initial": np.int64(15), "test_size": np.int64(40), "groups": groups}
    assert len(small(FOREST, X, Y, **sizes).queries) == 8


def test_data_are_the_same_however_they_lie_in_memory():
    model = GaussianNB()
    for data, same in [(ROUNDED, ROUNDED.copy()), (X, np.asfortranarray(X))]:
        runs = {"a": small(model, data, Y), "random": small(model, same, Y, strategy="random")}
        assert al.compare(runs).control == "random"


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_fitted_model_without_a_seed_is_refitted_with_that_of_the_query():
    labelled = np.arange(0, 150, 5)
    model = MLPClassifier([3], max_iter=5).fit(X[labelled], NAMES[labelled])
    ask = partial(al.query, model, X, NAMES[labelled], labelled=labelled, n=9)
    rows = [ask(strategy="query_by_committee").tolist() for _ in range(2)]
    assert rows[0] == rows[1]
    assert model.random_state is None


def test_a_fit_that_did_not_converge_is_said():
    labelled = np.arange(0, 150, 5)
    with pytest.warns(ConvergenceWarning):
        al.query(MLPClassifier([3], max_iter=2), X, NAMES[labelled], labelled=labelled)
    with pytest.warns(UserWarning, match="fits did not converge"):
        small(MLPClassifier([3], max_iter=2), X, NAMES, repeats=1)


@pytest.mark.parametrize(
    "answer", [lambda rows: rows, lambda rows: (rows, rows), len], ids=["rows", "pair", "number"]
)
def test_a_strategy_that_returns_no_query_is_named(answer):
    class Own(al.Strategy):
        def query(self, model, pool, n, generator):
            return answer(np.flatnonzero(pool.open)[:n])

    with pytest.raises(ValueError, match=r"^strategy Own must return a Query; got"):
        small(FOREST, X, Y, strategy=Own())


def test_a_query_without_labels_needs_a_fitted_model_and_no_committee():
    model = GaussianNB().fit(X, NAMES)
    assert len(al.query(model, X, [], labelled=[], n=2)) == 2
    with pytest.raises(ValueError, match=r"^labelled must hold rows for models of bootstrap"):
        al.query(model, X, [], labelled=[], strategy="query_by_committee")
    one_class = al.query(model, X, NAMES[:9], labelled=range(9), strategy="query_by_committee")
    assert len(one_class) == 1
