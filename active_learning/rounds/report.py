"""Sentences about a round, for people."""

from active_learning.rounds.holdout import Accuracy


def accuracy_sentence(accuracy: Accuracy) -> str:
    """Accuracy with its interval, and what the rows that were skipped could change."""
    if accuracy.value is None or accuracy.low is None or accuracy.high is None:
        return "accuracy: not measured yet, since no row of the hold-out is labelled"
    text = (
        f"accuracy {accuracy.value:.2f} ({accuracy.low:.2f} to {accuracy.high:.2f}) on "
        f"{accuracy.n} rows of the hold-out"
    )
    if accuracy.n_undecided and accuracy.bounds:
        low, high = accuracy.bounds
        text += (
            f"; {accuracy.n_undecided} more have no label: {low:.2f} if the model has all of them "
            f"wrong, {high:.2f} if right"
        )
    return text
