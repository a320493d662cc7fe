"""Simulate what intervals, verdicts and savings claim: the tables in docs/metrics.md.

python -m scripts.evidence [coverage | power | rank | savings | table]
"""

import sys
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from active_learning.analysis import statistics
from active_learning.analysis.curves import LearningCurve, aulc, label_savings

CONFIDENCE, POWER = 0.95, 0.8
REPEATS = (6, 10, 20, 50)

Values = NDArray[np.float64]


# Differences between strategies, with mean 0; tied ones are whole test rows, 38% of them 0.
DIFFERENCES: dict[str, Callable[[np.random.Generator, tuple[int, ...]], Values]] = {
    "normal": lambda random, shape: random.normal(size=shape),
    "tied": lambda random, shape: np.round(random.normal(size=shape)),
    "t, 3 degrees of freedom": lambda random, shape: random.standard_t(3, size=shape),
    "chi-squared, 4 degrees of freedom": lambda random, shape: random.chisquare(4, size=shape) - 4,
    "exponential": lambda random, shape: random.exponential(size=shape) - 1,
}


def coverage(kind: str, n_repeats: int, n: int, random: np.random.Generator) -> float:
    """Share of intervals of the mean that hold it."""
    low, high = statistics.mean_interval(DIFFERENCES[kind](random, (n_repeats, n)), CONFIDENCE)
    return float(((low <= 0) & (high >= 0)).mean())


def power(
    kind: str, n_repeats: int, n_strategies: int, n: int, random: np.random.Generator
) -> float:
    """Share of experiments that detect the difference that another experiment says it can detect.

    NaN where no difference can be detected. The other strategies do not differ from random.
    """
    draw = DIFFERENCES[kind]
    one = np.linspace(-1, 1, n_repeats)
    for_spread_of_one = statistics.smallest_detectable_difference(
        one / one.std(ddof=1), CONFIDENCE, POWER, n_strategies
    )
    if np.isnan(for_spread_of_one):
        return float("nan")
    spreads = draw(random, (n_repeats, n)).std(axis=0, ddof=1)
    values = draw(random, (n_strategies, n_repeats, n))
    values[0] += for_spread_of_one * spreads
    low, _ = statistics.mean_interval(values[0], CONFIDENCE)
    p = [statistics.holm(each)[0] for each in _p_values(values)]
    return float(((low > 0) & (np.array(p) < 1 - CONFIDENCE)).mean())


def _p_values(values: Values) -> Values:
    """Of each strategy in each experiment: (n, n_strategies)."""
    return np.array(
        [[statistics.wilcoxon_p(one) for one in each] for each in np.moveaxis(values, 2, 0)]
    )


def rank(n_repeats: int, n_settings: int, n: int, random: np.random.Generator) -> float:
    """Share of rankings of equal settings in which an interval against the best excludes 0."""
    n_pairs = n_settings * (n_settings - 1) // 2
    wrong = 0
    for _ in range(n):
        # What a split does to all settings alike drops out of their differences.
        scores = random.normal(size=(n_settings, n_repeats))
        best = scores[scores.mean(axis=1).argmax()]
        low, high = statistics.mean_interval((scores - best).T, 1 - (1 - CONFIDENCE) / n_pairs)
        wrong += bool(((low > 0) | (high < 0)).any())
    return wrong / n


LARGE = 0.2  # of the labels


def savings(n_repeats: int, n: int, random: np.random.Generator) -> tuple[float, float]:
    """Share of equal pairs of strategies that show savings of 20% as a value, and as an interval.

    Curves rise from 0.7 to 0.85 in 40 labels; splits shift both alike, and runs have autocorrelated
    noise of their own, of a few test rows in a hundred.
    """
    labels = np.arange(20, 61)
    mean = 0.86 - 0.16 * np.exp(-(labels - 20) / 15)
    value = shown = 0
    for _ in range(n):
        splits = random.normal(0, 0.03, (n_repeats, 1))
        one, other = (
            LearningCurve(labels, mean + splits + _noise(n_repeats, len(labels), random), True)
            for _ in range(2)
        )
        point = label_savings(one, other)
        low, high = statistics.savings_interval(one, other, CONFIDENCE, 500, random)
        value += point >= LARGE
        shown += low > 0 or high < 0
    return value / n, shown / n


