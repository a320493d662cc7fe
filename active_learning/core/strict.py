"""Models of what a user writes: no unknown keys, no conversion of types."""

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """Base of params sections and plug-ins: unknown keys and wrong types are errors."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
    )
