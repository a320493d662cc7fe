"""The learning task of each repeat, from params and the outputs of generate and split."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from active_learning.base import config, files
from active_learning.base.errors import ArtifactError, located
from active_learning.data import splits
from active_learning.data.dataset import Dataset
from active_learning.data.preprocessing import Preprocess
from active_learning.training.task import Task
from stages.paths import RAW, SPLITS
from stages.sections import Evaluation, Learner


@dataclass(frozen=True)
class Tasks:
    """A data set, its splits, and how a model is taught and judged: one task per repeat."""

    data: Dataset
    parts: list[dict[str, NDArray[np.int64]]]
    preprocess: Preprocess
    learner: Learner
    scorers: Mapping[str, Any]

    @classmethod
    def read(cls) -> Self:
        """Read the params and the outputs that make up the tasks.

        Raises
        ------
        ArtifactError
            If the splits are not of this table.
        """
        preprocess = config.load(Preprocess, "preprocess")
        learner = config.load(Learner, "learner")
        scorers = config.load(Evaluation, "evaluation").plugins()
        with located(f"{config.PARAMS}: preprocess."):
            data = Dataset.load(RAW, preprocess.dtype)
        parts = splits.from_table(files.read_table(SPLITS))
        if any(sum(map(len, roles.values())) != len(data.labels) for roles in parts):
            raise ArtifactError(
                f"{SPLITS} must split the {len(data.labels)} rows of {RAW}; "
                f"got {sum(map(len, parts[0].values()))} rows. Run `dvc repro`."
            )
        return cls(data, parts, preprocess, learner, scorers)

    def __len__(self) -> int:
        """Count the repeats."""
        return len(self.parts)

    def __getitem__(self, repeat: int) -> Task:
        """Task of one repeat."""
        return Task.of(
            self.data,
            self.parts[repeat],
            self.learner.plugin,
            self.scorers,
            standardize=self.learner.standardize,
            seed=self.learner.seed + repeat,
            preprocess=self.preprocess,
        )
