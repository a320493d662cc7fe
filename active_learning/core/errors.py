"""Errors that a user can cause and mend: one line, with the place, the rule and the value."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any

# Characters of a value that a message shows.
LONGEST = 60


class UserError(ValueError):
    """Anything that is wrong with what the user gave; shown as one line, without a traceback."""


class ParamsError(UserError):
    """An argument breaks its rule; the message begins with its name."""


class DataError(UserError):
    """A table cannot be used as it is."""


class ArtifactError(UserError):
    """A file cannot be read or written."""


class UnreadableError(ArtifactError):
    """A file that was written earlier is missing or damaged."""


class ExecutionError(UserError):
    """The execution backend failed, or a strategy did."""


class PluginError(UserError):
    """A plug-in is not there, or does not keep its contract."""


def shown(value: Any, longest: int = LONGEST) -> str:
    """Value as Python writes it, cut to a readable length."""
    text = repr(value.item() if hasattr(value, "item") else value)  # numpy's: 0, not np.int64(0)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def nearest(name: object, known: Iterable[str]) -> str | None:
    """Known name that ``name`` may be a misspelling of."""
    by_letters = {known_name.casefold(): known_name for known_name in known}
    near = get_close_matches(str(name)[:LONGEST].casefold(), by_letters, n=1, cutoff=0.5)
    return by_letters[near[0]] if near else None


@contextmanager
def located(
    params: str = "", data: str = "", names: Mapping[str, str] | None = None
) -> Iterator[None]:
    """Say where the arguments of the library come from: put a place in front of its errors.

    Parameters
    ----------
    params : str, optional
        Section in front of an argument, such as ``settings.toml: split.``.
    data : str, optional
        Source in front of what is wrong with a table, such as ``mine.csv: ``.
    names : dict of str to str, optional
        What the caller calls arguments of the library.
    """
    try:
        yield
    except ParamsError as error:
        raise ParamsError(f"{params}{_renamed(str(error), names or {})}") from error
    except DataError as error:
        raise DataError(f"{data}{error}") from error


def _renamed(message: str, names: Mapping[str, str]) -> str:
    argument, space, rule = message.partition(" ")
    return names.get(argument, argument) + space + rule


def unknown(what: str, name: object, known: Iterable[str]) -> str:
    """Sentence on a name that is not known: lists what there is and suggests the nearest."""
    names = sorted(known)
    near = nearest(name, names)
    hint = f"; did you mean {near!r}?" if near else "."
    return f"unknown {what} {shown(name)}; available: {', '.join(names) or 'none'}{hint}"
