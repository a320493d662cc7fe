"""A small git repository with metrics that look like the pipeline's, and the lock file to them."""

import hashlib
import json
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd

from commands.gate.metrics import Metrics
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


def evidence(
    aulc=0.88,
    *,
    headline="accuracy",
    greater_is_better=True,
    n_repeats=N_REPEATS,
    seed=0,
    strategies=("margin", "random"),
) -> dict:
    """Content of metrics/strategies.json: the first strategy has this mean AULC, others 0.87."""
    means = dict.fromkeys(strategies, 0.87) | {strategies[0]: aulc}
    values = {name: scores(mean, n_repeats, seed) for name, mean in means.items()}
    start = {"mean": 0.86, "repeats": scores(0.86, n_repeats)}
    rows = {}
    for name, repeats in values.items():
        part = {"mean": means[name], "repeats": repeats}
        rows[name] = {
            "labels_bought": 20,
            "scores": {headline: {"initial": start, "final": dict(part), "aulc": part}},
            "vs_random": None,
            "label_savings": None,
        }
        if name != "random" and "random" in values:
            against = [a - b for a, b in zip(repeats, values["random"], strict=True)]
            difference = round(means[name] - 0.87, 6)
            aulc_row = {"difference": difference, "low": difference - 0.002, "p_holm": 0.01}
            rows[name]["vs_random"] = {"aulc": aulc_row | {"repeats": against}}
            rows[name]["label_savings"] = {"savings": 0.5}
    return {
        "headline": headline,
        "main": strategies[0],
        "greater_is_better": {headline: greater_is_better},
        "n_repeats": n_repeats,
        "first_repeat": {"initial": 0.88, "final": 0.91, "ceiling": 0.91},
        "ceilings": {headline: {"mean": 0.91, "repeats": scores(0.91, n_repeats)}},
        "strategies": rows,
    }


def earlier(of: dict) -> tuple[dict, dict]:
    """Content of metrics/strategies.json and summary.json as earlier versions wrote them."""
    strategies = of | {"greater_is_better": of["greater_is_better"][of["headline"]]}
    return strategies, {"n_labels": 110, "first_repeat": strategies.pop("first_repeat")}


def change(of: dict, changed: dict) -> dict:
    """Content with other values, given by their dotted names."""
    for name, value in changed.items():
        *parts, key = name.split(".")
        inner = of
        for part in parts:
            inner = inner[part]
        inner[key] = value
    return of


def curves(of: dict) -> pd.DataFrame:
    """Content of metrics/curves.csv."""
    rows = [
        (name, labels, score, score - 0.01, score + 0.01)
        for name, row in of["strategies"].items()
        for labels in LABELS
        for score in [row["scores"][of["headline"]]["aulc"]["mean"]]
    ]
    return pd.DataFrame(rows, columns=["strategy", "labels", "score", "low", "high"])


def metrics(data: str = "the same", changed: dict | None = None, **run) -> Metrics:
    """Metrics as if they had been read, with some values changed."""
    of = evidence(**run)
    table = curves(of)
    return Metrics(change(of, changed or {}), table, dict.fromkeys(DATA, data))


class Repository:
    """A git repository with a DVC pipeline of one stage, in a folder of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / ".dvc").mkdir()
        self.write(".dvc/config", "[core]\n    analytics = false\n")
        self.write(".dvc/.gitignore", "/cache\n/tmp\n/config.local\n")
        self.write("source.txt", "1\n")
        self.write("checks.yaml", RULES)
        stage = {"cmd": "true", "deps": ["source.txt"]}
        stage["outs"] = [{path: {"cache": False}} for path in OUTS]
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

    def run(
        self, data: str = "the same", changed: dict | None = None, *, old: bool = False, **run
    ) -> None:
        """Make the outputs of a run, maybe of an earlier version, and the lock file to them."""
        of = evidence(**run)
        for path in DATA:
            self.write(path, data)
        self.write("metrics/curves.csv", curves(of).to_csv(index=False))
        of = change(of, changed or {})
        strategies, summary = earlier(of) if old else (of, {"strategy": of["main"]})
        self.write("metrics/strategies.json", json.dumps(strategies))
        self.write("metrics/summary.json", json.dumps(summary))
        self.lock()

    def lock(self) -> None:
        """Write dvc.lock as DVC would after a run that left the files that are there."""
        stage = {
            "cmd": "true",
            "deps": [self._entry("source.txt")],
            "outs": [self._entry(path) for path in sorted(OUTS) if (self.path / path).exists()],
        }
        text = yaml.dump({"schema": "2.0", "stages": {"compare": stage}})
        self.write("dvc.lock", text)

    def _entry(self, path: str) -> dict:
        content = (self.path / path).read_bytes()
        digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
        return {"path": path, "hash": "md5", "md5": digest, "size": len(content)}

    def commit(self) -> str:
        """Commit everything, and give the commit."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "Test")
        return self.git("rev-parse", "HEAD")
