"""The profile lu2023 against a plain loop in the manner of its authors, seed by seed."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from active_learning.analysis.curves import aubc_lu2023
from stages import cell, generate, paths, query_loop, split
from stages.params import benchmark, yaml
from tests.examples import ROOT


def plain(X, y, seed, strategy):
    """Area under the budget curve with this seed of the splits."""
    rows = np.arange(len(y))
    np.random.default_rng(seed).shuffle(rows)
    n_train = int((1 - 0.4) * len(y))
    train, test = rows[:n_train].copy(), rows[n_train:]
    np.random.default_rng(seed).shuffle(train)
    labelled = np.arange(n_train) < 20
    scaler = StandardScaler().fit(X[train])
    X_train, X_test = scaler.transform(X[train]), scaler.transform(X[test])
    model, scores = SVC(C=1.0, gamma="auto"), []
    model.fit(X_train[labelled], y[train[labelled]])
    while not labelled.all():
        unlabelled = np.flatnonzero(~labelled)
        if strategy == "pool_order":
            labelled[unlabelled[0]] = True
        else:
            distances = np.abs(model.decision_function(X_train[unlabelled]))
            labelled[unlabelled[distances.argmin()]] = True
        model.fit(X_train[labelled], y[train[labelled]])
        scores.append(model.score(X_test, y[test]))
    return sum((a + b) / 2 for a, b in pairwise(scores)) / len(scores)


def areas(seed, repeats):
    """Areas of each strategy of the profile on wdbc, one for each seed of the splits."""
    values = yaml.read(ROOT / "benchmark/lu2023/params.yaml")
    values["experiment"]["split"] |= {"seed": seed, "repeats": repeats}
    experiment = cell.cell(benchmark.BenchmarkParams(values), "wdbc", "svm_rbf")
    for stage in (generate, split, query_loop):
        stage.main(experiment)
    measured = {}
    for name in values["strategies"]:
        curves = pd.read_parquet(paths.loop(name) / "curves.parquet")
        measured[name] = [aubc_lu2023(curve) for _, curve in curves.groupby("repeat")["accuracy"]]
    return measured


# In the order of labelling, the area of seed 1 is another.
@pytest.mark.slow
@pytest.mark.parametrize(("seed", "repeats"), [(1, 1), (2, 12)])
def test_every_seed_is_that_of_a_plain_loop(seed, repeats, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["query_loop"])
    data = load_breast_cancer()
    # The last digits of an SVM depend on the order of its classes, too: here that of their names.
    X, y = data.data, data.target_names[data.target]
    for strategy, ours in areas(seed, repeats).items():
        theirs = [plain(X, y, seed + repeat, strategy) for repeat in range(repeats)]
        np.testing.assert_allclose(ours, theirs, atol=1e-6, rtol=0)
