"""The committed metrics at one revision, verified against ``dvc.lock``."""

import hashlib
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from active_learning.base.errors import ArtifactError
from commands.gate import lock
from commands.gate.rules import FIRST_REPEAT

SUMMARY = "metrics/summary.json"
EVIDENCE = "metrics/strategies.json"
CURVES = "metrics/curves.csv"
FILES = (SUMMARY, EVIDENCE, CURVES)

# Two runs whose table and splits are the same are compared repeat by repeat.
SPLITS = ("data/raw", "data/splits.parquet")

Read = Callable[[str], bytes | None]


@dataclass(frozen=True)
class Metrics:
    """What the metrics files of a revision hold.

    Attributes
    ----------
    summary : dict of str to Any
        The leaves of metrics/summary.json by dotted name; none is checked to be a number.
    evidence : dict
        metrics/strategies.json.
    curves : DataFrame
        metrics/curves.csv.
    hashes : dict of str to str
        Every output in dvc.lock.
    """

    summary: Mapping[str, Any]
    evidence: Mapping[str, Any]
    curves: pd.DataFrame
    hashes: Mapping[str, str]

    @property
    def headline(self) -> str:
        """Scorer that the summary is about."""
        return str(self.evidence["headline"])

    @property
    def n_repeats(self) -> int:
        """Number of splits."""
        return int(self.evidence["n_repeats"])

    @property
    def greater_is_better(self) -> bool:
        """Direction of the headline scorer."""
        return bool(self.evidence["greater_is_better"])

    def repeats(self, metric: str) -> NDArray[np.float64]:
        """Values of a metric of the summary in every repeat: (n_repeats,).

        Only of a metric that ``has_repeats``.

        Raises
        ------
        ArtifactError
            If metrics/strategies.json has no such values, or they are no finite numbers.
        """
        try:
            values = self._repeats(*metric.rpartition(".")[::2])
            array = np.array(values, dtype=np.float64)
        except (KeyError, TypeError, ValueError) as error:
            raise ArtifactError(
                f"{EVIDENCE} has no values for each repeat of {metric} ({error!r})."
            ) from None
        if array.shape != (self.n_repeats,) or not np.isfinite(array).all():
            raise ArtifactError(
                f"{EVIDENCE}: {metric} must have {self.n_repeats} finite values, one for each "
                f"repeat; got {values!r}."
            )
        return array

    def _repeats(self, strategy: str, leaf: str) -> Any:
        if leaf == "ceiling":
            return self.evidence["ceilings"][self.headline]["repeats"]
        row = self.evidence["strategies"][strategy or self.evidence["main"]]
        if leaf == "vs_random":
            return row["vs_random"]["aulc"]["repeats"]
        return row["scores"][self.headline][leaf]["repeats"]


def has_repeats(metric: str) -> bool:
    """Whether a metric of the summary is a mean over values that are known for each repeat.

    These are ``initial`` (of the main strategy), ``ceiling``, ``<strategy>.final``,
    ``<strategy>.aulc`` and ``<strategy>.vs_random``.
    """
    strategy, _, leaf = metric.rpartition(".")
    if not strategy:
        return leaf in ("initial", "ceiling")
    return strategy != FIRST_REPEAT and leaf in ("final", "aulc", "vs_random")


def load(read: Read, where: str) -> Metrics:
    """Read the metrics of a revision and verify them.

    Parameters
    ----------
    read : callable
        Gives the content of a file by its path, ``None`` if it is not there.
    where : str
        The revision, for messages.

    Raises
    ------
    ArtifactError
        If a file is missing or damaged, or is not what dvc.lock says it is.
    """
    hashes = _parsed(read, lock.LOCK, where, lock.outs)
    content = {path: _verified(read, path, hashes, where) for path in FILES}
    return Metrics(
        summary=flat(_parsed(content.get, SUMMARY, where, _mapping)),
        evidence=_parsed(content.get, EVIDENCE, where, _evidence),
        curves=_parsed(content.get, CURVES, where, _curves),
        hashes=hashes,
    )


def absent(read: Read, where: str) -> bool:
    """Whether a revision has no metrics: no file of them, and none that its dvc.lock names.

    Raises
    ------
    ArtifactError
        If dvc.lock is damaged.
    """
    if any(read(path) is not None for path in FILES):
        return False
    if read(lock.LOCK) is None:
        return True
    return not set(FILES) & set(_parsed(read, lock.LOCK, where, lock.outs))


def _verified(read: Read, path: str, hashes: Mapping[str, str], where: str) -> bytes:
    content = _content(read, path, where)
    if path not in hashes:
        raise ArtifactError(f"{path} {where} is no output in dvc.lock, so nothing vouches for it.")
    if hashlib.md5(content, usedforsecurity=False).hexdigest() != hashes[path]:
        raise ArtifactError(
            f"{path} {where} is not what dvc.lock says: it was edited by hand, or only one of the "
            "two was committed; run `dvc repro`, then commit both."
        )
    return content


def _content(read: Read, path: str, where: str) -> bytes:
    content = read(path)
    if content is None:
        raise ArtifactError(f"{path} {where} is missing; `dvc repro` makes it.")
    return content


def _parsed(read: Read, path: str, where: str, parse: Callable[[bytes], Any]) -> Any:
    content = _content(read, path, where)
    try:
        return parse(content)
    except (ValueError, KeyError, TypeError) as error:
        reason = " ".join(str(error).split())
        raise ArtifactError(f"{path} {where} is damaged ({reason}); run `dvc repro`.") from None


def _mapping(content: bytes) -> dict[str, Any]:
    value = json.loads(content)
    if not isinstance(value, dict):
        raise TypeError("it is no JSON object")
    return value


def _evidence(content: bytes) -> dict[str, Any]:
    value = _mapping(content)
    for key in ("headline", "main", "n_repeats", "greater_is_better", "strategies", "ceilings"):
        if key not in value:
            raise ValueError(f"it has no {key}")
    return value


def _curves(content: bytes) -> pd.DataFrame:
    table = pd.read_csv(io.BytesIO(content))
    wanted = ["strategy", "labels", "score", "low", "high"]
    if list(table.columns) != wanted:
        raise ValueError(f"its columns must be {', '.join(wanted)}")
    return table


def flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Leaves of nested mappings by dotted name: ``{"random": {"aulc": 1}}`` has ``random.aulc``."""
    leaves: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            leaves |= flat(value, f"{prefix}{key}.")
        else:
            leaves[f"{prefix}{key}"] = value
    return leaves


def unpaired_because(current: Metrics, base: Metrics) -> str | None:
    """Say why two runs cannot be compared repeat by repeat, ``None`` if they can."""
    for path in SPLITS:
        if path not in current.hashes or path not in base.hashes:
            return f"dvc.lock names no {path} in one of them"
        if current.hashes[path] != base.hashes[path]:
            return f"{path} is not the same in both"
    if current.n_repeats != base.n_repeats:
        return f"one has {base.n_repeats} repeats, the other {current.n_repeats}"
    return None
