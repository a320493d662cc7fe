"""Measure how well learning curves can be extrapolated: the numbers in docs/metrics.md.

The curves of 35 data sets, two learners and two strategies take half an hour on one core. Each is
cut at a sixth to a half of its labels and continued to twice and three times as many. An interval
holds if it contains the mean of the same repeats there.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from active_learning.analysis.curves import LearningCurve
from active_learning.analysis.more_labels import (
    LEAST_POINTS,
    MIXTURE,
    MULTIPLES,
    exponential,
    extrapolate,
    more_labels,
    power_law,
)
from active_learning.core.rng import generator
from stages import command

# Data set, option and initial labels.
BENCHMARK = (
    ("toy", "breast_cancer", 20), ("toy", "wine", 20), ("toy", "digits", 50),
    ("keel", "banana", 20), ("keel", "mammographic", 20), ("keel", "pima", 20),
    ("keel", "sonar", 20), ("keel", "vehicle", 20), ("keel", "vowel", 50), ("keel", "segment", 30),
    ("clusters", "8", 20),
)  # fmt: skip
OTHERS = (
    ("keel", "ring", 20), ("keel", "twonorm", 20), ("keel", "phoneme", 20),
    ("keel", "ionosphere", 20), ("keel", "contraceptive", 20), ("keel", "german", 20),
    ("keel", "tic-tac-toe", 20), ("keel", "led7digit", 40), ("keel", "spambase", 20),
    ("keel", "satimage", 30), ("keel", "penbased", 50), ("keel", "magic", 20),
    ("keel", "bands", 20), ("keel", "saheart", 20), ("keel", "titanic", 20),
    ("keel", "housevotes", 20), ("keel", "texture", 50), ("keel", "yeast1", 20),
    ("keel", "optdigits", 50), ("clusters", "6", 20), ("classes", "2", 20), ("classes", "4", 20),
    ("moons", "0", 20), ("checkerboard", "0", 20),
)  # fmt: skip
STRATEGIES = ("random", "margin")
REPEATS = 20
MOST_ROWS = 2000
PREFIXES = {"1/6": 1 / 6, "1/4": 1 / 4, "1/3": 1 / 3, "1/2": 1 / 2}
MODELS = {
    "power law": (power_law,),
    "exponential": (exponential,),
    "mixture": MIXTURE,
}  # fmt: skip
SHARES = (0.25, 0.5)  # targets, as shares of the gap to the ceiling


@dataclass(frozen=True)
class Run:
    """A complete learning curve, and its ceiling."""

    data: str
    benchmark: bool
    learner: str
    strategy: str
    labels: NDArray[np.int64]
    scores: NDArray[np.float64]
    ceiling: float


def load(kind: str, name: str) -> tuple[NDArray[np.float64], NDArray[Any]]:
    """Features and labels of a data set: at most 2,000 complete rows, classes of at least ten."""
    from active_learning.data.sources.keel import Keel
    from active_learning.data.sources.synthetic import Synthetic
    from active_learning.data.sources.toy import Toy

    options: dict[str, Any] = {"shape": kind, "flip_y": 0.05}
    if kind == "clusters":
        options = {"n_informative": 6, "n_clusters_per_class": int(name) // 2, "flip_y": 0.02}
        options["class_sep"] = 1.5
    elif kind == "classes":
        options = {"n_classes": int(name), "n_features": 10 if name == "2" else 20}
    sources: dict[str, Any] = {"toy": Toy, "keel": Keel}
    source = sources[kind](name=name) if kind in sources else Synthetic(**options)
    table = source.load(0).dropna()
    table = table.sample(n=min(MOST_ROWS, len(table)), random_state=0)
    sizes = table["target"].value_counts()
    table = table[table["target"].isin(sizes.index[sizes >= 10])]
    features = pd.get_dummies(table.drop(columns="target"), dtype=float)
    return features.to_numpy(float), table["target"].to_numpy()


def runs(folder: Path, jobs: int) -> Iterator[Run]:
    """Curves of every data set, learner and strategy; those in the folder are read."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import SVC

    learners = {"logistic_regression": LogisticRegression(max_iter=1000), "svm_rbf": SVC()}
    for kind, name, initial in BENCHMARK + OTHERS:
        for learner, estimator in learners.items():
            for strategy in STRATEGIES:
                path = folder / f"{kind}_{name}__{learner}__{strategy}.npz"
                if not path.exists():
                    kept = simulate((kind, name), initial, estimator, strategy, jobs)
                    folder.mkdir(parents=True, exist_ok=True)
                    part = path.with_suffix(".part.npz")
                    np.savez(part, labels=kept[0], scores=kept[1], ceiling=kept[2])
                    part.replace(path)
                    print(path.stem, file=sys.stderr)
                with np.load(path) as file:
                    labels, scores = file["labels"], file["scores"]
                    ceiling = float(file["ceiling"].mean())
                inside = (kind, name, initial) in BENCHMARK
                yield Run(f"{kind} {name}", inside, learner, strategy, labels, scores, ceiling)


