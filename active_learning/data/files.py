"""Reading and writing artifacts: atomic writes; unreadable files raise ArtifactError."""

import json
import math
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from io import StringIO
from pathlib import Path
from secrets import token_hex
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from active_learning.core.errors import ArtifactError, UnreadableError, UserError, one_line

DECIMALS = 6  # of floats in JSON and CSV files, so that platforms agree

# A list of plain values, written on one line.
_NUMBERS = re.compile(r"\[[^\[\]{}\"]*\]")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary file beside ``path`` that replaces ``path`` on success.

    Its name is unique, so that several processes can write the same file; the last one wins.

    Raises
    ------
    ArtifactError
        If the file cannot be written, for example because the disk is full.
    """
    temporary = path.with_name(f".{path.name}.{token_hex(4)}.part{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        temporary.replace(path)
    except OSError as error:
        reason = error.strerror or one_line(error)
        raise ArtifactError(f"{path} cannot be written ({reason}).") from error
    finally:
        with suppress(OSError):  # it may not exist
            temporary.unlink()


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn errors while reading ``path`` into an ``UnreadableError``."""
    try:
        yield
    except UserError:
        raise
    except FileNotFoundError:
        raise UnreadableError(f"{path} is missing.") from None
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise UnreadableError(f"{path} is damaged ({one_line(error)}).") from error


def read_json(path: Path, *keys: str) -> dict[str, Any]:
    """Read a JSON file that holds a mapping with at least these keys."""
    with reading(path):
        value: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(value, dict) or not value.keys() >= set(keys):
            raise ValueError(f"it must hold {', '.join(keys) or 'a mapping'}")
        return value


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write JSON with floats rounded to six decimals; NaN is ``null``."""
    text = json.dumps(rounded(value), indent=2, ensure_ascii=False, allow_nan=False)
    text = _NUMBERS.sub(lambda match: " ".join(match[0].split()), text)
    with replacing(path) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")


def rounded(value: Any) -> Any:
    """Copy nested dicts, lists and arrays as plain values: six decimals, ``None`` for NaN."""
    if isinstance(value, Mapping):
        return {str(key): rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [rounded(item) for item in value]
    if isinstance(value, float | np.floating):
        return round(float(value), DECIMALS) + 0.0 if math.isfinite(value) else None
    return value.item() if isinstance(value, np.generic) else value


def read_table(path: Path, columns: list[str] | None = None) -> pd.DataFrame:
    """Read a Parquet or CSV table, optionally only some columns."""
    with reading(path):
        if path.suffix == ".parquet":
            return pd.read_parquet(path, columns=columns)
        text = path.read_text(encoding="utf-8")
        if not text.endswith("\n"):
            raise ValueError("it ends in the middle of a line")
        # Only an empty cell is missing: NA may be the name of a strategy.
        return pd.read_csv(StringIO(text), usecols=columns, keep_default_na=False, na_values=[""])


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a table by suffix: ``.parquet`` exactly, ``.csv`` with six decimals."""
    with replacing(path) as temporary:
        if path.suffix == ".parquet":
            table.to_parquet(temporary, index=False)
        else:
            text = table.round(DECIMALS).to_csv(index=False, lineterminator="\n")
            temporary.write_text(text, encoding="utf-8")


def read_arrays(path: Path) -> dict[str, NDArray[Any]] | None:
    """Read the arrays written by ``write_arrays``; ``None`` if missing or damaged."""
    try:
        if not path.is_file():  # opening a named pipe would block
            return None
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            # We never compress: a compressed member could expand to fill the memory.
            size = sum(member.file_size for member in arrays.zip.infolist())
            if size > os.fstat(file.fileno()).st_size:
                return None
            members = dict(arrays)
    except Exception:
        return None
    whole = all(isinstance(member, np.ndarray) for member in members.values())
    return members if whole else None


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays by name, as ``.npz``."""
    with replacing(path) as temporary:
        np.savez(temporary, allow_pickle=False, **arrays)
