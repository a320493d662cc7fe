"""The classes on offer, and what became of earlier ones."""

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from active_learning.core.strict import Strict
from active_learning.rounds.events import Text, digest

Key = Annotated[str, Field(pattern=r"^.$")]
# Keys of the page that are no classes.
RESERVED = "sung?/"


class ClassOptions(Strict):
    """A class on the page."""

    key: Key | None = None
    """Key that chooses it; by default its name, if that is a letter or digit, or else 1 to 9."""

    was: list[Text] = Field(default_factory=list)
    """Earlier classes whose labels are of this class now."""

    help: str = ""
    """One line for annotators."""


class Classes(Strict):
    """Classes, by name, in the order of the page."""

    options: Annotated[dict[Text, ClassOptions], Field(min_length=2, max_length=1000)]

    @classmethod
    def from_params(cls, value: list[str] | Mapping[str, Any]) -> Self:
        """Classes from a list of names, or from a mapping of names to options.

        Raises
        ------
        ValueError
            If a name stands there twice, or the classes contradict each other.
        """
        if isinstance(value, list):
            if repeated := [name for i, name in enumerate(value) if name in value[:i]]:
                raise ValueError(f"must name each class once; got {repeated[0]!r} twice")
            value = {name: {} for name in value}
        return cls.model_validate({"options": dict(value)})

    @model_validator(mode="after")
    def _check(self) -> Self:
        heirs: dict[str, str] = {}
        for name, options in self.options.items():
            for old in options.was:
                if old in self.options:
                    raise ValueError(f"was of {name!r} must name no present class; got {old!r}.")
                if heirs.setdefault(old, name) != name:
                    raise ValueError(f"was must name {old!r} once; {heirs[old]!r} and {name!r} do.")
        keys = [options.key for options in self.options.values() if options.key]
        for key in keys:
            if keys.count(key) > 1 or key in RESERVED:
                raise ValueError(
                    "must give each class a key of its own, and none of the page's "
                    f"({', '.join(RESERVED)}); got {key!r}."
                )
        return self

    @property
    def names(self) -> list[str]:
        """Names, in order."""
        return list(self.options)

    @cached_property
    def digest(self) -> str:
        """Eight hexadecimal digits that change with the names."""
        return digest(sorted(self.options), 8)

    @cached_property
    def _heirs(self) -> dict[str, str]:
        return {old: name for name, options in self.options.items() for old in options.was}

    def current(self, label: str) -> str | None:
        """What a label is called now; ``None`` if its class was split, or is no class."""
        return label if label in self.options else self._heirs.get(label)

    def keys(self) -> Sequence[str]:
        """Key of each class: its own, its name if that is one, or a digit that is left."""
        keys = [options.key or "" for options in self.options.values()]
        for place, name in enumerate(self.options):
            key = name.lower()
            if not keys[place] and re.fullmatch("[a-z0-9]", key) and key not in {*RESERVED, *keys}:
                keys[place] = key
        digits = iter([digit for digit in "123456789" if digit not in keys])
        return [key or next(digits, "") for key in keys]
