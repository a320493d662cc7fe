"""Where the artifacts of the pipeline are, from the root of the project."""

from pathlib import Path

RAW = Path("data/raw")
TABLE = RAW / "table.parquet"
CARD = RAW / "card.json"
SPLITS = Path("data/splits.parquet")
LOOPS = Path("data/query_loop")
METRICS = Path("metrics")
