"""Self-contained HTML pages: no script, font or image from elsewhere."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

TEMPLATES = Path(__file__).with_name("templates")


@dataclass(frozen=True)
class Cell:
    """A table cell that is more than plain text.

    Attributes
    ----------
    text : str
    note : str
        Second line, in small print.
    kind : str
        CSS class: ``better``, ``worse``, ``same``, ``text``, ``prose`` or none.
    """

    text: str
    note: str = ""
    kind: str = ""


def render(template: str, **values: Any) -> str:
    """Fill in a template of this folder; values are escaped, and a missing one is an error."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(template).render(values)