def simulate(
    data: tuple[str, str], initial: int, estimator: Any, strategy: str, jobs: int
) -> tuple[NDArray[np.int64], NDArray[np.float64], float]:
    """Learning curve of the accuracy, to twelve times the initial labels if there are as many.

    Returns labels, scores (n_repeats, n_points) and the mean ceiling.
    """
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    from active_learning.simulation.public import simulate as run_loop

    X, y = load(*data)
    budget = min(12 * initial, int(len(y) * 0.6)) - initial
    result = run_loop(
        make_pipeline(StandardScaler(), estimator),
        X,
        y,
        strategy=strategy,
        initial=initial,
        budget=budget,
        batch_size=max(1, round(budget / 55)),
        repeats=REPEATS,
        test_size=0.4,
        n_jobs=jobs,
    )
    curve = LearningCurve.from_table(result.curves, "accuracy", greater_is_better=True)
    return curve.labels, curve.scores, float(result.ceilings["accuracy"].mean())


def prefixes(
    run: Run, n_repeats: int = REPEATS, span: float = np.inf
) -> Iterator[tuple[str, LearningCurve]]:
    """Beginnings of a curve, with the last ``span``-fold of their labels only."""
    for share, value in PREFIXES.items():
        until = run.labels[run.labels <= run.labels[-1] * value + 1e-9]
        if not len(until):
            continue
        seen = (run.labels <= until[-1]) & (run.labels >= until[-1] / span - 1e-9)
        if seen.sum() >= LEAST_POINTS and (span == np.inf or run.labels[0] < until[-1] / span):
            yield (
                share,
                LearningCurve(
                    run.labels[seen], run.scores[:n_repeats, seen], greater_is_better=True
                ),
            )


def forecasts(
    every: Iterable[Run],
    models: Iterable[str] = ("mixture",),
    n_repeats: int = REPEATS,
    span: float = np.inf,
) -> pd.DataFrame:
    """One row for each model, beginning of a curve, and number of labels it is continued to."""
    rows = []
    for run in every:
        mean = run.scores[:n_repeats].mean(axis=0)
        for share, curve in prefixes(run, n_repeats, span):
            ends = [
                m * curve.labels[-1] for m in MULTIPLES if m * curve.labels[-1] <= run.labels[-1]
            ]
            truths = np.interp(ends, run.labels, mean)
            for model in models:
                random = generator(0, run.data, run.learner, run.strategy, share)
                low, high = extrapolate(
                    curve.labels, curve.scores, np.array(ends), random, MODELS[model]
                )
                for i, truth in enumerate(truths):
                    rows.append(
                        {
                            "sets": "benchmark" if run.benchmark else "others",
                            "data": run.data,
                            "learner": run.learner,
                            "strategy": run.strategy,
                            "prefix": share,
                            "times": MULTIPLES[i],
                            "model": model,
                            "low": low[i],
                            "high": high[i],
                            "truth": truth,
                            "last": curve.mean[-1],
                            "ceiling": run.ceiling,
                        }
                    )
    return pd.DataFrame(rows)


