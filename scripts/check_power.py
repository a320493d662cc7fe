"""Measure how often `no_regression` fails: the numbers in docs/checks.md.

Simulates learning curves of two revisions on the same splits. Each repeat has its own test set,
which shifts both curves alike; each run has its own autocorrelated noise, as real curves do. The
second revision is worse by a known loss at every point.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from active_learning.analysis.curves import aulc
from active_learning.analysis.statistics import mean_interval, unpaired_interval
from active_learning.core.rng import generator
from commands.checks.judge import regressed

MARGIN = 0.005
LOSSES = (0.0, 0.0025, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03)
LABELS = np.arange(90, 111)
TEST_ROWS = 100
SPLIT_SPREAD = 0.03
PERSISTENCE = 0.9
CONFIDENCE = 0.95

Areas = NDArray[np.float64]


@dataclass(frozen=True)
class Scenario:
    """Random differences between two runs on one split.

    Attributes
    ----------
    spread : float
        Standard deviation of the paired difference in AULC, before scores are rounded.
    skewed : bool
        Whether few repeats differ much and most differ little, as between strategies.
    n_repeats : int
    """

    spread: float
    skewed: bool = False
    n_repeats: int = 20

    def __str__(self) -> str:
        shape = "skewed" if self.skewed else "normal"
        return f"{self.n_repeats} repeats, spread {self.spread:g}, {shape}"


def areas(
    scenario: Scenario, loss: float, n: int, random: np.random.Generator
) -> tuple[Areas, Areas, Areas]:
    """AULC of simulated runs, each (n_repeats, n): base, now, and now on other splits."""
    shape = (scenario.n_repeats, n)
    mean = np.linspace(0.874, 0.9, len(LABELS))

    def run(splits: NDArray[np.float64], down: float, lasting: NDArray[np.float64]) -> Areas:
        curve = mean - down + (splits + lasting)[..., None] + _passing(shape, random)
        # A score is a share of test rows, rounded with an offset that depends on the test set.
        rows = np.floor(curve * TEST_ROWS + random.random((*shape, 1)))
        return aulc(LABELS, np.clip(rows / TEST_ROWS, 0, 1))

    splits, others = random.normal(0, SPLIT_SPREAD, (2, *shape))
    before, now = _lasting(scenario, shape, random)
    return run(splits, 0, before), run(splits, loss, now), run(others, loss, now)


def _lasting(scenario: Scenario, shape: tuple[int, ...], random: np.random.Generator) -> Areas:
    """Deviations of each whole run, whose difference has the scenario's spread."""
    if scenario.skewed:
        few_gain_much = scenario.spread * (random.chisquare(1, shape) - 1) / np.sqrt(2)
        return np.stack([np.zeros(shape), few_gain_much])
    return random.normal(0, scenario.spread / np.sqrt(2), (2, *shape))


def _passing(shape: tuple[int, ...], random: np.random.Generator) -> NDArray[np.float64]:
    """Autoregressive deviations along the curve, with a standard deviation of half a test row."""
    noise = random.normal(0, 0.5 / TEST_ROWS, (*shape, len(LABELS)))
    for point in range(1, len(LABELS)):
        fresh = noise[..., point] * np.sqrt(1 - PERSISTENCE**2)
        noise[..., point] = PERSISTENCE * noise[..., point - 1] + fresh
    return np.asarray(noise)


def rates(scenario: Scenario, losses: Sequence[float], n: int) -> Areas:
    """Share of simulated builds that fail, for each true loss.

    Returns
    -------
    ndarray of shape (n_losses, 3)
        For `no_regression` with paired runs, with unpaired runs, and for `max_drop` with the same
        bound.
    """
    shares = np.empty((len(losses), 3))
    for row, loss in zip(shares, losses, strict=True):
        random = generator(42, str(scenario), repr(loss))
        base, now, elsewhere = areas(scenario, loss, n, random)
        _, paired = mean_interval(now - base, CONFIDENCE)
        _, unpaired = unpaired_interval(elsewhere, base, CONFIDENCE)
        row[:2] = [regressed(high, MARGIN).mean() for high in (paired, unpaired)]
        row[2] = ((now - base).mean(axis=0) < -MARGIN).mean()
    return shares


def main() -> None:
    """Print a table for each scenario."""
    n = 2000
    scenarios = [
        Scenario(0.01),
        Scenario(0.02),
        Scenario(0.02, skewed=True),
        Scenario(0.01, n_repeats=5),
        Scenario(0.01, n_repeats=50),
    ]
    for scenario in scenarios:
        print(f"\n{scenario}; {n} builds, margin {MARGIN:g}")
        print("true loss   paired   unpaired   max_drop")
        for loss, row in zip(LOSSES, rates(scenario, LOSSES, n), strict=True):
            print(f"{loss:9.4f} {row[0]:8.1%} {row[1]:10.1%} {row[2]:10.1%}")


if __name__ == "__main__":
    main()
