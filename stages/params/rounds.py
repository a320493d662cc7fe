"""The sections of rounds/params.yaml."""

from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, ValidationError, model_validator

from active_learning.core.errors import ParamsError, located, shown_yaml
from active_learning.core.explain import explain
from active_learning.core.strict import Count, Strict
from active_learning.data.columns import KindOption
from active_learning.data.csv_format import Csv
from active_learning.data.preprocessing import Preprocess
from active_learning.rounds.classes import Classes
from active_learning.rounds.events import Annotator
from active_learning.rounds.table import LabelTable
from stages import paths
from stages.params import sections
from stages.params.config import (
    ParamsFile,
    PluginName,
    PluginSection,
    Section,
    Seed,
    Share,
    Unique,
    validate,
)

Fraction = Annotated[float, Field(ge=0, le=1)]
Names = Annotated[list[str], Unique]


class Table(Strict):
    """The table whose rows are labelled."""

    path: str
    """File, such as `.csv`, `.parquet` or `.xlsx`, relative to the project's root."""

    id: str | None = None
    """Column with the unique id of each row; null: the id is a hash of the row."""

    show: Names = Field(default_factory=list)
    """Columns that annotators see; [] shows the image, or else all but `id` and `drop`."""

    image: str | None = None
    """Column with the path of an image in `image_folder`; not a feature."""

    image_folder: str | None = None
    """Folder of the images, relative to the project's root."""

    drop: Names = Field(default_factory=list)
    """Columns that are not features, such as labels that came with the table."""

    missing: Names | None = None
    """Strings that mark a missing value, besides empty cells; null: in a CSV, NA and the like."""

    csv: Csv = Csv()
    """How a CSV is written; `labels start` fills in what it detects."""

    sheet: str | None = None
    """Sheet of a workbook; null: the only one that is not empty."""

    kinds: dict[str, KindOption] = Field(default_factory=dict)
    """Kinds of columns for which the inferred kind is wrong."""

    @model_validator(mode="after")
    def _check_images(self) -> Self:
        if (self.image is None) != (self.image_folder is None):
            raise ValueError("must have image and image_folder together, or neither")
        return self


class Holdout(Strict):
    """Rows that measure the accuracy: never queried, never trained on."""

    share: Annotated[float, Field(ge=0, lt=1)] = 0.1
    """Share of the rows that may be in the hold-out."""

    size: Annotated[int, Field(ge=0, le=10**9)] = 100
    """Rows of the hold-out to label."""

    of_batch: Fraction = 0.34
    """Share of each batch that is of the hold-out, until that is labelled."""

    twice: Annotated[int, Field(ge=0, le=10**9)] = 20
    """First rows of the hold-out that two people label, to measure their agreement."""

    confidence: Share = 0.95
    """Confidence level of the interval of the accuracy."""

    seed: Seed = 42
    """Seed that decides which rows are in the hold-out."""


class Query(Strict):
    """Which rows to label next."""

    strategy: sections.Name = "margin"
    """Strategy that chooses rows once there is a model."""

    batch: Count = 20
    """Rows of a batch, those of the hold-out included."""

    start: Annotated[str, PluginName("strategies")] = "typiclust"
    """Strategy that chooses rows until labels of two classes are there; it needs no labels."""

    start_size: Count = 20
    """Rows of such a batch."""

    skip_rounds: Count = 3
    """Rounds for which a skipped row is not asked again."""

    compare: Annotated[list[sections.Name], Unique] = Field(default_factory=list)
    """Strategies of which to report how many rows that they would have queried are labelled."""

    seed: Seed = 42
    """Seed of random strategies and of a random learner."""


class Review(Strict):
    """Second opinions."""

    share: Fraction = 0.1
    """Share of a batch that is of labels that the model contradicts; another person gets them."""


