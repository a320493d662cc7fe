"""Strict pydantic models of user input: no unknown keys, no type conversion."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

# Bounded, so that a typo is an error rather than hours of computation or exhausted memory.
Count = Annotated[int, Field(ge=1, le=10**9)]
NResamples = Annotated[int, Field(ge=100, le=100_000)]


class Strict(BaseModel):
    """Base of params sections and plug-ins: unknown keys and wrong types are errors."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
    )
