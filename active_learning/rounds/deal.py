"""Who labels which row, without a server that everyone talks to."""

import hashlib
from collections.abc import Collection


def rank_annotators(row: str, annotators: Collection[str]) -> list[str]:
    """Annotators in the order in which they should label a row: the first does, then the second.

    Rendezvous hashing (Thaler & Ravishankar, "Using name-based mappings to increase hit rates",
    1998): a row goes to someone else only if its annotator leaves, or a new one comes first.

    Parameters
    ----------
    row : str
        Id.
    annotators : collection of str
        Names; the order does not matter.
    """

    def weight(name: str) -> tuple[bytes, str]:
        return hashlib.blake2b(f"{row}|{name}".encode(), digest_size=8).digest(), name

    return sorted(annotators, key=weight, reverse=True)
