"""Sentences about a round, for people."""

from active_learning.core.sentences import count
from active_learning.rounds.holdout import Accuracy


def accuracy_sentence(accuracy: Accuracy | None, n_decided: int) -> str:
    """Accuracy with its interval, and what it does not count.

    Parameters
    ----------
    accuracy : Accuracy or None
        ``None`` if there is no model.
    n_decided : int
        Decided rows of the hold-out; those beyond the decided beginning of its order do not count.
    """
    if accuracy is None:
        return "accuracy: not measured yet, since there is no model"
    n_waiting = n_decided - accuracy.n - accuracy.n_undecided
    waiting = (
        f"; not counted yet: {count(n_waiting, 'labelled row')} of the hold-out behind rows that "
        "are new, changed or not labelled"
        if n_waiting > 0
        else ""
    )
    if accuracy.value is None or accuracy.low is None or accuracy.high is None:
        return f"accuracy: not measured yet, since no row of the hold-out counts{waiting}"
    text = (
        f"accuracy {accuracy.value:.2f} ({accuracy.low:.2f} to {accuracy.high:.2f}) on "
        f"{count(accuracy.n, 'row')} of the hold-out"
    )
    if accuracy.n_undecided and accuracy.bounds:
        low, high = accuracy.bounds
        text += (
            f"; with {accuracy.n_undecided} more without a label: {low:.2f} if the model has all "
            f"of these wrong, {high:.2f} if right"
        )
    return text + waiting