def _noise(n_repeats: int, n_points: int, random: np.random.Generator) -> Values:
    noise = random.normal(0, 0.02, (n_repeats, n_points))
    for point in range(1, n_points):
        noise[:, point] = 0.9 * noise[:, point - 1] + np.sqrt(0.19) * noise[:, point]
    return noise


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables that are asked for; by default all."""
    tables = {
        "coverage": _print_coverage,
        "power": _print_power,
        "rank": _print_rank,
        "savings": _print_savings,
        "table": _print_table,
    }
    for name in (sys.argv[1:] if arguments is None else arguments) or tables:
        print(f"\n{name}", flush=True)
        tables[name](np.random.default_rng(1))


def _print_coverage(random: np.random.Generator) -> None:
    print("differences | " + " | ".join(f"{n} repeats" for n in REPEATS))
    for kind in DIFFERENCES:
        cells = [f"{coverage(kind, n, 20_000, random):.1%}" for n in REPEATS]
        print(" | ".join([kind, *cells]), flush=True)


def _print_power(random: np.random.Generator) -> None:
    print("differences | repeats | strategies | power")
    for kind, repeats, strategies in [
        *(("normal", n, 1) for n in REPEATS),
        *(("normal", n, 5) for n in REPEATS),
        *((kind, 20, n) for kind in DIFFERENCES if kind != "normal" for n in (1, 5)),
    ]:
        share = power(kind, repeats, strategies, 2000, random)
        print(kind, repeats, strategies, f"{share:.2f}", sep=" | ", flush=True)


def _print_rank(random: np.random.Generator) -> None:
    print("settings | " + " | ".join(f"{n} repeats" for n in REPEATS))
    for settings in (2, 8):
        cells = [f"{rank(n, settings, 2000, random):.1%}" for n in REPEATS]
        print(" | ".join([str(settings), *cells]), flush=True)


def _print_savings(random: np.random.Generator) -> None:
    print("repeats | saves 20% or more | interval excludes 0")
    for n in REPEATS:
        value, shown = savings(n, 1000, random)
        print(f"{n} | {value:.1%} | {shown:.1%}", flush=True)


def _print_table(random: np.random.Generator) -> None:  # noqa: ARG001 - seeded by table
    print("population | repeats | this table | another table")
    for population in POPULATIONS:
        differences = fresh_tables(population, 60)
        for n in REPEATS:
            one, other = held(differences[:n])
            print(f"{population} | {n} | {one:.0%} | {other:.0%}", flush=True)


# Number of features, informative features and classes, clusters of a class, share of random labels.
POPULATIONS = {
    "two classes": (10, 5, 2, 1, 0.1),
    "three classes": (20, 8, 3, 1, 0.2),
}


ROWS, TEST_SIZE = 300, 0.4


def fresh_tables(population: str, n: int) -> Values:
    """Differences in AULC between margin and random on fresh tables: (50 repeats, n tables)."""
    from sklearn.datasets import make_classification

    import active_learning as al

    features, informative, classes, clusters, noise = POPULATIONS[population]
    everything, labels = make_classification(
        n * ROWS,
        features,
        n_informative=informative,
        n_redundant=0,
        n_classes=classes,
        n_clusters_per_class=clusters,
        flip_y=noise,
        random_state=1,
    )
    differences = np.empty((REPEATS[-1], n))
    for table in range(n):
        part = slice(table * ROWS, (table + 1) * ROWS)
        areas = []
        for strategy in ("margin", "random"):
            run = al.simulate(
                "gaussian_nb",
                everything[part],
                labels[part],
                strategy=strategy,
                initial=20,
                budget=40,
                batch_size=4,
                repeats=REPEATS[-1],
                test_size=TEST_SIZE,
                random_state=100 * table,
            )
            scores = run.curves.pivot(index="repeat", columns="labels", values="accuracy")
            areas.append(aulc(scores.columns.to_numpy(), scores.to_numpy()))
        differences[:, table] = areas[0] - areas[1]
    return differences


def held(differences: Values) -> tuple[float, float]:
    """Share of tables whose interval holds the mean of all: of this table, of another like it."""
    mean = differences.mean()
    intervals = (
        statistics.mean_interval(differences, CONFIDENCE),
        statistics.new_table_interval(differences, CONFIDENCE, TEST_SIZE / (1 - TEST_SIZE)),
    )
    one, other = (float(((low <= mean) & (mean <= high)).mean()) for low, high in intervals)
    return one, other


if __name__ == "__main__":
    main()
