"""A small git repository with metrics that look like the pipeline's, and the lock file to them."""

import hashlib
import json
import subprocess
from functools import reduce
from operator import getitem
from pathlib import Path

import numpy as np
import pandas as pd

from commands.checks.metrics import Metrics
from stages.params import yaml

N_REPEATS = 20
LABELS = [10, 15, 20]
DATA = ("data/raw", "data/splits.parquet")
OUTS = (*DATA, "metrics/curves.csv", "metrics/strategies.json", "metrics/summary.json")
CEILING = "ceilings.accuracy.mean"
AULC = "strategies.{}.scores.accuracy.aulc.mean"
MARGIN = AULC.format("margin")
RULES = f"""\
rules:
- metric: {AULC.format("*")}
  why: A loss of a whole point would change the result.
  no_regression: 0.005
"""


def scores(mean: float, n_repeats: int = N_REPEATS, seed: int = 0) -> list[float]:
    """Scores of each repeat with this very mean."""
    noise = np.random.default_rng(seed).normal(0, 0.01, n_repeats)
    return [round(float(value), 6) for value in mean + noise - noise.mean()]


def strategies(
    aulc=0.88,
    *,
    headline="accuracy",
    greater_is_better=True,
    n_repeats=N_REPEATS,
    seed=0,
    names=("margin", "random"),
) -> dict:
    """Content of metrics/strategies.json: the first strategy has this mean AULC, others 0.87."""
    start = {"mean": 0.86, "repeats": scores(0.86, n_repeats)}
    control = scores(0.87, n_repeats, seed)
    rows = {}
    for name in names:
        mean = aulc if name == names[0] else 0.87
        part = {"mean": mean, "repeats": scores(mean, n_repeats, seed)}
        against = [a - b for a, b in zip(part["repeats"], control, strict=True)]
        gain = {"difference": mean - 0.87, "low": 0.0, "p_holm": 0.01, "repeats": against}
        rows[name] = {
            "labels_bought": 20,
            "scores": {headline: {"initial": start, "final": dict(part), "aulc": part}},
            "vs_random": {"aulc": gain},
            "label_savings": {"savings": 0.5},
        }
    return {
        "headline": headline,
        "greater_is_better": {headline: greater_is_better},
        "n_repeats": n_repeats,
        "first_repeat": {"initial": 0.88, "final": 0.91, "ceiling": 0.91},
        "ceilings": {headline: {"mean": 0.91, "repeats": scores(0.91, n_repeats)}},
        "strategies": rows,
    }


def change(content: dict, changed: dict) -> dict:
    """Content with other values, given by their dotted names."""
    for name, value in changed.items():
        *parts, key = name.split(".")
        reduce(getitem, parts, content)[key] = value
    return content


def curves(content: dict) -> pd.DataFrame:
    """Content of metrics/curves.csv."""
    rows = [
        (name, labels, score, score - 0.01, score + 0.01)
        for name, row in content["strategies"].items()
        for labels in LABELS
        for score in [row["scores"][content["headline"]]["aulc"]["mean"]]
    ]
    return pd.DataFrame(rows, columns=["strategy", "labels", "score", "low", "high"])


def metrics(data: str = "the same", changed: dict | None = None, **run) -> Metrics:
    """Metrics as if they had been read, with some values changed."""
    content = strategies(**run)
    table = curves(content)
    return Metrics(change(content, changed or {}), table, dict.fromkeys(DATA, data))


class Repository:
    """A git repository with a DVC pipeline of one stage, in a folder of its own."""

    outs = OUTS

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / ".dvc").mkdir()
        self.write(".dvc/config", "[core]\n    analytics = false\n")
        self.write(".dvc/.gitignore", "/cache\n/tmp\n/config.local\n")
        self.write("source.txt", "1\n")
        self.write("checks.yaml", RULES)
        stage = {"cmd": "true", "deps": ["source.txt"]}
        stage["outs"] = [{path: {"cache": False}} for path in self.outs]
        self.write("dvc.yaml", yaml.dump({"stages": {"compare": stage}}))
        self.git("init", "--quiet", "--initial-branch", "main")

    def write(self, name: str, text: str) -> None:
        """Write a file."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def git(self, *arguments: str) -> str:
        """Run git."""
        done = subprocess.run(
            ["git", *arguments], cwd=self.path, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def run(self, data: str = "the same", changed: dict | None = None, **run) -> None:
        """Write the outputs of a run, with some values changed, and the lock file to them."""
        content = strategies(**run)
        for path in DATA:
            self.write(path, data)
        self.write("metrics/curves.csv", curves(content).to_csv(index=False))
        self.write("metrics/strategies.json", json.dumps(change(content, changed or {})))
        self.write("metrics/summary.json", '{"strategy": "margin"}')
        self.lock()

    def lock(self) -> None:
        """Write dvc.lock as DVC would after a run that left the files that are there."""
        outs = [path for path in sorted(self.outs) if (self.path / path).exists()]
        stage = {"cmd": "true", "deps": [self._entry("source.txt")]}
        stage["outs"] = [self._entry(path) for path in outs]
        self.write("dvc.lock", yaml.dump({"schema": "2.0", "stages": {"compare": stage}}))

    def _entry(self, path: str) -> dict:
        content = (self.path / path).read_bytes()
        digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
        return {"path": path, "hash": "md5", "md5": digest, "size": len(content)}

    def commit(self) -> str:
        """Commit everything, and give the commit."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "Test")
        return self.git("rev-parse", "HEAD")
