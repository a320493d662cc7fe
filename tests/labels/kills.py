"""Kill writers of labels again and again: `python -m tests.labels.kills 1000`, in a repository.

Two processes write to the same files; both, or one of them, are killed by SIGKILL at a random time.
What they say they have saved must be there, once, in both copies.
"""

import json
import os
import random
import signal
import sys
import time
from collections import Counter

from active_learning.core.errors import UserError
from stages.rounds import guard, lines
from stages.rounds.journal import Journal
from tests.labels.repository import event


def write(journal, pipe, start):
    """Give labels until killed; say which are saved."""
    journal.finish()
    for number in range(start, start + 1000):
        # Now and then several at once, as an import does.
        events = [
            event(number * 10 + i, by=f"a{number % 2}") for i in range(9 * (number % 5 == 0) + 1)
        ]
        try:
            journal.append(events)
        except UserError as error:
            os.write(pipe, f"! {error}\n".encode())
            os._exit(1)
        os.write(pipe, "".join(f"{one.id}\n" for one in events).encode())


def fork(journal, start):
    """Start a writer; give its process and where it says what it has saved."""
    said, pipe = os.pipe()
    process = os.fork()
    if not process:
        os.close(said)
        write(journal, pipe, start)
        os._exit(0)
    os.close(pipe)
    return process, said


def kill(n_kills, seed=1):
    """Kill writers; give counts."""
    rng = random.Random(seed)
    saved, errors, redone, alarms = set(), [], 0, 0
    journal = Journal.of_repository()
    for round_number in range(n_kills):
        if round_number % 5 == 0:
            journal.finish()
        writers = [fork(journal, (2 * round_number + k) * 1000) for k in range(2)]
        time.sleep(rng.uniform(0.01, 0.1))
        if round_number % 5 == 0:
            alarms += bool(guard.find_losses(journal).missing)
        for process, _ in writers:
            os.kill(process, signal.SIGKILL)
            time.sleep(rng.choice([0, 0, 0.005]))  # the other one goes on for a while
        for process, said in writers:
            os.waitpid(process, 0)
            with os.fdopen(said, encoding="utf-8") as file:
                told = file.read().splitlines()
            errors += [line for line in told if line.startswith("!")]
            saved |= {line for line in told if not line.startswith("!")}
        redone += any(path.stat().st_size for path in journal.copies.glob("pending"))
    journal.finish()
    _, copies = journal.both()
    in_files = Counter(one.id for one in journal.read().events)
    n_lines = Counter(
        fields["id"]
        for content in copies.values()
        for line in lines.split(content)
        if (fields := lines.parse(line))
    )
    losses = guard.find_losses(journal)
    return {
        "kills": n_kills,
        "saved": len(saved),
        "interrupted": redone,
        "torn": sum(journal.read().torn.values()),
        "twice": journal.read().n_duplicates + sum(n > 1 for n in n_lines.values()),
        "lost": len(saved - in_files.keys()) + len(saved - n_lines.keys()),
        "alarms": alarms,
        "missing": len(losses.missing) + len(losses.changed),
        "errors": errors,
    }


if __name__ == "__main__":
    print(json.dumps(kill(int(sys.argv[1]))))
