"""YAML 1.2 by ruamel.yaml, as DVC reads it, so that stages and dvc.lock see the same values.

Values are dict, list, str, int, float, bool and None. Deep nesting and aliases that expand to many
nodes are refused, since they would crash the parser or exhaust the memory.
"""

from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import ConstructorError, SafeConstructor
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, ScalarEvent
from ruamel.yaml.nodes import MappingNode, ScalarNode

from active_learning.core.errors import ParamsError, shown

MAX_BYTES = 2**20
MAX_DEPTH = 100
MAX_NODES = 100_000

_STANDARD = "tag:yaml.org,2002:"
_RULES = {
    "null": "null",
    "bool": "true or false",
    "int": "an int of at most 64 bits",
    "float": "a float",
    "str": "a string without NUL",
    "seq": "a list",
    "map": "a mapping",
}


def read(path: Path) -> Any:
    """Read a file; an empty one gives ``None``.

    Raises
    ------
    FileNotFoundError
        If it is missing.
    ParamsError
        If it cannot be read, with file, line and reason.
    """
    try:
        if path.exists() and not path.is_file():  # reading a named pipe would block
            raise ParamsError(f"{path}: must be a file.")
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise ParamsError(f"{path}: cannot be read: {error.strerror}.") from None
    return parse(content, str(path))


def parse(content: bytes | str, place: str) -> Any:
    """Parse YAML.

    Raises
    ------
    ParamsError
        If it is not valid YAML; the message begins with ``place``.
    """
    if len(content) > MAX_BYTES:
        raise ParamsError(f"{place}: must have at most {MAX_BYTES:,} bytes; it has more.")
    try:
        text = content.decode("utf-8") if isinstance(content, bytes) else content
        _refuse_bombs(text)
        yaml = YAML(typ="safe")
        yaml.Constructor = _PlainConstructor
        return yaml.load(text)
    except UnicodeDecodeError:
        raise ParamsError(f"{place}: must be encoded in UTF-8.") from None
    except MarkedYAMLError as error:
        for number, line in enumerate(text.splitlines(), start=1):
            if line.startswith("<<<<<<< "):
                raise ParamsError(f"{place}: line {number}: unresolved merge conflict.") from None
        mark = error.problem_mark or error.context_mark
        at = f": line {mark.line + 1}" if mark else ""
        reason = error.problem or error.context
        raise ParamsError(f"{place}{at}: invalid YAML: {_one_line(reason)}.") from None
    except Exception as error:  # bugs of the parser
        raise ParamsError(f"{place}: invalid YAML: {_one_line(error)}.") from None


def dump(values: Any) -> str:
    """Serialize values to YAML that parses to the same values."""
    yaml = YAML()
    yaml.allow_unicode = False  # Unicode line breaks would be read as spaces
    yaml.width = 2**31  # folding a line may lose spaces
    stream = StringIO()
    yaml.dump(values, stream)
    return stream.getvalue()


def _one_line(reason: object, longest: int = 200) -> str:
    """First line of a parser's message, cut to a readable length."""
    line = " ".join((str(reason).splitlines() or ["unreadable"])[0].split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def _refuse_bombs(text: str) -> None:
    """Refuse deep nesting and too many nodes, with aliases expanded."""
    sizes: dict[str, int] = {}
    collections: list[tuple[str | None, int]] = []
    n_nodes = 0
    for event in YAML(typ="safe").parse(text):
        if isinstance(event, AliasEvent):
            if any(anchor == event.anchor for anchor, _ in collections):
                raise _refusal(event, f"{event.anchor} must not contain itself")
            n_nodes += sizes.get(event.anchor, 0)
        elif isinstance(event, CollectionEndEvent):
            anchor, before = collections.pop()
            if anchor:
                sizes[anchor] = n_nodes - before
        elif isinstance(event, CollectionStartEvent | ScalarEvent):
            if event.anchor in sizes:
                raise _refusal(event, f"duplicate anchor {event.anchor}")
            if isinstance(event, CollectionStartEvent):
                collections.append((event.anchor, n_nodes))
            elif event.anchor:
                sizes[event.anchor] = 1
            n_nodes += 1
        if len(collections) > MAX_DEPTH:
            raise _refusal(event, f"must be nested at most {MAX_DEPTH} deep")
        if n_nodes > MAX_NODES:
            raise _refusal(event, f"must have at most {MAX_NODES:,} values, aliases expanded")


def _fits(value: Any) -> bool:
    """Whether any library can handle a number or string."""
    if isinstance(value, str):
        return b"\0" not in value.encode()
    return not isinstance(value, int) or abs(value) < 2**63


def _refusal(node: Any, reason: str) -> ConstructorError:
    """Error with the position of a node or event."""
    return ConstructorError(None, None, reason, node.start_mark)


class _PlainConstructor(SafeConstructor):
    """Constructs values of plain types only; errors have a position."""

    def construct_non_recursive_object(self, node: Any, tag: str | None = None) -> Any:
        """Construct the value of one node."""
        kind = str(tag or node.tag).removeprefix(_STANDARD)
        scalar = isinstance(node, ScalarNode)
        if kind not in _RULES:
            got = f" {shown(node.value)}; quote it to make it a string" if scalar else ""
            raise _refusal(node, f"unsupported type {kind}{got}")
        if isinstance(node, MappingNode):
            for key, _ in node.value:
                if not isinstance(key, ScalarNode):
                    raise _refusal(key, "a key must not be a list or a mapping")
        try:
            value = super().construct_non_recursive_object(node, tag)
            fits = _fits(value)
        except (ValueError, LookupError):
            fits = False
        if not fits:
            raise _refusal(node, f"must be {_RULES[kind]}; got {shown(node.value)}")
        return value

    def check_mapping_key(
        self,
        node: Any,  # noqa: ARG002 - the signature of ruamel.yaml
        key_node: Any,
        mapping: Any,
        key: Any,
        value: Any,  # noqa: ARG002
    ) -> bool:
        """Refuse duplicate keys, with a shorter message than ruamel.yaml's."""
        if key in mapping:
            raise _refusal(key_node, f"duplicate key {shown(key)}")
        return True
