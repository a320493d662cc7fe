"""Prove that no label is lost: simulated projects of labelling, with all that goes wrong in them.

Each project is a clone in which two scripted annotators, right on 97% and 85% of the rows, label
handwritten digits in rounds through the page. Its server is killed ten times, an old experiment of
the root pipeline is applied twice in the middle of a round, two clones that both labelled and
trained are merged, a class is renamed and rows are added. In the end

- each acknowledged decision must be in the label files exactly once,
- the merged labels must equal those of a recount that shares no code with the project,
- a fresh clone must give the same bytes,
- and the interval of the accuracy should hold the truth.

Which truth? The interval is of the share of rows of the table's source on which the model says what
people say. So it is compared with labels as people give them (twice for some rows, as in the
hold-out), on rows of the same source that are not in the table. The comparison with true classes,
and with the rows that nobody labelled, which lack the hard ones since those were queried, is in the
results, too, and is no promise. Of 20 projects at least 18 should keep it: 19 are expected.

A seed decides the table and who errs where, not what happens at the same time as what.

`--kills N` kills the server N times in small projects instead. Results are lines of a file, one for
each project; those that are there are not made again.
"""

import argparse
import filecmp
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from scripts.forks import environment, preimported
from scripts.rounds_actors import COPIES, Person, Server, balance, label_with_kills, read_lines
from stages import command, git, paths
from stages.params import yaml

RESULTS = Path(".al_cache/rounds_proof.jsonl")
TABLE = Path("tables/digits.csv")
FRESH = Path("tables/fresh.csv")
N_ROWS, N_ADDED = 200, 50
RIGHT = {"a1": 0.97, "b2": 0.85}
RENAMED = {"7": "seven"}
COMPARED = ("queries.csv", "metrics", "data")
KILLS_PER_PROJECT = 100
# The root pipeline, as small as it gets.
SMALL = {
    "generate.checks": "off",
    "generate.synthetic.n_samples": 120,
    "split.repeats": 3,
    "query_loop.budget": 3,
    "compare.n_resamples": 200,
    "plot.dpi": 50,
}


@dataclass(frozen=True)
class Plan:
    """What happens in which round.

    Attributes
    ----------
    n_rounds : int
    kills : dict of int to int
        Number of kills in a round.
    experiment : int
        After this round, the experiment of the root pipeline is run.
    add_rows, rename : int or None
        Before this round, rows are added, or a class is renamed.
    merge : int
        In this round, there are two clones.
    apply : tuple of int
        In the middle of these rounds, the experiment is applied.
    """

    n_rounds: int = 10
    kills: Mapping[int, int] = field(default_factory=lambda: dict.fromkeys(range(1, 11), 1))
    experiment: int = 2
    add_rows: int | None = 4
    rename: int | None = 6
    merge: int = 7
    apply: tuple[int, ...] = (5, 8)


SHORT = Plan(
    n_rounds=3, kills={1: 1, 3: 1}, experiment=1, add_rows=None, rename=3, merge=3, apply=(2,)
)


