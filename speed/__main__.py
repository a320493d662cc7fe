"""Run all measurements, print their tables, and write them to docs/speed.md."""

import argparse
import sys
import traceback
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from threadpoolctl import threadpool_limits

from active_learning.core.errors import UserError
from active_learning.data import files
from speed import engine, growth, program, report
from speed.comparison import below_goal, compare
from speed.report import Record
from speed.workloads import PEERS, WORKLOADS
from stages import command

SPEED = Path("benchmark/speed.json")

Jobs = Mapping[str, Callable[[], list[Record]]]


def options() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m speed",
        description="Measure how fast the loop is, on one thread, and write docs/speed.md.",
    )
    parser.add_argument(
        "--only",
        default="",
        metavar="TEXT",
        help="only what has TEXT in its name: a workload, overhead, repeats, shortlists, memory, "
        "growth, program; docs/speed.md stays as it is",
    )
    parser.add_argument(
        "--rounds", type=int, default=3, help="rounds of each comparison; default: %(default)s"
    )
    return parser.parse_args()


def sections(rounds: int) -> dict[str, Jobs]:
    """Measurements by name, by the table that they are in."""
    return {
        "loop": {work.name: partial(compare, work, rounds) for work in WORKLOADS},
        "engine": engine.jobs(rounds),
        "growth": {"growth": growth.measure},
        "program": {"program": partial(program.measure, rounds)},
    }


def run(jobs: Jobs, failed: list[str]) -> list[Record]:
    """Records of all jobs; the names of those that fail are appended to ``failed``."""
    records: list[Record] = []
    for name, job in jobs.items():
        print(name, file=sys.stderr, flush=True)
        try:
            records += job()
        except UserError as error:
            print(f"error: {error}", file=sys.stderr)
            failed.append(name)
        except Exception:  # what is measured so far must not be lost
            traceback.print_exc()
            failed.append(name)
    return records


def tables(section: str, records: Sequence[Record]) -> dict[str, str]:
    """Blocks of docs/speed.md that these records of a section fill, by name."""
    if section == "growth":
        return {section: f"{report.markdown(records)}\n{growth.faster_than_linear(records)}"}
    if section != "loop":
        return {section: report.markdown(records)}
    peers = [record for record in records if record["other loop"] in PEERS]
    plain = [record for record in records if record not in peers]
    return {
        name: f"{report.markdown(rows)}\n{below_goal(rows)}"
        for name, rows in (("loop", plain), ("peers", peers))
        if rows
    }


def main() -> None:
    """Measure and print; without ``--only``, write docs/speed.md too."""
    arguments = options()
    failed: list[str] = []
    results: dict[str, list[Record]] = {}
    blocks = {"machine": report.machine()}
    print(blocks["machine"], flush=True)
    with warnings.catch_warnings(), threadpool_limits(limits=1):
        warnings.simplefilter("ignore")  # of the other libraries
        for section, jobs in sections(arguments.rounds).items():
            chosen = {name: job for name, job in jobs.items() if arguments.only in name}
            if records := run(chosen, failed):
                results[section] = records
                blocks |= (new := tables(section, records))
                print(*new.values(), sep="\n", flush=True)
    if not results and not failed:
        raise UserError(f"--only must be in the name of a measurement; got {arguments.only}.")
    files.write_json(SPEED, {"machine": blocks["machine"].strip()} | results)
    if not arguments.only:
        report.write(blocks)
        if "growth" in results:
            growth.draw(results["growth"])
    if failed:
        raise UserError(f"bench: not measured: {'; '.join(failed)}.")


if __name__ == "__main__":
    command.run(main)
