"""Errors that users can fix: one line with the argument, the rule and the value."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any

# Maximum length of a value in a message.
LONGEST = 60
_MOST_NAMES = 50


class UserError(ValueError):
    """An error in the user's input; printed as one line, without a traceback."""


class ParamsError(UserError):
    """An invalid argument; the message begins with its name."""


class DataError(UserError):
    """A table that cannot be used."""


class TooFewClassesError(DataError):
    """A table with labels of fewer than two classes."""


class ArtifactError(UserError):
    """A file that cannot be read or written."""


class UnreadableError(ArtifactError):
    """An earlier output that is missing or damaged."""


class ExecutionError(UserError):
    """A failure of the execution backend, or in the code of a strategy, learner or scorer."""


class PluginError(UserError):
    """A plug-in that does not exist or breaks its contract."""


def shown(value: Any, longest: int = LONGEST) -> str:
    """``repr`` of a value, cut to a readable length."""
    plain = value.item() if getattr(value, "ndim", 1) == 0 else value  # 0, not np.int64(0)
    text = re.sub(r"\s*\n\s*", " ", repr(plain))  # some write several lines
    return _cut(text, longest)


def shown_yaml(value: Any) -> str:
    """Value as a user types it in YAML, cut to a readable length."""
    return _cut(_yaml(value), LONGEST)


def _yaml(value: Any) -> str:
    match value:
        case None | True | False:
            return {None: "null", True: "true", False: "false"}[value]
        case list():
            return f"[{', '.join(map(_yaml, value))}]"
        case dict():
            return f"{{{', '.join(f'{_yaml(key)}: {_yaml(each)}' for key, each in value.items())}}}"
        case _:
            return repr(value)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def reason(error: BaseException) -> str:
    """Type and message of an error in one line."""
    return one_line(f"{type(error).__name__}: {error}").removesuffix(":")


def one_line(message: object) -> str:
    """Text of an error, or of anything else, in one line."""
    return " ".join(str(message).split())


class named:  # noqa: N801 - reads like a function, and is faster than one
    """Turn an unexpected error in the code of a plug-in into one line that names it.

    Raises
    ------
    ExecutionError
        With the unexpected error as its cause.
    """

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, Exception) and not isinstance(error, UserError):
            raise ExecutionError(f"{self._what} raised {reason(error)}") from error


def nearest(name: object, known: Iterable[str]) -> str | None:
    """Known name that ``name`` may be a misspelling of."""
    by_casefold = {candidate.casefold(): candidate for candidate in known}
    matches = get_close_matches(str(name)[:LONGEST].casefold(), by_casefold, n=1, cutoff=0.5)
    return by_casefold[matches[0]] if matches else None


@contextmanager
def located(
    params: str = "", data: str = "", names: Mapping[str, str] | None = None
) -> Iterator[None]:
    """Prefix errors of the library with the place that an argument or a table comes from.

    Parameters
    ----------
    params : str, optional
        Prefix of a ``ParamsError``, such as ``settings.toml: split.``.
    data : str, optional
        Prefix of a ``DataError``, such as ``mine.csv: ``.
    names : dict of str to str, optional
        The caller's names for arguments of the library.
    """
    try:
        yield
    except ParamsError as error:
        argument, space, rule = str(error).partition(" ")
        name = (names or {}).get(argument, argument)
        raise ParamsError(f"{params}{name}{space}{rule}") from error
    except DataError as error:
        # That a file cannot be read is said with its name.
        place = "" if str(error).startswith(data.removesuffix(": ")) else data
        raise type(error)(f"{place}{error}") from error


def unknown(what: str, name: object, known: Iterable[str]) -> str:
    """Message about an unknown name, with the available ones and a suggestion."""
    names = sorted(known)
    near = nearest(name, names)
    hint = f"; did you mean {near!r}?" if near else "."
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    available = ", ".join(names[:_MOST_NAMES]) + more
    return f"unknown {what} {shown(name)}; available: {available or 'none'}{hint}"
