"""The learning tasks, from params and the outputs of generate and split."""

from active_learning.core.errors import UnreadableError, located
from active_learning.data import files, splits
from active_learning.data.dataset import Dataset
from active_learning.models.tasks import Tasks
from stages.params import Params
from stages.params.config import PARAMS
from stages.paths import RAW, SPLITS


def read_tasks(params: Params) -> Tasks:
    """Read table and splits, and make the tasks.

    Raises
    ------
    UnreadableError
        If the splits do not belong to this table.
    """
    learner, preprocess = params.learner, params.preprocess
    with located(f"{PARAMS}: preprocess."):
        data = Dataset.load(RAW, preprocess.dtype)
    parts = splits.from_table(files.read_table(SPLITS))
    if any(sum(map(len, roles.values())) != len(data.labels) for roles in parts):
        raise UnreadableError(
            f"{SPLITS} must split the {len(data.labels)} rows of {RAW}; "
            f"got {sum(map(len, parts[0].values()))} rows."
        )
    return Tasks(
        data,
        parts,
        learner.plugin,
        learner.seed,
        params.evaluation.plugins(),
        standardize=learner.standardize,
        preprocess=preprocess,
        # As its authors do: the last digits of an SVM depend on the order.
        split_order=(params.split.scheme == "lu2023"),
    )
