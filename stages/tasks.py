"""The learning task of each repeat, from params and the outputs of generate and split."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from active_learning.core.errors import ArtifactError, located
from active_learning.data import files, splits
from active_learning.data.dataset import Dataset
from active_learning.data.preprocessing import Preprocess
from active_learning.models.task import Task
from stages.params import Params, sections
from stages.params.config import PARAMS
from stages.paths import RAW, SPLITS


@dataclass(frozen=True)
class Tasks:
    """A data set, its splits, and how a model is taught and judged: one task per repeat."""

    data: Dataset
    parts: list[dict[str, NDArray[np.int64]]]
    preprocess: sections.Preprocess
    learner: sections.Learner
    scorers: Mapping[str, Any]

    @classmethod
    def read(cls, params: Params) -> Self:
        """Read the outputs of other stages that make up the tasks.

        Raises
        ------
        ArtifactError
            If the splits are not of this table.
        """
        preprocess, learner = params.preprocess, params.learner
        scorers = params.evaluation.plugins()
        with located(f"{PARAMS}: preprocess."):
            data = Dataset.load(RAW, preprocess.dtype)
        parts = splits.from_table(files.read_table(SPLITS))
        if any(sum(map(len, roles.values())) != len(data.labels) for roles in parts):
            raise ArtifactError(
                f"{SPLITS} must split the {len(data.labels)} rows of {RAW}; "
                f"got {sum(map(len, parts[0].values()))} rows. Run `dvc repro`."
            )
        return cls(data, parts, preprocess, learner, scorers)

    @property
    def pools(self) -> list[int]:
        """Size of the pool of each repeat."""
        return [len(parts["pool"]) for parts in self.parts]

    def __len__(self) -> int:
        """Count the repeats."""
        return len(self.parts)

    def __getitem__(self, repeat: int) -> Task:
        """Task of one repeat."""
        options = self.preprocess
        return Task.of(
            self.data,
            self.parts[repeat],
            self.learner.plugin,
            self.scorers,
            standardize=self.learner.standardize,
            seed=self.learner.seed + repeat,
            preprocess=Preprocess(
                visible=options.visible,
                min_frequency=options.min_frequency,
                dtype=options.dtype,
                sparse=options.sparse,
            ),
        )
