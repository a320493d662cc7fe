"""The trainer of the params."""

from active_learning.core.errors import located
from active_learning.rounds.labelling import Labelling
from active_learning.rounds.trainer import Trainer
from stages.params.rounds import RoundsParams


def make_trainer(params: RoundsParams, labelling: Labelling) -> Trainer:
    """Trainer with the learner and the preprocessing of the params."""
    learner = params.learner
    with located(f"{params.path}: ", f"{params.table.path}: "):
        return Trainer(
            labelling,
            learner.plugin,
            learner.seed,
            standardize=learner.standardize,
            preprocess=params.preprocess,
        )
