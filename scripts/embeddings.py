"""Write ``tables/digits.parquet``: images of digits, each with an embedding as a list of numbers.

The images are the 1,797 handwritten digits that scikit-learn ships. Their embedding stands for that
of a neural network: the first 16 principal components. Run from the project's root:
``python -m scripts.embeddings``.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from active_learning.data import files
from stages import command

TABLE = Path("tables/digits.parquet")
_COMPONENTS = 16


def main(path: Path = TABLE) -> None:
    """Embed the images, and write them with their class."""
    from sklearn.datasets import load_digits
    from sklearn.decomposition import PCA

    pixels, digits = load_digits(return_X_y=True)
    embeddings = PCA(_COMPONENTS, svd_solver="full").fit_transform(pixels)
    embeddings = embeddings.round(3).astype(np.float32)  # the same on every machine
    table = pd.DataFrame(
        {
            "image": [f"digit-{row:04d}" for row in range(len(digits))],
            "embedding": list(embeddings),
            "digit": digits,
        }
    )
    files.write_table(path, table)
    print(f"{path}: {len(table)} rows, embeddings of {_COMPONENTS} numbers")


if __name__ == "__main__":
    command.run(main)
