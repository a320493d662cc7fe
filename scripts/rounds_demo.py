"""Rounds of labelling without a person: a script labels images of digits through the page.

Clones the project into a folder of its own, writes the 1,797 digits of scikit-learn as images and
as a table without labels, labels three rounds, and shows the accuracy after each.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from active_learning.data import files
from scripts.annotator import serve
from stages import command, git
from stages.paths import ROUNDS_CURVE

N_ROUNDS = 3
SIZE = 96  # pixels of an image on each side
TABLE = Path("tables/digits.csv")
IMAGES = Path("tables/digits")


def write_digits(project: Path) -> dict[str, str]:
    """Write table and images; returns the true label of each row, by id."""
    from PIL import Image
    from sklearn.datasets import load_digits

    digits = load_digits()
    ids = [f"d{number:04d}" for number in range(len(digits.data))]
    table = pd.DataFrame(digits.data.astype(int), columns=[f"p{n:02d}" for n in range(64)])
    table.insert(0, "id", ids)
    table.insert(1, "image", [f"{name}.png" for name in ids])
    files.write_table(project / TABLE, table)
    (project / IMAGES).mkdir(parents=True)
    for name, pixels in zip(ids, digits.images, strict=True):
        grey = (255 - pixels * 255 / 16).astype(np.uint8)
        picture = Image.fromarray(grey).resize((SIZE, SIZE), Image.Resampling.NEAREST)
        picture.save(project / IMAGES / f"{name}.png")
    return dict(zip(ids, digits.target.astype(str), strict=True))


def run(project: Path, *arguments: str) -> None:
    """Run a command of the rounds in the project."""
    subprocess.run(
        [sys.executable, "-m", "commands.labels", *arguments],
        cwd=project,
        env=git.environment(),
        check=True,
    )


def demo(project: Path) -> None:
    """Label three rounds, each by its queries."""
    root = git.line("rev-parse", "--show-toplevel")
    git.git("clone", "--quiet", root, str(project))
    truth = write_digits(project)
    classes = ",".join(sorted(set(truth.values())))
    images = ["--image", "image", "--image-folder", str(IMAGES)]
    run(project, "start", str(TABLE), "--id", "id", "--classes", classes, *images)
    run(project, "round")
    for number in range(1, N_ROUNDS + 1):
        with serve(project, "script") as annotator:
            n = annotator.label_all(truth.__getitem__)
        print(f"round {number}: {n} rows labelled", flush=True)
        run(project, "round")


def show(curve: pd.DataFrame) -> None:
    """Print the accuracy after each round, with a bar for each."""
    for _, point in curve.iterrows():
        bar = "#" * round(40 * float(point["accuracy"]))
        print(
            f"round {point['round']:.0f}: {point['labels']:3.0f} labels, accuracy "
            f"{point['accuracy']:.2f} ({point['low']:.2f} to {point['high']:.2f}) {bar}"
        )


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the demo in a temporary folder, or in one that stays."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.rounds_demo",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--folder", type=Path, help="new folder, which stays (default: none)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="rounds-demo-") as temporary:
        project = options.folder or Path(temporary) / "project"
        demo(project)
        show(files.read_table(project / ROUNDS_CURVE))
    if options.folder:
        print(f"The project is in {options.folder}: cd there, and make label NAME=you goes on.")


if __name__ == "__main__":
    command.run(lambda: main(sys.argv[1:]))
