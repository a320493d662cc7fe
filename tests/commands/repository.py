"""A small git repository with metrics that look like the pipeline's, and the lock file to them."""

import hashlib
import json
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd

from commands.gate.metrics import Metrics, flat
from stages.params import yaml

N_REPEATS = 20
LABELS = [10, 15, 20]
DATA = ("data/raw", "data/splits.parquet")
OUTS = (*DATA, "metrics/curves.csv", "metrics/strategies.json", "metrics/summary.json")
RULES = """\
rules:
- metric: '*.aulc'
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
            "scores": {headline: {"initial": start, "final": part, "aulc": part}},
            "vs_random": None,
        }
        if name != "random" and "random" in values:
            against = [a - b for a, b in zip(repeats, values["random"], strict=True)]
            rows[name]["vs_random"] = {"aulc": {"repeats": against}}
    return {
        "headline": headline,
        "main": strategies[0],
        "greater_is_better": greater_is_better,
        "n_repeats": n_repeats,
        "ceilings": {headline: {"mean": 0.91, "repeats": scores(0.91, n_repeats)}},
        "strategies": rows,
    }


def summary(of: dict) -> dict:
    """Content of metrics/summary.json."""
    found = {
        "n_labels": 110,
        "initial": 0.86,
        "ceiling": 0.91,
        "first_repeat": {"initial": 0.88, "final": 0.91},
    }
    for name, row in of["strategies"].items():
        mean = row["scores"][of["headline"]]["aulc"]["mean"]
        found[name] = {"final": mean, "aulc": mean}
        if row["vs_random"]:
            difference = round(mean - 0.87, 6)
            found[name] |= {"vs_random": difference, "vs_random_low": difference - 0.002}
            found[name]["label_savings"] = 0.5
    return found


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
    """Metrics as if they had been read, with some leaves of the summary changed."""
    of = evidence(**run)
    leaves = flat(summary(of)) | (changed or {})
    return Metrics(leaves, of, curves(of), dict.fromkeys(DATA, data))


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

    def run(self, data: str = "the same", changed: dict | None = None, **run) -> None:
        """Make the outputs of a run, and the lock file to them."""
        of = evidence(**run)
        for path in DATA:
            self.write(path, data)
        content = summary(of)
        for name, value in (changed or {}).items():
            *parts, key = name.split(".")
            inner = content
            for part in parts:
                inner = inner[part]
            inner[key] = value
        self.write("metrics/summary.json", json.dumps(content))
        self.write("metrics/strategies.json", json.dumps(of))
        self.write("metrics/curves.csv", curves(of).to_csv(index=False))
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
