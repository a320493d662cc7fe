"""Where the pipeline keeps its outputs, from the project's root."""

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
SCORES = METRICS / "scores.csv"
COMPATIBILITY = METRICS / "compatibility.csv"
REPORT = Path("report.html")
