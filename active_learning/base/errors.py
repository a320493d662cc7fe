"""Errors that a user can cause and mend: one line, with the place, the rule and the value."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches


class UserError(ValueError):
    """Anything that is wrong with what the user gave; shown as one line, without a traceback."""


class ParamsError(UserError):
    """An argument of the library, or a parameter in params.yaml, breaks its rule."""


class DataError(UserError):
    """A table cannot be used as it is."""


class ArtifactError(UserError):
    """An output of an earlier stage is missing or damaged."""


class ExecutionError(UserError):
    """Where the repeats run, something failed that is no fault of theirs."""


class PluginError(UserError):
    """A plug-in is not there, or does not keep its contract."""


@contextmanager
def located(params: str = "", data: str = "") -> Iterator[None]:
    """Say where the arguments of the library come from: put a place in front of its errors.

    Parameters
    ----------
    params : str, optional
        Section in front of an argument, such as ``params.yaml: split.``.
    data : str, optional
        Source in front of what is wrong with a table, such as ``mine.csv: ``.
    """
    try:
        yield
    except ParamsError as error:
        raise ParamsError(f"{params}{error}") from error
    except DataError as error:
        raise DataError(f"{data}{error}") from error


def unknown(what: str, name: object, known: Iterable[str]) -> str:
    """Say that ``name`` is not a known ``what``: suggest the nearest, list what there is."""
    names = sorted(known)
    near = [known_name for known_name in names if known_name.casefold() == str(name).casefold()]
    near += get_close_matches(str(name), names, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else "."
    return f"is not a known {what}{hint} There is: {', '.join(names) or 'none'}"