@dataclass(frozen=True)
class Project:
    """A clone, and the commands that run in it."""

    path: Path
    env: Mapping[str, str]

    def run(self, *arguments: str, fails: bool = False) -> str:
        """Output of a command, which must succeed, or fail."""
        done = subprocess.run(
            arguments, cwd=self.path, env=self.env, stdin=subprocess.DEVNULL, capture_output=True,
            text=True, check=False,
        )  # fmt: skip
        if fails != bool(done.returncode):
            raise RuntimeError(f"{' '.join(arguments)}\n{done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def labels(self, *arguments: str, fails: bool = False) -> str:
        """Run a command of the rounds."""
        return self.run("python", "-m", "commands.labels", *arguments, fails=fails)

    def round(self) -> None:
        """Train, choose the next rows, and commit."""
        self.labels("round")
        self.commit("Round")

    def commit(self, message: str) -> None:
        """Commit everything."""
        self.run("git", "add", "--all")
        self.run("git", "commit", "--quiet", "--allow-empty", "--message", message)

    def set_params(self, path: Path, values: Mapping[str, Any]) -> None:
        """Change params by their dotted names."""
        params = yaml.read(self.path / path)
        for name, value in values.items():
            *sections, key = name.split(".")
            section = params
            for one in sections:
                section = section[one]
            section[key] = value
        (self.path / path).write_text(yaml.dump(params), encoding="utf-8")

    def clone(self, path: Path) -> "Project":
        """Clone the repository."""
        self.run("git", "clone", "--quiet", str(self.path), str(path))
        return Project(path, self.env)

    def copy(self, path: Path) -> "Project":
        """Copy everything, with history and DVC's cache."""
        shutil.copytree(self.path, path, symlinks=True)
        return Project(path, self.env)


@contextmanager
def template() -> Iterator[Project]:
    """A clone of this project with small params, in a folder that is deleted in the end."""
    with tempfile.TemporaryDirectory(prefix="rounds-proof-") as folder:
        base = Path(folder)
        with preimported(base / "bin", environment(base / "home")) as env:
            root = Project(Path(git.line("rev-parse", "--show-toplevel")), env)
            project = root.clone(base / "template")
            project.set_params(Path("params.yaml"), SMALL)
            project.commit("Make the root pipeline small")
            yield project


class Digits:
    """The digits of scikit-learn, in an order of its own for each seed."""

    def __init__(self, seed: int) -> None:
        from sklearn.datasets import load_digits

        data = load_digits()
        order = np.random.default_rng(seed).permutation(len(data.data))
        self.table = pd.DataFrame(
            data.data[order].astype(int), columns=[f"p{n:02d}" for n in range(64)]
        )
        self.table.insert(0, "id", [f"d{number:04d}" for number in order])
        self.truth = dict(zip(self.table["id"], data.target[order].astype(str), strict=True))

    def write(self, project: Project, path: Path, start: int, stop: int | None) -> None:
        """Write some rows to a file of a project."""
        self.table.iloc[start:stop].to_csv(project.path / path, index=False)


def begin(project: Project, digits: Digits, n_rows: int, *, seed: int, **query: Any) -> None:
    """Begin rounds on a table of digits, and commit."""
    digits.write(project, TABLE, 0, n_rows)
    classes = ",".join(sorted(set(digits.truth.values())))
    people = ",".join(RIGHT)
    options = ["--id", "id", "--classes", classes, "--annotators", people]
    project.labels("start", str(TABLE), *options)
    values = {
        # Three in ten of 250 rows: with the usual one in ten the interval would be very wide.
        "holdout.share": 0.3,
        "holdout.seed": seed,
        # The model that goes out is the one that is measured.
        "artifact.refit": False,
        **{f"query.{name}": value for name, value in query.items()},
    }
    project.set_params(paths.ROUNDS_PARAMS, values)
    project.commit("Start rounds")


def make_people(seed: int, truth: Mapping[str, str]) -> dict[str, Person]:
    """Both annotators."""
    return {name: Person(name, right, seed, truth, RENAMED) for name, right in RIGHT.items()}


@dataclass
class Simulation:
    """One project from the first round to the last."""

    project: Project
    folder: Path
    plan: Plan
    seed: int

    def __post_init__(self) -> None:
        self.digits = Digits(self.seed)
        self.people = make_people(self.seed, self.digits.truth)
        self.chance = random.Random(self.seed)
        self.book = self.folder / "book.jsonl"
        self.n_killed = self.n_interrupted = 0

    def run(self) -> dict[str, Any]:
        """Label all rounds; gives the result."""
        start = time.monotonic()
        begin(self.project, self.digits, N_ROWS, seed=self.seed)
        self.project.round()
        for number in range(1, self.plan.n_rounds + 1):
            self._round(number)
        return {"seed": self.seed, **self._result(), "seconds": round(time.monotonic() - start)}

    def _round(self, number: int) -> None:
        plan = self.plan
        if number == plan.add_rows:
            self.digits.write(self.project, TABLE, 0, N_ROWS + N_ADDED)
            self.project.round()
        if number == plan.rename:
            self._rename()
        if number == plan.merge:
            self._merge(number)
        elif number in plan.apply:
            self._apply(number)
        else:
            self._label(self.project, list(RIGHT), number)
        self.project.round()
        if number == plan.experiment:
            self.project.run("dvc", "exp", "run", "--name", "old", "-S", "plot.dpi=60", "dvc.yaml")
            self.project.run("git", "checkout", "--quiet", ".")

    def _label(
        self, project: Project, names: Sequence[str], number: int = 0, limit: int | None = None
    ) -> None:
        with Server(project.path, project.env, names[0]) as server:
            self._decide(server, names, number, limit)

    def _decide(
        self, server: Server, names: Sequence[str], number: int = 0, limit: int | None = None
    ) -> None:
        before = server.n_killed, server.n_interrupted
        label_with_kills(
            server,
            [self.people[name] for name in names],
            self.book,
            n_kills=self.plan.kills.get(number, 0),
            within=15,
            chance=self.chance,
            limit=limit,
        )
        self.n_killed += server.n_killed - before[0]
        self.n_interrupted += server.n_interrupted - before[1]

    def _rename(self) -> None:
        names = [str(number) for number in range(10)]
        classes = {
            RENAMED.get(name, name): {"was": [name]} if name in RENAMED else {} for name in names
        }
        self.project.set_params(paths.ROUNDS_PARAMS, {"classes": classes})
        self.project.round()

    def _apply(self, number: int) -> None:
        """Apply the old experiment in the middle of a round, while the page is open."""
        with Server(self.project.path, self.project.env, "a1") as server:
            self._decide(server, list(RIGHT), limit=4)
            self.project.run("dvc", "exp", "apply", "old")
            self.project.labels("check", fails=True)
            self.project.labels("recover")
            self.project.labels("check")
            back = [".", f":!{paths.LABELS}"]
            self.project.run("git", "checkout", "--quiet", "HEAD", "--", *back)
            self._decide(server, list(RIGHT), number)

    def _merge(self, number: int) -> None:
        """Two clones in which one person each labels and trains, and their merge."""
        other = self.project.clone(self.folder / "other")
        queries = pd.read_csv(self.project.path / paths.QUERIES)
        for project, name in ((self.project, "a1"), (other, "b2")):
            n_own = int((queries["for"] == name).sum())
            self._label(project, [name], number if project is self.project else 0, n_own)
            project.round()
        pull = ["git", "pull", "--quiet", "--no-rebase", str(other.path)]
        self.project.run(*pull, fails=True)

    def _result(self) -> dict[str, Any]:
        fresh = self.project.clone(self.folder / "fresh")
        fresh.run("dvc", "repro", str(paths.ROUNDS_DVC))
        rounds = paths.ROUNDS
        counts = balance(self.book, fresh.path / paths.LABELS)
        merged = pd.read_parquet(self.project.path / paths.MERGED).set_index("row")["label"]
        expected = recount(read_lines(self.book), RENAMED if self.plan.rename else {})
        return {
            "kills": self.n_killed,
            "interrupted": self.n_interrupted,
            **asdict(counts),
            "recount_differs": merged.dropna().to_dict() != expected,
            "bytes_differ": differences(self.project.path / rounds, fresh.path / rounds),
            **self._truth(),
        }

    def _truth(self) -> dict[str, Any]:
        """What was measured, and what is true."""
        project = self.project
        summary = json.loads((project.path / paths.ROUNDS_SUMMARY).read_text("utf-8"))
        n_rows = N_ROWS + (N_ADDED if self.plan.add_rows else 0)
        self.digits.write(project, FRESH, n_rows, None)
        project.run("python", "-m", "commands.predict", str(FRESH), "--out", "predicted.csv")
        predicted = pd.read_csv(project.path / "predicted.csv", dtype=str)
        fresh = dict(zip(predicted["id"], predicted["label"], strict=True))
        of_table = pd.read_parquet(project.path / paths.PREDICTIONS)
        merged = pd.read_parquet(project.path / paths.MERGED)
        unlabelled = dict(zip(of_table["row"], of_table["label"], strict=True))
        for row in merged["row"]:
            del unlabelled[row]
        measured = merged[merged["holdout"] & (merged["status"] == "labelled")]
        share_twice = float((measured["votes"] > 1).mean())
        return {
            **{name: summary[name] for name in ("labels", "holdout", "accuracy", "low", "high")},
            "unlabelled": len(unlabelled),
            "truth": {
                "people, fresh rows": self._agreement(fresh, share_twice),
                "true classes, fresh rows": self._accuracy(fresh),
                "people, rows nobody labelled": self._agreement(unlabelled, share_twice),
                "true classes, rows nobody labelled": self._accuracy(unlabelled),
            },
        }

    def _accuracy(self, predictions: Mapping[str, str]) -> float:
        right = [original(label) == self.digits.truth[row] for row, label in predictions.items()]
        return float(np.mean(right))

    def _agreement(self, predictions: Mapping[str, str], share_twice: float) -> float:
        """Share of rows on which the model says what people would say.

        Of two people who label a row both must say the same; other rows have no label.
        """
        once, twice = [], []
        for row, label in predictions.items():
            said = [person.label(row) for person in self.people.values()]
            right = [original(label) == one for one in said]
            once.append(np.mean(right))
            if len(set(said)) == 1:
                twice.append(right[0])
        return float((1 - share_twice) * np.mean(once) + share_twice * np.mean(twice))


def original(label: str) -> str:
    """What a class was called at first."""
    return {new: old for old, new in RENAMED.items()}.get(label, label)


def recount(decisions: Sequence[Mapping[str, Any]], renamed: Mapping[str, str]) -> dict[str, str]:
    """Label of each row by the majority, from what was acknowledged alone."""
    last = {(one["row"], one["by"]): one for one in decisions}
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for (row, _), one in last.items():
        if one["decision"] == "label":
            votes[row][renamed.get(one["label"], one["label"])] += 1
    labels = {}
    for row, counter in votes.items():
        (label, n), *others = counter.most_common()
        if all(n > other for _, other in others):
            labels[row] = label
    return labels


def differences(one: Path, other: Path) -> list[str]:
    """Results of the rounds that two clones do not both have with the same bytes."""
    names = {
        path.relative_to(root).as_posix()
        for root in (one, other)
        for name in COMPARED
        for path in (root / name, *(root / name).rglob("*"))
        if path.is_file()
    }
    same, _, _ = filecmp.cmpfiles(one, other, names, shallow=False)
    return sorted(names - {*same})


def kill_often(project: Project, folder: Path, number: int, n_kills: int) -> dict[str, Any]:
    """Two people label while the server is killed again and again; gives the result."""
    start = time.monotonic()
    digits = Digits(number)
    chance = random.Random(number)
    book = folder / "book.jsonl"
    digits.table = digits.table.iloc[:, :9]  # quick to read
    begin(project, digits, 900, seed=number, start="random", start_size=800)
    project.labels("round")
    with Server(project.path, project.env, "a1") as server:
        label_with_kills(
            server,
            list(make_people(number, digits.truth).values()),
            book,
            n_kills=n_kills,
            within=6,
            chance=chance,
            endless=True,
        )
    first, second = (balance(book, project.path / name) for name in (paths.LABELS, COPIES))
    project.labels("check")
    return {
        "project": number,
        "kills": server.n_killed,
        "interrupted": server.n_interrupted,
        **asdict(first),
        "second_copy_is_right": second.is_right,
        "seconds": round(time.monotonic() - start),
    }


def prove(seeds: Sequence[int], plan: Plan, out: Path) -> None:
    """Simulate the projects that have no result yet."""
    done = {line["seed"] for line in read_lines(out) if "seed" in line}
    if not (left := [seed for seed in seeds if seed not in done]):
        return
    with template() as project:
        # Unchanged since: an experiment with a change of the plots runs one stage.
        project.run("dvc", "repro", "dvc.yaml")
        project.commit("Run the root pipeline")
        for seed in left:
            with own_folder(project) as folder:
                clone = project.copy(folder / "project")
                write(out, Simulation(clone, folder, plan, seed).run())


def kill(n_kills: int, out: Path) -> None:
    """Kill the server in small projects until the results have so many kills."""
    done = [line for line in read_lines(out) if "project" in line]
    left = n_kills - sum(line["kills"] for line in done)
    if left <= 0:
        return
    with template() as project:
        number = 1 + max((line["project"] for line in done), default=-1)
        while left > 0:
            with own_folder(project) as folder:
                clone = project.copy(folder / "project")
                result = kill_often(clone, folder, number, min(left, KILLS_PER_PROJECT))
                write(out, result)
            left -= result["kills"]
            number += 1


@contextmanager
def own_folder(project: Project) -> Iterator[Path]:
    """Folder beside a project, which is deleted in the end."""
    with tempfile.TemporaryDirectory(dir=project.path.parent) as folder:
        yield Path(folder)


def write(out: Path, result: Mapping[str, Any]) -> None:
    """Append a result, and show it."""
    out.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps(result)
    with out.open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    print(line, flush=True)


def holds(result: Mapping[str, Any]) -> bool:
    """Whether nothing is lost, and all results are what they must be."""
    wrong = ("lost", "twice", "altered", "unknown", "recount_differs", "bytes_differ")
    return not any(result.get(name) for name in wrong) and result.get("second_copy_is_right", True)


def summarise(results: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Figures of all results, a line each."""
    for name, of in (("projects", "seed"), ("projects that only kill", "project")):
        chosen = [line for line in results if of in line]
        if not chosen:
            continue
        total = {
            key: sum(line[key] for line in chosen)
            for key in ("kills", "interrupted", "acknowledged", "lost", "twice", "altered")
        }
        yield (
            f"{len(chosen)} {name}: {total['kills']} kills, {total['interrupted']} of them in the "
            f"middle of a write; {total['acknowledged']} decisions acknowledged, {total['lost']} "
            f"lost, {total['twice']} twice, {total['altered']} altered"
        )
    chosen = [line for line in results if "seed" in line]
    for key, text in (
        ("recount_differs", "a recount gives other labels"),
        ("bytes_differ", "a fresh clone gives other bytes"),
    ):
        if chosen:
            yield f"{sum(bool(line[key]) for line in chosen)} of {len(chosen)}: {text}"
    for name in chosen[0]["truth"] if chosen else ():
        inside = [line["low"] <= line["truth"][name] <= line["high"] for line in chosen]
        offset = np.mean([line["accuracy"] - line["truth"][name] for line in chosen])
        yield (
            f"{sum(inside)} of {len(inside)}: the interval holds the share of {name}; "
            f"accuracy minus that share, mean: {offset:+.3f}"
        )


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what has no result yet; fail if a promise is broken."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.rounds_proof",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seeds", type=int, default=20, help="number of projects (%(default)s)")
    parser.add_argument("--kills", type=int, help="number of kills, instead of whole projects")
    parser.add_argument("--short", action="store_true", help="three rounds instead of ten")
    parser.add_argument("--out", type=Path, default=RESULTS, help="results (%(default)s)")
    options = parser.parse_args(arguments)
    if options.kills is None:
        prove(range(options.seeds), SHORT if options.short else Plan(), options.out)
    else:
        kill(options.kills, options.out)
    results = read_lines(options.out)
    print(*summarise(results), sep="\n")
    if not all(map(holds, results)):
        sys.exit("A label was lost or doubled, or a result cannot be reproduced; see above.")


if __name__ == "__main__":
    command.run(main)
