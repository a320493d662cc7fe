"""Fill in a commented YAML file: its lines, comments and order stay."""

import json
import re
from collections.abc import Mapping
from typing import Any

from active_learning.core.errors import ArtifactError, ParamsError, shown
from stages.params import yaml

_LINE = re.compile(r"(?P<indent> *)(?P<key>\w+):(?: (?P<value>[^#\n]*?))?(?P<comment> *#.*)?\n")
_PLAIN = re.compile(r"[^\W\d][\w./ -]*")


def fill(template: str, values: Mapping[str, Any]) -> str:
    """Put values into the lines of their keys.

    Parameters
    ----------
    template : str
        YAML of one-line values, in sections at most one deep.
    values : dict of str to (str or bool or None, or a list or dict of these)
        By dotted name.

    Raises
    ------
    ArtifactError
        If the template has no such key.
    ParamsError
        If YAML cannot hold a value.
    """
    left, lines, section = dict(values), [], ""
    for line in template.splitlines(keepends=True):
        match = _LINE.fullmatch(line)
        if match:
            name = f"{section}.{match['key']}" if match["indent"] else match["key"]
            section = section if match["indent"] else match["key"]
            if name in left:
                line = _replace(match, flow(left.pop(name)))  # noqa: PLW2901
        lines.append(line)
    if left:
        raise ArtifactError(f"the template of rounds/params.yaml has no key {next(iter(left))}.")
    return "".join(lines)


def _replace(match: re.Match[str], value: str) -> str:
    start = f"{match['indent']}{match['key']}: {value}"
    comment = (match["comment"] or "").strip()
    if not comment:
        return f"{start}\n"
    column = match.end("comment") - len(comment)
    return f"{start.ljust(max(column, len(start) + 2))}{comment}\n"


def flow(value: Any) -> str:
    """A string, whole number, boolean or null, or a list or mapping of these, on one line."""
    if value is None or isinstance(value, int):
        return json.dumps(value)
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {flow(each)}' for key, each in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(flow, value))}]"
    # JSON's quotes are YAML's, but for a few characters that nobody can see.
    text = json.dumps(value, ensure_ascii=False)
    for candidate in (value, text) if _PLAIN.fullmatch(value) else (text,):
        if _parses_to(candidate, value):
            return candidate
    raise ParamsError(f"names must be of characters that can be seen; got {shown(value)}.")


def _parses_to(text: str, value: str) -> bool:
    try:
        return bool(yaml.parse(f"[{text}]", "") == [value])
    except ParamsError:
        return False
