"""The tasks of all repeats: one data set, one learner, many splits."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import joblib
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from active_learning.core.bases import Learner, Scorer
from active_learning.data.dataset import Dataset
from active_learning.data.preprocessing import Preprocess
from active_learning.models.task import Task, deterministic_numerics


@dataclass(frozen=True)
class Tasks:
    """A data set with its splits, learner and scorers: a sequence with one task per repeat.

    Attributes
    ----------
    data : Dataset
    parts : sequence of dict of str to ndarray
        Rows of ``test``, ``initial`` and ``pool`` in each repeat.
    learner : Learner
    seed : int
        Seed of the learner; repeat r uses ``seed + r``.
    scorers : dict of str to Scorer
    standardize : bool
    preprocess : Preprocess or None
    split_order : bool
        As in ``Task.from_dataset``.
    """

    data: Dataset
    parts: Sequence[Mapping[str, NDArray[np.int64]]]
    learner: Learner
    seed: int
    scorers: Mapping[str, Scorer]
    standardize: bool = False
    preprocess: Preprocess | None = field(default_factory=Preprocess)
    split_order: bool = False

    @property
    def pool_sizes(self) -> list[int]:
        """Size of the pool of each repeat."""
        return [len(parts["pool"]) for parts in self.parts]

    def __len__(self) -> int:
        """Count the repeats."""
        return len(self.parts)

    def __getitem__(self, repeat: int) -> Task:
        """Task of one repeat; each call fits the preprocessing again."""
        return Task.from_dataset(
            self.data,
            self.parts[repeat],
            self.learner,
            self.scorers,
            standardize=self.standardize,
            seed=self.seed + repeat,
            preprocess=self.preprocess,
            split_order=self.split_order,
        )

    def ceiling(self, repeat: int) -> list[float]:
        """Scores, by each scorer, of a model fitted to all labels of initial set and pool."""
        task = self[repeat]
        with deterministic_numerics(trusted=task.trusted):
            return task.scores(task.fit_rows("initial", "pool"))

    @cached_property
    def data_digest(self) -> str:
        """Hash of the data; that of the files if it was loaded from files."""
        data = self.data
        parts = [hash_values(data.features), data.labels, hash_values(data.classes), data.kinds]
        parts += [] if data.groups is None else [hash_values(data.groups)]
        return data.digest or joblib.hash(parts)

    def split_digest(self, repeat: int) -> str:
        """Hash of the split of a repeat."""
        rows = b"".join(role.encode() + rows.tobytes() for role, rows in self.parts[repeat].items())
        return hashlib.sha256(rows).hexdigest()

    def describe(self, repeat: int) -> dict[str, Any]:
        """Everything that the task of a repeat depends on, as JSON values."""
        return {
            "data": self.data_digest,
            "split": self.split_digest(repeat),
            "learner": self.learner.describe(),
            "learner seed": self.seed + repeat if self.learner.STOCHASTIC else None,
            "scorers": [scorer.describe() for scorer in self.scorers.values()],
            "standardize": self.standardize,
            "preprocess": self.preprocess and self.preprocess.model_dump(),
            "split order": self.split_order,
        }

    def modules(self) -> set[str]:
        """Modules with the code that fits and scores."""
        plugins = [self.learner, *self.scorers.values()]
        return {__name__}.union(*(plugin.modules() for plugin in plugins))


def hash_values(values: Any) -> str:
    """Hash of features or classes that is the same however they lie in memory."""
    if isinstance(values, np.ndarray) and values.dtype != object:
        return str(joblib.hash(np.ascontiguousarray(values)))
    if isinstance(values, pd.DataFrame | np.ndarray | list):
        frame = pd.DataFrame(values)
        rows = pd.util.hash_pandas_object(frame, index=False).to_numpy()
        return str(joblib.hash((rows, [str(name) for name in frame], frame.shape)))
    return str(joblib.hash(values))
