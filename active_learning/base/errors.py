"""Errors that a user can cause and mend: one line, with the place, the rule and the value."""

from collections.abc import Iterable
from difflib import get_close_matches


class UserError(ValueError):
    """Anything that is wrong with what the user gave; shown as one line, without a traceback."""


class ParamsError(UserError):
    """A parameter breaks its rule."""


class DataError(UserError):
    """A table cannot be used as it is."""


class ArtifactError(UserError):
    """An output of an earlier stage is missing or damaged."""


class ExecutionError(UserError):
    """Where the repeats run, something failed that is no fault of theirs."""


class PluginError(UserError):
    """A plug-in is not there, or does not keep its contract."""


def nearest(name: object, known: Iterable[str]) -> str | None:
    """Known name that ``name`` may be a misspelling of."""
    by_letters = {known_name.casefold(): known_name for known_name in known}
    near = get_close_matches(str(name).casefold(), by_letters, n=1, cutoff=0.5)
    return by_letters[near[0]] if near else None


def unknown(what: str, name: object, known: Iterable[str]) -> str:
    """Sentence on a name that is not known: lists what there is and suggests the nearest."""
    names = sorted(known)
    near = nearest(name, names)
    hint = f"; did you mean {near!r}?" if near else "."
    return f"unknown {what} {name!r}; available: {', '.join(names) or 'none'}{hint}"