class Stopping(PluginSection):
    """When to advise to stop; labelling never stops by itself."""

    KIND: ClassVar[str] = "stopping"
    PLACE: ClassVar[str] = "stopping"

    rules: Annotated[list[Annotated[str, PluginName("stopping")]], Unique] = Field(
        default_factory=lambda: ["stabilising_predictions"]
    )
    """Stopping rules that are checked on the model of every round; [] disables them."""

    width: Share | None = 0.15
    """Advise to stop when the interval of the accuracy is this narrow; null: never."""

    budget: Count | None = None
    """Advise to stop after this number of labels; null: never."""

    stop_set: Count | None = 1000
    """Number of rows that rules are computed on; null: all outside the hold-out."""

    folds: Annotated[int, Field(ge=2, le=100)] = 5
    """Folds of the cross-validation that estimates the accuracy for the rules."""

    seed: Seed = 42
    """Seed of stop set and folds."""


class Artifact(Strict):
    """The model that goes out."""

    refit: bool = True
    """Fit it to the labels of the hold-out, too, after the accuracy has been measured."""


class People(Strict):
    """Who labels."""

    annotators: Annotated[list[Annotator], Unique]


class RoundsParams(ParamsFile):
    """The sections of the rounds."""

    OTHERS = frozenset({"classes", "annotators"})

    table = Section(Table)
    holdout = Section(Holdout)
    query = Section(Query)
    review = Section(Review)
    learner = Section(sections.Learner)
    preprocess = Section(Preprocess)
    strategies = Section(sections.Strategies)
    stopping = Section(Stopping)
    artifact = Section(Artifact)

    @classmethod
    def read(cls, path: Path = paths.ROUNDS_PARAMS) -> Self:
        """Read the file and validate it."""
        if not path.is_file():
            raise ParamsError(
                f"{path} is missing; `python -m commands.labels start TABLE --classes A,B` writes "
                "it."
            )
        return super().read(path)

    @cached_property
    def classes(self) -> Classes:
        """The classes on offer.

        Raises
        ------
        ParamsError
            If they are missing or invalid.
        """
        value = self["classes"]
        if not isinstance(value, list | dict) or not all(n and isinstance(n, str) for n in value):
            raise ParamsError(
                f"{self.path}: classes must be a list of names, or a mapping of names to options, "
                f"each name a string that is not empty; got {shown_yaml(value)}."
            )
        if len(value) < 2:  # a classifier needs two classes
            raise ParamsError(f"{self.path}: classes must name 2 or more; got {len(value)}.")
        options = {name: {} for name in value} if isinstance(value, list) else value
        try:
            return Classes.from_params(value)
        except ValidationError as error:
            reason = explain(error, Classes, {"options": options}, "classes")
            raise ParamsError(
                f"{self.path}: {reason}".replace("classes.options", "classes")
            ) from None
        except ValueError as error:
            raise ParamsError(f"{self.path}: classes {error}.") from None

    @cached_property
    def annotators(self) -> list[str]:
        """Names of the annotators; empty: anyone.

        Raises
        ------
        ParamsError
            If a name is invalid.
        """
        return validate(People, {"annotators": self["annotators"]}, "", self.path).annotators

    def check(self) -> None:
        """Validate all sections, and the options of all plug-ins."""
        super().check()
        _ = self.classes, self.annotators
        with located(f"{self.path}: "):
            _ = self.learner.plugin
            for name in self.stopping.rules:
                self.stopping.make(name)
            for section in (self.learner, self.strategies, self.stopping):
                section.check_entries()
        self.strategy(self.query.strategy)
        self.strategy(self.query.start, "start")
        for name in self.query.compare:
            self.strategy(name, "compare")

    def strategy(self, name: str, option: str = "strategy") -> Any:
        """Strategy with this name, which an option of ``query`` has, and with its own options."""
        with located(f"{self.path}: "):
            return self.strategies.make(name, f"query.{option}")

    def read_table(self, *, with_features: bool = True) -> LabelTable:
        """Read the table.

        Raises
        ------
        ParamsError, DataError
            See ``LabelTable.read``.
        """
        options = dict(self.table)
        del options["image_folder"]
        with located(f"{self.path}: table.", f"{self.table.path}: "):
            return LabelTable.read(options.pop("path"), with_features=with_features, **options)