def without_model(table: pd.DataFrame) -> pd.DataFrame:
    """Intervals by what share of the remaining error disappeared in all other data sets."""
    left = 1 - table["last"]
    shares = (table["truth"] - table["last"]) / left
    outside = table["sets"] == "others"
    parts = []
    for (data, times), mine in table.groupby(["data", "times"]):
        elsewhere = shares[outside & (table["data"] != data) & (table["times"] == times)]
        low, high = (
            mine["last"] + left[mine.index] * float(elsewhere.quantile(q)) for q in (0.1, 0.9)
        )
        parts.append(mine.assign(model="no model", low=low, high=high))
    return pd.concat(parts)


def capped(table: pd.DataFrame) -> pd.DataFrame:
    """Intervals that end at the ceiling, or at the score so far if that is better."""
    cap = table[["ceiling", "last"]].max(axis=1)
    low, high = table["low"].clip(upper=cap), table["high"].clip(upper=cap)
    return table.assign(model="mixture, capped at the ceiling", low=low, high=high)


def labels_to_reach(every: Iterable[Run]) -> pd.DataFrame:
    """One row for each beginning, of a third or less, and target."""
    rows = []
    for run in every:
        mean = run.scores.mean(axis=0)
        for share, curve in prefixes(run):
            end = MULTIPLES[-1] * curve.labels[-1]
            if end > run.labels[-1]:
                continue
            best = curve.mean.max()
            scores = [best + part * (run.ceiling - best) for part in SHARES]
            targets = {str(score): score for score in scores}
            random = generator(0, run.data, run.learner, run.strategy, share)
            forecast = more_labels(curve, targets, random)
            for target, row in forecast["labels_to_reach"].items() if forecast else ():
                reached = run.labels[(mean >= float(target)) & (run.labels <= end)]
                truth = reached[0] if len(reached) else np.inf
                low, high = row["low"] or np.nan, row["high"] or np.inf
                known = "from, to" if row["high"] else "at least" if row["low"] else "unknown"
                rows.append(
                    {
                        "sets": "benchmark" if run.benchmark else "others",
                        "answer": known,
                        "holds": low <= truth <= high if row["low"] else np.nan,
                        "low": low / curve.labels[-1],
                        "high": high / curve.labels[-1],
                    }
                )
    return pd.DataFrame(rows)


def summary(table: pd.DataFrame, by: list[str]) -> str:
    """Shares of intervals that hold, and that are missed on either side; median width and rise."""
    worse, better = table["truth"] < table["low"], table["truth"] > table["high"]
    rows = table.assign(
        holds=~worse & ~better,
        worse=worse,
        better=better,
        width=table["high"] - table["low"],
        rise=table["truth"] - table["last"],
    ).groupby(by)
    shares, medians = rows[["holds", "worse", "better"]].mean(), rows[["width", "rise"]].median()
    return shares.join(medians).assign(n=rows.size()).round(3).to_string()


def main(arguments: Sequence[str] | None = None) -> None:
    """Simulate the curves that are missing, extrapolate and print."""
    parser = argparse.ArgumentParser(prog="python -m scripts.more_labels", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the learning curves are kept")
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args(arguments)
    every = list(runs(options.folder, options.jobs))
    mixture = forecasts(every)
    models = pd.concat([forecasts(every, MODELS), without_model(mixture), capped(mixture)])
    print(summary(models, ["sets", "model"]))
    for by in (["sets", "prefix", "times"], ["sets", "learner", "strategy"], ["sets", "data"]):
        print(summary(mixture, by))
    for n in (3, 5, 10):
        print(f"{n} repeats\n{summary(forecasts(every, n_repeats=n), ['sets'])}")
    for span in (1.2, 2):
        print(f"labels from n / {span} to n\n{summary(forecasts(every, span=span), ['sets'])}")
    targets = labels_to_reach(every)
    grouped = targets.groupby(["sets", "answer"])
    answers = grouped[["holds"]].mean()
    print(answers.join(grouped[["low", "high"]].median()).assign(n=grouped.size()).round(3))


if __name__ == "__main__":
    command.run(lambda: main(sys.argv[1:]))
