"""Run all speed measurements: print tables and write ``benchmark/speed.json``."""

import argparse
import warnings
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from active_learning.data import files
from speed import engine
from speed.comparison import compare
from speed.workloads import WORKLOADS
from stages import command

SPEED = Path("benchmark/speed.json")
LIBRARIES = ("ours", "textbook", "scikit-activeml", "small-text")


def options() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m speed", description="Measure how fast the loop is, on one thread."
    )
    parser.add_argument(
        "--only", default="", metavar="TEXT", help="only comparisons whose name contains TEXT"
    )
    parser.add_argument(
        "--rounds", type=int, default=3, help="rounds of each comparison; default: %(default)s"
    )
    return parser.parse_args()


def compare_libraries(only: str, rounds: int) -> list[dict[str, Any]]:
    """Compare the libraries on every workload whose name contains ``only``."""
    print("CPU ms per query, and how many times faster ours is (target)")
    print(f"{'workload':22}" + "".join(f"{name:>16}" for name in LIBRARIES), end="")
    print(f"{'× textbook':>16}{'× best peer':>16}")
    rows = []
    for workload in WORKLOADS:
        if only in workload.name:
            row = compare(workload, rounds)
            rows.append(row)
            times = "".join(f"{row['cpu_ms_per_query'][name]:16.2f}" for name in LIBRARIES)
            print(
                f"{row['workload']:22}{times}"
                f"{row['times_textbook']:9.1f} ({workload.textbook_target:g})".ljust(102)
                + f"{row['times_best_peer']:9.1f} ({workload.peer_target:g})",
                flush=True,
            )
    return rows


def measure_engine(rounds: int) -> dict[str, Any]:
    """Measure the loop by itself."""
    overhead = engine.bookkeeping()
    print(f"\nbookkeeping: {overhead:.3f} CPU ms per query (at most 0.05)")
    many = engine.many_repeats(rounds)
    print(
        f"{many['workload']}: {many['seconds']:.1f} s in 2 processes, "
        f"{many['times_serial_textbook']:.0f} × the serial textbook loop (30)"
    )
    lists = [engine.shortlists(workload, rounds) for workload in engine.HARD]
    for row in lists:
        print(f"shortlists, {row['workload']}: {row['times_full_pass']:.2f} × a full pass (0.9)")
    memory = [engine.memory(*size) for size in ((1_000_000, 50), (10_000_000, 10))]
    for row, target in zip(memory, (" (at most 730)", ""), strict=True):
        print(
            f"memory, {row['workload']}: table {row['table_mb']:.0f} MB, "
            f"peak {row['peak_mb']:.0f} MB{target}"
        )
    return {"bookkeeping": overhead, "repeats": many, "shortlists": lists, "memory": memory}


def main() -> None:
    """Compare the loops, then measure ours by itself."""
    arguments = options()
    with warnings.catch_warnings(), threadpool_limits(limits=1):
        warnings.simplefilter("ignore")  # of the other libraries
        results: dict[str, Any] = {"loops": compare_libraries(arguments.only, arguments.rounds)}
        if not arguments.only:
            results |= measure_engine(arguments.rounds)
    files.write_json(SPEED, results)
    print(SPEED)


if __name__ == "__main__":
    command.run(main)
