"""The committed metrics of one revision, verified against ``dvc.lock``."""

import hashlib
import io
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from active_learning.core.errors import ArtifactError
from commands.checks import lock, revisions
from stages import paths

FILES = (lock.LOCK, paths.SUMMARY, paths.STRATEGIES, paths.CURVES)
KEYS = ("headline", "n_repeats", "greater_is_better", "strategies", "ceilings")
CURVES_COLUMNS = ["strategy", "labels", "score", "low", "high"]


@dataclass(frozen=True)
class Metrics:
    """Content of the metrics files of a revision."""

    content: Mapping[str, Any]  # of metrics/strategies.json
    curves: pd.DataFrame  # metrics/curves.csv
    hashes: Mapping[str, str]  # of every output in dvc.lock, by path

    @cached_property
    def values(self) -> dict[str, Any]:
        """Values of metrics/strategies.json by dotted name, of any type."""
        return flat(self.content)

    @property
    def headline(self) -> str:
        """Scorer that the comparisons are about."""
        return str(self.content["headline"])

    @property
    def n_repeats(self) -> int:
        """Number of splits."""
        number: int = self.content["n_repeats"]
        return number

    def direction(self, scorer: str) -> int:
        """1 if a higher score is better, −1 if a lower one is."""
        try:
            return 1 if self.content["greater_is_better"][scorer] else -1
        except (KeyError, TypeError):
            raise ArtifactError(f"{paths.STRATEGIES}: greater_is_better has no {scorer}.") from None

    def repeats(self, metric: str) -> NDArray[np.float64] | None:
        """Values of a metric in every repeat: (n_repeats,); ``None`` unless it is a mean of them.

        Raises
        ------
        ArtifactError
            If metrics/strategies.json lacks them, or they are not finite numbers.
        """
        place, _, name = metric.rpartition(".")
        if not place or name not in ("mean", "difference"):
            return None
        try:
            values = np.array(self.values.get(f"{place}.repeats"), dtype=np.float64)
            if values.shape == (self.n_repeats,) and np.isfinite(values).all():
                return values
        except (TypeError, ValueError, OverflowError):
            pass
        raise ArtifactError(
            f"{paths.STRATEGIES}: {place}.repeats must be {self.n_repeats} finite numbers."
        )


def load(commit: str | None = None) -> Metrics:
    """Read and verify the metrics of a commit, by default of the working tree.

    Raises
    ------
    ArtifactError
        If a file is missing or damaged, or is not what dvc.lock says it is.
    """
    hashes = read(lock.LOCK, lock.outs, commit)
    read(paths.SUMMARY, _parse_json, commit, hashes)
    content = read(paths.STRATEGIES, partial(_parse_json, keys=KEYS), commit, hashes)
    return Metrics(content, read(paths.CURVES, _parse_curves, commit, hashes), hashes)


def exist(commit: str) -> bool:
    """Whether a commit has any file of a run."""
    return any(revisions.read(path, commit) is not None for path in FILES)


def read(
    path: str | Path,
    parser: Callable[[bytes], Any],
    commit: str | None,
    hashes: Mapping[str, str] | None = None,
) -> Any:
    """Read a file of a commit, check its hash if ``hashes`` are given, and parse it."""
    place = f"{path} at {commit[:7]}" if commit else f"{path} in the working tree"
    content = revisions.read(path, commit)
    if content is None:
        raise ArtifactError(f"{place} is missing. Run `dvc repro`.")
    digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if hashes is not None and hashes.get(str(path)) != digest:
        raise ArtifactError(
            f"{place} is not what dvc.lock says: it was edited by hand, or only one of the two was "
            "committed; run `dvc repro`, then commit both."
        )
    try:
        return parser(content)
    except (ValueError, KeyError, TypeError) as error:
        reason = " ".join(str(error).split())
        raise ArtifactError(f"{place} is damaged ({reason}). Run `dvc repro`.") from None


def _parse_json(content: bytes, keys: Collection[str] = ()) -> dict[str, Any]:
    value = json.loads(content)
    if not isinstance(value, dict) or not value.keys() >= set(keys):
        raise ValueError(f"it must be an object with {', '.join(keys) or 'the metrics'}")
    if type(value.get("n_repeats", 0)) is not int:
        raise ValueError("n_repeats must be an int")
    return value


def _parse_curves(content: bytes) -> pd.DataFrame:
    table = pd.read_csv(io.BytesIO(content))
    if list(table.columns) != CURVES_COLUMNS:
        raise ValueError(f"its columns must be {', '.join(CURVES_COLUMNS)}")
    return table


def flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Leaves of nested mappings by dotted name: ``{"aulc": {"mean": 1}}`` has ``aulc.mean``."""
    leaves: dict[str, Any] = {}
    for key, value in values.items():
        nested = isinstance(value, Mapping)
        leaves |= flat(value, f"{prefix}{key}.") if nested else {f"{prefix}{key}": value}
    return leaves


def unpaired_because(current: Metrics, base: Metrics) -> str | None:
    """Why two runs cannot be compared repeat by repeat, ``None`` if they can."""
    for path in (str(paths.RAW), str(paths.SPLITS)):
        if path not in current.hashes or path not in base.hashes:
            return f"dvc.lock has no {path} in one of them"
        if current.hashes[path] != base.hashes[path]:
            return f"{path} is not the same in both"
    if current.n_repeats != base.n_repeats:
        return f"one has {base.n_repeats} repeats, the other {current.n_repeats}"
    return None
