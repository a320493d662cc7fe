"""Tables in Markdown, which a terminal shows aligned."""

from collections.abc import Sequence


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of a table; its first row is the head, the second says how columns are aligned."""
    rows = [[cell.replace("|", r"\|") for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [f"| {' | '.join(map(str.ljust, row, widths))} |" for row in rows]
