"""Where the pipeline keeps its outputs, from the project's root."""

import os
import re
from pathlib import Path

DATA = Path("data")
RAW = DATA / "raw"
TABLE = RAW / "table.parquet"
CARD = RAW / "card.json"
SPLITS = DATA / "splits.parquet"
LOOPS = DATA / "query_loop"

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

# Of the benchmark, from the folder of a profile.
LEADERBOARD = METRICS / "leaderboard.json"
COMPATIBILITY = METRICS / "compatibility.csv"
REPORT = Path("report.html")


def loop(strategy: str) -> Path:
    """Folder of a strategy's runs, whatever characters its name has."""
    return LOOPS / slug(strategy)


def slug(name: str) -> str:
    """Name as a file can have it on any system."""
    return re.sub(r"[^\w.-]+", "_", name).lstrip(".-") or "_"


def store() -> Path:
    """Folder of the store of runs, which DVC's queued and temporary experiments share."""
    root = Path(os.environ.get("DVC_ROOT", ""))
    return Path(os.environ.get("AL_STORE") or root / ".al_cache" / "runs")
