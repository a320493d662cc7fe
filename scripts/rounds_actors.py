"""The labelling page with a server that is killed, and people who err: the parts of the proof."""

import json
import os
import random
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from commands.labels import __main__ as labels
from scripts.annotator import ADDRESS, Annotator
from stages import paths
from stages.params.rounds import RoundsParams

FORKS = get_context("fork")
COPIES = Path(".git/al-labels")
# How often people do what with a row.
HABITS = {"label": 0.91, "skip": 0.02, "unsure": 0.02, "correct": 0.03, "take back": 0.02}
MOMENT = 0.02  # seconds after an acknowledgement within which a server is killed


class Server:
    """The page's server, as a fork of this process, which has imported all that it needs.

    Parameters
    ----------
    project : Path
    env : dict of str to str
    name : str
        Annotator.

    Attributes
    ----------
    address, token : str
        The same after a restart.
    n_killed, n_interrupted : int
        Number of kills, and of those that interrupted a write.
    """

    def __init__(self, project: Path, env: Mapping[str, str], name: str) -> None:
        self.project, self.env, self.name = project, env, name
        self.address = self.token = ""
        self.n_killed = self.n_interrupted = 0

    def __enter__(self) -> Self:
        # What is imported here, each fork has.
        import_module("commands.labels.server")
        labels.parse(["check"])
        RoundsParams.read(self.project / paths.ROUNDS_PARAMS)
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._end()

    def start(self) -> None:
        """Start it, on the port that it had."""
        reader, writer = os.pipe()
        port = self.address.rpartition(":")[2] or "0"
        sys.stdout.flush()
        self._process: BaseProcess = FORKS.Process(
            target=self._serve, args=(writer, port), daemon=True
        )
        self._process.start()
        os.close(writer)
        self._output = open(reader)  # noqa: PTH123, SIM115 - until the server has ended
        lines = []
        for line in self._output:
            lines.append(line)
            if match := ADDRESS.search(line):
                self.address, self.token = match.groups()
                return
        raise RuntimeError(f"the page did not start: {''.join(lines)}")

    def kill(self) -> None:
        """Kill it as the kernel does when memory is short."""
        self._process.kill()
        self._end()
        self.n_killed += 1
        pending = self.project / COPIES / "pending"
        self.n_interrupted += pending.exists() and pending.stat().st_size > 0

    def _end(self) -> None:
        self._process.join()
        self._output.close()

    def _serve(self, writer: int, port: str) -> None:
        for stream in (sys.stdout, sys.stderr):
            os.dup2(writer, stream.fileno())
        os.chdir(self.project)
        os.environ.clear()
        os.environ.update(self.env)
        labels.main(["page", self.name, "--no-browser", "--port", port])


@dataclass(frozen=True)
class Person:
    """An annotator who errs, and now and then skips, doubts, corrects and takes back.

    Attributes
    ----------
    name : str
    right : float
        Share of rows whose true class this person sees.
    seed : int
    truth : dict of str to str
        True class of each row.
    renamed : dict of str to str
        What some classes are called later.
    """

    name: str
    right: float
    seed: int
    truth: Mapping[str, str]
    renamed: Mapping[str, str]

    def label(self, row: str) -> str:
        """What this person takes a row for, at any time."""
        chance = random.Random(f"{self.seed}|{self.name}|{row}")
        if chance.random() < self.right:
            return self.truth[row]
        return chance.choice(sorted({*self.truth.values()} - {self.truth[row]}))

    def work(
        self,
        server: Server,
        book: Path,
        limit: int | None = None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        """Decide rows until none is left, writing down each decision that was acknowledged."""
        annotator = Annotator(server.address, server.token, self.name)
        chance = random.Random()
        n = 0
        while n != limit and not stopped() and (rows := (desk := annotator.desk())["rows"]):
            classes = [one["name"] for one in desk["classes"]]
            decide = partial(
                self._decide, annotator=annotator, book=book, row=rows[0], classes=classes
            )
            (habit,) = chance.choices([*HABITS], [*HABITS.values()])
            self._follow(habit, rows[0]["row"], decide)
            n += 1

    def _follow(self, habit: str, row: str, decide: Callable[..., str]) -> None:
        label = self.label(row)
        if habit == "correct":
            slip = next(name for name in self.truth.values() if name != label)
            decide("label", label, instead_of=decide("label", slip))
        elif habit == "take back":
            decide("retract", instead_of=decide("label", label))
        else:
            decide(habit, label if habit == "label" else None)

    def _decide(
        self,
        decision: str,
        label: str | None = None,
        instead_of: str | None = None,
        *,
        annotator: Annotator,
        book: Path,
        row: dict[str, Any],
        classes: list[str],
    ) -> str:
        if label is not None and label not in classes:
            label = self.renamed[label]
        saved = annotator.decide(row, classes, decision, label, instead_of)
        line = {"id": saved, "by": self.name, "row": row["row"], "decision": decision}
        with book.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line | {"label": label}) + "\n")
        return saved


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Objects of a JSON Lines file; of none if it is missing."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def label_with_kills(
    server: Server,
    people: Sequence[Person],
    book: Path,
    *,
    n_kills: int,
    within: int,
    chance: random.Random,
    limit: int | None = None,
    endless: bool = False,
) -> None:
    """Let people label at the same time while the server is killed and started again.

    Parameters
    ----------
    server : Server
        Which is running.
    people : sequence of Person
    book : Path
        Gets a line for each decision that was acknowledged.
    n_kills : int
    within : int
        The next kill comes after at most so many decisions.
    chance : Random
    limit : int, optional
        Rows of each person; by default all.
    endless : bool, optional
        Whether people stop after the last kill, and not when no row is left.
    """
    stop = FORKS.Event()
    processes = [
        FORKS.Process(target=person.work, args=(server, book, limit, stop.is_set), daemon=True)
        for person in people
    ]
    for process in processes:
        process.start()
    for _ in range(n_kills):
        aim = _count_lines(book) + chance.randint(0, within)
        while _count_lines(book) < aim and any(process.is_alive() for process in processes):
            time.sleep(0.001)
        time.sleep(chance.uniform(0, MOMENT))
        server.kill()
        server.start()
    if endless:
        stop.set()
    for process in processes:
        process.join()
        if process.exitcode:
            raise RuntimeError("an annotator gave up; its message is above")


def _count_lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0


@dataclass(frozen=True)
class Balance:
    """What people were told is saved, against what is there.

    Attributes
    ----------
    acknowledged, lost, twice, altered, unknown : int
        Events: acknowledged; of those missing; more than once in a file; with another content; in
        a file although never acknowledged.
    """

    acknowledged: int
    lost: int
    twice: int
    altered: int
    unknown: int

    @property
    def is_right(self) -> bool:
        """Whether each acknowledged event is there exactly once, as it was given."""
        return not (self.lost or self.twice or self.altered or self.unknown)


def balance(book: Path, folder: Path) -> Balance:
    """Compare a book with the label files of a folder."""
    given = {line["id"]: line for line in read_lines(book)}
    there = [line for path in sorted(folder.glob("*.jsonl")) for line in read_lines(path)]
    ids = {line["id"] for line in there}
    fields = ("by", "row", "decision", "label")
    return Balance(
        acknowledged=len(given),
        lost=len(given.keys() - ids),
        twice=len(there) - len(ids),
        altered=sum(
            any(line[name] != given[line["id"]][name] for name in fields)
            for line in there
            if line["id"] in given
        ),
        unknown=len(ids - given.keys()),
    )
