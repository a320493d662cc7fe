"""Peak memory of the loop, measured in a separate process.

``python -m speed.memory write|run FOLDER ROWS FEATURES QUERIES``: ``write`` makes a table, ``run``
runs the loop on it and prints the peak in MB.
"""

import resource
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from active_learning.core import plugins, rng
from active_learning.data import files
from active_learning.data.dataset import Dataset
from active_learning.models.task import Task
from active_learning.simulation.simulate import Settings, simulate

CHUNK = 100_000


def write(folder: Path, n_rows: int, n_features: int) -> None:
    """Write the outputs of ``generate`` in chunks: two Gaussian classes."""
    names = [f"x{i}" for i in range(n_features)]
    fields = [*((name, pa.float64()) for name in names), ("target", pa.string())]
    ones = 0
    with pq.ParquetWriter(folder / "table.parquet", pa.schema(fields)) as writer:
        for start in range(0, n_rows, CHUNK):
            generator = rng.generator(0, start)
            size = min(CHUNK, n_rows - start)
            labels = generator.integers(0, 2, size)
            ones += int(labels.sum())
            features = generator.normal(size=(size, n_features)) + labels[:, None] / 2
            columns = [*features.T, labels.astype(str)]
            writer.write_table(pa.table(columns, schema=pa.schema(fields)))
    card = {
        "rows": n_rows,
        "target": "target",
        "classes": {"0": n_rows - ones, "1": ones},
        "roles": {},
        "kinds": {},
    }
    files.write_json(folder / "card.json", card)


def run(folder: Path, n_queries: int) -> None:
    """Read the table and run the loop on it."""
    data = Dataset.load(folder)
    rows = np.arange(len(data.labels))
    task = Task.from_dataset(
        data,
        {"initial": rows[:1000], "pool": rows[1000:-1000], "test": rows[-1000:]},
        plugins.load("learners", "logistic_regression")(),
        {"accuracy": plugins.load("scorers", "accuracy")()},
        standardize=False,
        seed=42,
    )
    strategy = plugins.load("strategies", "least_confidence")()
    oracle = plugins.load("oracles", "simulated")()
    simulate(task, strategy, oracle, Settings(n_queries, 1, seed=42, oracle_seed=42))
    print(peak_mb())


def peak_mb() -> float:
    """Peak memory of this program; on Linux ``ru_maxrss`` may include the parent's."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # in bytes on macOS
    (line,) = (line for line in status.read_text("utf-8").splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1e3


if __name__ == "__main__":
    action, where, *numbers = sys.argv[1:]
    n_rows, n_features, n_queries = map(int, numbers)
    if action == "write":
        write(Path(where), n_rows, n_features)
    else:
        run(Path(where), n_queries)
