"""Where a command's report goes."""

from pathlib import Path

from active_learning.data import files


def write(text: str, target: str) -> None:
    """Write a report to a file, or with ``-`` to the standard output."""
    if target == "-":
        print(text)
        return
    with files.replacing(Path(target)) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")
