"""A project in which rounds have begun, with events instead of people."""

import json
import random
import uuid
from datetime import UTC, datetime

import pandas as pd
from sklearn.datasets import load_digits

from tests.pipeline.clone import Clone

CLASSES = ["0", "1", "2", "3", "4"]


def digits(n=200):
    """Table of small digits below 5, and their classes by id."""
    data = load_digits(n_class=5)
    table = pd.DataFrame(data.data[:n].astype(int), columns=[f"p{i:02d}" for i in range(64)])
    table.insert(0, "id", [f"d{i:03d}" for i in range(n)])
    return table, dict(zip(table["id"], data.target[:n].astype(str).tolist(), strict=True))


def begin(project: Clone, table, *options):
    """Write a table, start rounds on it and commit them."""
    table.to_csv(project.path / "tables" / "digits.csv", index=False)
    labels(
        project,
        "start",
        "tables/digits.csv",
        "--id",
        "id",
        "--classes",
        ",".join(CLASSES),
        *options,
    )
    project.run("git", "add", "--all")
    project.run("git", "commit", "--quiet", "--message", "Start rounds")


def labels(project, *arguments, ok=True):
    """Run a command of the rounds; give what it prints."""
    done = project.run("python", "-m", "commands.labels", *arguments, ok=ok)
    return done.stdout if ok else done.stderr


def queries(project):
    """Rows to label."""
    return pd.read_csv(project.path / "rounds/queries.csv", dtype=str, keep_default_na=False)


def metrics(project):
    """Metrics of the last round."""
    return json.loads((project.path / "rounds/metrics/rounds.json").read_text())


def events(project, name):
    """Events of an annotator, as they are in the file."""
    path = project.path / f"rounds/labels/{name}.jsonl"
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def event(project, row, label, by="a1", **changes):
    """A label of today."""
    from active_learning.rounds.events import timestamp
    from active_learning.rounds.table import LabelTable
    from stages.params.rounds import RoundsParams

    params = RoundsParams.read(project.path / "rounds/params.yaml")
    table = LabelTable.read(str(project.path / params.table.path), id=params.table.id)
    return {
        "v": 1,
        "id": str(uuid.uuid4()),
        "time": timestamp(datetime.now(UTC)),
        "by": by,
        "row": row,
        "seen": table.digest(row),
        "decision": "label",
        "label": label,
        "why": "query",
        "round": 1,
        "classes": params.classes.digest,
        "seconds": 1.0,
        "source": "page",
    } | changes


def give(project, rows, truth, by="a1", right=1.0, seed=0):
    """Write labels of rows of the round as the page does, with both copies."""
    chance = random.Random(seed)
    number = int(queries(project)["round"].iloc[0])
    lines = []
    for row in rows:
        label = truth[row] if chance.random() < right else chance.choice(CLASSES)
        lines.append(json.dumps(event(project, row, label, by, round=number)))
    for folder in (".git/al-labels", "rounds/labels"):
        path = project.path / folder / f"{by}.jsonl"
        path.parent.mkdir(exist_ok=True)
        with path.open("a") as file:
            file.writelines(f"{line}\n" for line in lines)
    project.run("git", "add", f"rounds/labels/{by}.jsonl")
