"""The tables of ``make bench``, printed and written between the marks in docs/speed.md."""

import os
import platform
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from active_learning.data import files

DOCS = Path("docs/speed.md")
BLOCK = re.compile(
    r"(<!-- `make bench` writes (\w+) -->\n).*?(<!-- end of what `make bench` writes -->)",
    re.DOTALL,
)
PACKAGES = ("numpy", "scikit-learn", "scikit-activeml", "small-text")

# One line of a table: its cells by column.
Record = dict[str, str | float | None]


def cell(value: str | float | None) -> str:
    """Text of a cell; numbers have three significant digits."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def markdown(records: Sequence[Record]) -> str:
    """Markdown table."""
    columns = list(records[0])
    lines = [columns, ["---"] * len(columns)]
    lines += [[cell(record[column]) for column in columns] for record in records]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def machine() -> str:
    """Date, processor and versions, in one sentence."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"Measured on {datetime.now(UTC):%Y-%m-%d} on {os.cpu_count()} cores of {processor()}, "
        f"Python {platform.python_version()}, {packages}.\n"
    )


def processor() -> str:
    """Model of the processor, or its architecture where Linux does not tell."""
    models = []
    if (info := Path("/proc/cpuinfo")).exists():
        models = re.findall(r"model name\s*: (.*)", info.read_text(encoding="utf-8"))
    return models[0] if models else platform.machine()


def write(blocks: Mapping[str, str]) -> None:
    """Replace these blocks of docs/speed.md."""
    text = BLOCK.sub(
        lambda match: match[1] + blocks.get(match[2], match[0][len(match[1]) : -len(match[3])])
        + match[3],
        DOCS.read_text(encoding="utf-8"),
    )  # fmt: skip
    with files.replacing(DOCS) as temporary:
        temporary.write_text(text, encoding="utf-8")
