"""The committed metrics at one revision, verified against ``dvc.lock``."""

import hashlib
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from active_learning.core.errors import ArtifactError
from commands.gate import lock
from stages import paths

FILES = (str(paths.SUMMARY), str(paths.STRATEGIES), str(paths.CURVES))
EVIDENCE_KEYS = ("headline", "main", "n_repeats", "greater_is_better", "strategies", "ceilings")
CURVES_COLUMNS = ["strategy", "labels", "score", "low", "high"]

Read = Callable[[str], bytes | None]


@dataclass(frozen=True)
class Metrics:
    """Content of the metrics files of a revision."""

    evidence: Mapping[str, Any]  # metrics/strategies.json
    curves: pd.DataFrame  # metrics/curves.csv
    hashes: Mapping[str, str]  # of every output in dvc.lock, by path

    @cached_property
    def values(self) -> dict[str, Any]:
        """Values of metrics/strategies.json by dotted name, of any type."""
        return flat(self.evidence)

    @property
    def headline(self) -> str:
        """Scorer that the comparisons are about."""
        return str(self.evidence["headline"])

    @property
    def n_repeats(self) -> int:
        """Number of splits."""
        number: int = self.evidence["n_repeats"]
        return number

    @property
    def greater_is_better(self) -> bool:
        """Direction of the headline scorer."""
        return self.direction(self.headline) > 0

    def direction(self, scorer: str) -> int:
        """1 if a higher score is better, −1 if a lower one is."""
        directions = self.evidence["greater_is_better"]
        if isinstance(directions, Mapping):  # before, that of the headline scorer
            if scorer not in directions:
                raise ArtifactError(f"{paths.STRATEGIES}: greater_is_better has no {scorer}.")
            directions = directions[scorer]
        return 1 if directions else -1

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


def load(read: Read, where: str) -> Metrics:
    """Read and verify the metrics of a revision.

    Parameters
    ----------
    read : callable
        Gives the content of a file by its path, ``None`` if it does not exist.
    where : str
        The revision, for messages.

    Raises
    ------
    ArtifactError
        If a file is missing or damaged, or is not what dvc.lock says it is.
    """
    hashes = parse(read, lock.LOCK, where, lock.outs)
    summary, strategies, curves = FILES
    before = parse(read, summary, where, _parse_json, hashes)
    evidence = parse(read, strategies, where, partial(_parse_json, keys=EVIDENCE_KEYS), hashes)
    if type(evidence["n_repeats"]) is not int:
        raise ArtifactError(f"{strategies} {where} is damaged (n_repeats); run `dvc repro`.")
    # Earlier versions had it in the summary.
    evidence.setdefault("first_repeat", before.get("first_repeat"))
    return Metrics(evidence, parse(read, curves, where, _parse_curves, hashes), hashes)


def exist(read: Read, where: str) -> bool:
    """Whether a revision has any metrics file, or one that its dvc.lock names."""
    if any(read(path) is not None for path in FILES):
        return True
    named = set() if read(lock.LOCK) is None else {*parse(read, lock.LOCK, where, lock.outs)}
    return not named.isdisjoint(FILES)


def parse(
    read: Read,
    path: str,
    where: str,
    parser: Callable[[bytes], Any],
    hashes: Mapping[str, str] | None = None,
) -> Any:
    """Read a file, check its hash if ``hashes`` are given, and parse it."""
    content = read(path)
    if content is None:
        raise ArtifactError(f"{path} {where} is missing; `dvc repro` makes it.")
    digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if hashes is not None and hashes.get(path) != digest:
        raise ArtifactError(
            f"{path} {where} is not what dvc.lock says: it was edited by hand, or only one of the "
            "two was committed; run `dvc repro`, then commit both."
        )
    try:
        return parser(content)
    except (ValueError, KeyError, TypeError) as error:
        reason = " ".join(str(error).split())
        raise ArtifactError(f"{path} {where} is damaged ({reason}); run `dvc repro`.") from None


def _parse_json(content: bytes, keys: Sequence[str] = ()) -> dict[str, Any]:
    value = json.loads(content)
    if not isinstance(value, dict) or not value.keys() >= set(keys):
        raise ValueError(f"it must be an object with {', '.join(keys) or 'the metrics'}")
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
