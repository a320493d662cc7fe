"""Paths of the pipeline's outputs, relative to the project's root."""

import os
import re
from pathlib import Path

DATA = Path("data")
RAW = DATA / "raw"
TABLE = RAW / "table.parquet"
CARD = RAW / "card.json"
SPLITS = DATA / "splits.parquet"
LOOPS = DATA / "query_loop"
USED = LOOPS / "params.json"

METRICS = Path("metrics")
BASELINE = METRICS / "baseline.json"
COST_CURVES = METRICS / "cost_curves.csv"
CURVES = METRICS / "curves.csv"
DIFFERENCES = METRICS / "differences.csv"
REPEATS = METRICS / "repeats.csv"
STOPPING = METRICS / "stopping.json"
STRATEGIES = METRICS / "strategies.json"
SUMMARY = METRICS / "summary.json"

PLOTS = Path("plots")
PAGE = PLOTS / "report.html"

# Outputs of the benchmark, relative to the folder of a profile.
LEADERBOARD = METRICS / "leaderboard.json"
COMPATIBILITY = METRICS / "compatibility.csv"
REPORT = Path("report.html")

# The rounds, relative to the project's root.
ROUNDS = Path("rounds")
ROUNDS_PIPELINE = ROUNDS / "pipeline.yaml"
ROUNDS_DVC = ROUNDS / "dvc.yaml"
ROUNDS_PARAMS = ROUNDS / "params.yaml"
LABELS = ROUNDS / "labels"
FORGOTTEN = ROUNDS / "forgotten.txt"
GUIDELINES = ROUNDS / "guidelines.md"
QUERIES = ROUNDS / "queries.csv"
MERGED = ROUNDS / "data" / "merged.parquet"
EVENTS = ROUNDS / "data" / "events.jsonl"
MODEL = ROUNDS / "data" / "model.skops"
MODEL_TYPES = ROUNDS / "data" / "types.json"
PREDICTIONS = ROUNDS / "data" / "predictions.parquet"
MODEL_CARD = ROUNDS / "data" / "card.md"
ROUNDS_METRICS = ROUNDS / "metrics"
ROUNDS_SUMMARY = ROUNDS_METRICS / "rounds.json"
ROUNDS_CURVE = ROUNDS_METRICS / "curve.csv"
ROUNDS_RECALL = ROUNDS_METRICS / "recall.csv"
REPLAY = ROUNDS_METRICS / "replay.csv"
CONFLICTS = ROUNDS_METRICS / "conflicts.csv"
ANNOTATORS = ROUNDS_METRICS / "annotators.csv"


def loop(strategy: str) -> Path:
    """Folder of a strategy's runs."""
    return LOOPS / slug(strategy)


def slug(name: str) -> str:
    """Name with characters that are valid in file names on any system."""
    return re.sub(r"[^\w.-]+", "_", name).lstrip(".-") or "_"


def store() -> Path:
    """Folder of the store of runs, shared by DVC's queued and temporary experiments."""
    root = Path(os.environ.get("DVC_ROOT", ""))
    return Path(os.environ.get("AL_STORE") or root / ".al_cache" / "runs")
