"""The table whose rows are labelled: ids, what is shown of a row, and features."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from active_learning.core.errors import DataError, ParamsError, unknown
from active_learning.data.columns import TEXTS, Kind, KindOption, plain_kind
from active_learning.data.csv_format import Csv
from active_learning.data.features import cast_features
from active_learning.data.read import describe_file, read_file, read_strings
from active_learning.data.vectors import spread_vectors
from active_learning.rounds.events import digest, digest_of_row

_N_SHOWN = 5


@dataclass(frozen=True)
class LabelTable:
    """A table of rows to label.

    Attributes
    ----------
    ids : list of str
        Unique id of each row, in the order of the table.
    strings : DataFrame
        Every value as it is written in the file.
    features : DataFrame
        As ``columns.Column.cast`` gives them; without columns if nothing is left to learn from.
    kinds : dict of str to str
        Kind of each feature.
    shown : list of str
        Columns that annotators see.
    image : str or None
        Column with the path of an image, relative to the folder of images.
    options : dict of str to str
        Kind of each feature, or the notation of its values.
    remarks : dict of str to str
        Sentences about kinds that are not evident, by the name of a check.
    """

    ids: Sequence[str]
    strings: pd.DataFrame
    features: pd.DataFrame
    kinds: Mapping[str, Kind]
    shown: Sequence[str]
    image: str | None = None
    options: Mapping[str, KindOption] = field(default_factory=dict)
    remarks: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(
        cls,
        path: str,
        *,
        id: str | None = None,  # noqa: A002 - the name of the option
        show: Sequence[str] = (),
        image: str | None = None,
        drop: Sequence[str] = (),
        missing: Sequence[str] | None = None,
        kinds: Mapping[str, KindOption] | None = None,
        csv: Csv | None = None,
        sheet: str | None = None,
        with_features: bool = True,
    ) -> "LabelTable":
        """Read a table.

        Parameters
        ----------
        path : str
            See ``read.read_file``.
        id : str, optional
            Column with the unique id of each row; by default the id is a hash of the row.
        show : sequence of str, optional
            Columns that annotators see; by default the image, or else all but id and ``drop``.
        image : str, optional
            Column with the path of an image; not a feature.
        drop : sequence of str, optional
            Columns that are neither features nor, by default, shown.
        missing : sequence of str, optional
            Strings that mark a missing value, see ``read.read_file``.
        kinds : dict of str to str, optional
            Kinds of features, or the notation of their values, instead of inferred ones.
        csv : Csv, optional
            How a CSV is written.
        sheet : str, optional
            Sheet of a workbook, see ``read.read_file``.
        with_features : bool, optional
            Whether to read the features; who only shows rows does not need them.

        Raises
        ------
        ParamsError
            If the file or a column does not exist.
        DataError
            If the file cannot be read, ids are not unique, or a value is not of its kind.
        """
        kinds, csv = kinds or {}, csv or Csv()
        index = [name for name in (id, image, *show, *drop) if name]
        strings = read_strings(path, csv, index, sheet=sheet)
        columns = [str(name) for name in strings]
        strings.columns = pd.Index(columns)
        for option, names in (
            ("id", [id] if id else []), ("image", [image] if image else []),
            ("show", show), ("drop", drop),
        ):  # fmt: skip
            for name in names:
                if name not in columns:
                    raise ParamsError(f"{option}: {unknown('column', name, columns)}")
        if strings.empty:
            raise DataError("the table must have at least one row; got none.")
        kind_of: dict[str, KindOption] = {}
        remarks: dict[str, str] = {}
        features = pd.DataFrame()
        if with_features:
            texts = [name for name, kind in kinds.items() if kind in TEXTS]
            typed = read_file(path, missing, [id, *texts] if id else texts, csv, index, sheet=sheet)
            typed.columns = pd.Index(columns)
            names = [name for name in columns if name not in {id, image, *drop}]
            spread = spread_vectors(typed[names])
            features, kind_of, remarks = cast_features(spread, kinds)
            features = features.reset_index(drop=True)
            remarks |= describe_file(path, missing, csv, typed[names], kinds)
        visible = [name for name in columns if name not in {id, *drop}]
        return cls(
            list(_ids(strings, id)),
            strings,
            features,
            {name: plain_kind(option) for name, option in kind_of.items()},
            list(show) or ([image] if image else visible),
            image,
            kind_of,
            remarks,
        )

    @cached_property
    def positions(self) -> dict[str, int]:
        """Position of each row, by id."""
        return {row: position for position, row in enumerate(self.ids)}

    def values(self, row: str) -> dict[str, str]:
        """What annotators see of a row, by column."""
        position = self.positions[row]
        return {name: str(column[position]) for name, column in self._shown_columns.items()}

    @cached_property
    def _shown_columns(self) -> dict[str, Any]:
        return {name: self.strings[name].to_numpy(dtype=object) for name in self.shown}

    def digest(self, row: str) -> str:
        """Digest of what annotators see of a row, see ``events.digest_of_row``."""
        return digest_of_row(self.values(row))

    def image_path(self, row: str) -> Path | None:
        """Path of a row's image, relative to the folder of images; ``None`` without images."""
        if self.image is None:
            return None
        return Path(str(self.strings[self.image].iloc[self.positions[row]]))


def _ids(strings: pd.DataFrame, column: str | None) -> Iterator[str]:
    if column is None:
        yield from _hashes(strings)
        return
    ids = strings[column]
    if (ids == "").any():
        raise DataError(f"id {column!r} must be present in every row; {(ids == '').sum()} lack it.")
    if (broken := ids[ids.str.contains("\r", regex=False)]).size:
        raise DataError(f"id {column!r} must hold no carriage return; got {broken.iloc[0]!r}.")
    repeated = ids[ids.duplicated()].unique()
    if len(repeated):
        some = ", ".join(repeated[:_N_SHOWN]) + (", …" if len(repeated) > _N_SHOWN else "")
        raise DataError(
            f"id {column!r} must differ in every row; {ids.duplicated(keep=False).sum()} rows "
            f"share theirs: {some}."
        )
    yield from ids


def _hashes(strings: pd.DataFrame) -> Iterator[str]:
    """Hash of each row; of equal rows, the later ones are numbered."""
    columns = sorted(map(str, strings))
    counts: dict[str, int] = {}
    for values in strings[columns].itertuples(index=False, name=None):
        content = digest(list(zip(columns, values, strict=True)), 16)
        counts[content] = counts.get(content, 0) + 1
        yield content if counts[content] == 1 else f"{content}-{counts[content]}"
