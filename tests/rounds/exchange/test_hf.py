"""The data set folder: splits, decisions, and a card that tells datasets where they are."""

import io

import pandas as pd
import pytest
from hypothesis import given
from pyarrow import parquet
from ruamel.yaml import YAML

from active_learning.core.errors import DataError
from active_learning.rounds.exchange.hf import CARD, DECISIONS, TEST, TRAIN, export_dataset
from active_learning.rounds.exchange.records import COLUMNS
from tests.rounds.exchange.examples import few, logs, make_event, make_labelling, make_table

EVENTS = [
    make_event(1, row="r1"),
    make_event(2, by="a2", row="r1", round=2),
    make_event(3, row="r2", label="=spam"),
    make_event(4, "skip", row="r3"),
    make_event(5, row="gone"),
]


def read(files, path):
    return pd.read_parquet(io.BytesIO(files[path]))


def test_splits():
    files = export_dataset(make_labelling(EVENTS, ["r2", "r1", "r3"], holdout=["r2", "r3"]))
    (train,) = read(files, TRAIN).to_dict("records")
    assert list(train.pop("annotators")) == ["a1", "a2"]
    assert train == {
        "id": "r1", "text": "text of r1", "row": "r1", "label": "ham, sweet", "n_labels": 2,
        "n_agree": 2, "round": 1,
    }  # fmt: skip
    test = read(files, TEST)
    assert list(test["label"]) == ["=spam"]


def test_both_splits_have_the_same_columns():
    files = export_dataset(make_labelling(EVENTS, ["r1", "r2"], holdout=["r2"]))
    schemas = [parquet.read_schema(io.BytesIO(files[path])) for path in (TRAIN, TEST)]
    assert schemas[0].equals(schemas[1])


def test_a_split_without_rows_is_left_out():
    files = export_dataset(make_labelling(EVENTS, ["r1"], holdout=[]))
    assert set(files) == {CARD, TRAIN, DECISIONS}
    assert TEST not in files[CARD].decode()
    files = export_dataset(make_labelling(EVENTS, ["r1"], holdout=["r1"]))
    assert set(files) == {CARD, TEST, DECISIONS}


@few
@given(logs())
def test_decisions_hold_the_whole_log(log):
    rows, events = log
    events = [*events, make_event(50, row="and a label")]
    files = export_dataset(make_labelling(events, [*rows, "and a label"], holdout=rows[:1]))
    decisions = read(files, DECISIONS)
    assert list(decisions) == COLUMNS
    assert list(decisions["id"]) == [event.id for event in events]
    assert list(decisions["decision"]) == [event.decision for event in events]
    labels = [label if isinstance(label, str) else None for label in decisions["label"]]
    assert labels == [event.label for event in events]


def test_columns_of_the_table_with_our_names():
    table = make_table(["r1"], label=["truth"], table_label=["other"])
    labelling = make_labelling([make_event(1, seen=table.digest("r1"))], table=table)
    (row,) = read(export_dataset(labelling), TRAIN).to_dict("records")
    assert row["label"] == "ham, sweet"
    assert (row["table_table_label"], row["table_label"]) == ("truth", "other")


def test_the_card_names_files_that_are_there():
    files = export_dataset(make_labelling(EVENTS, ["r1", "r2"], holdout=["r2"]))
    _, front, body = files[CARD].decode().split("---\n", 2)
    metadata = YAML(typ="safe").load(front)
    named = {
        (config["config_name"], part["split"]): part["path"]
        for config in metadata["configs"]
        for part in config["data_files"]
    }
    assert named == {
        ("default", "train"): TRAIN, ("default", "test"): TEST, ("decisions", "train"): DECISIONS
    }  # fmt: skip
    assert {CARD, *named.values()} == set(files)
    assert metadata["task_categories"] == ["text-classification"]
    assert "license" not in metadata
    assert "| ham, sweet | 1 | 0 |\n| =spam | 0 | 1 |" in body


def test_there_must_be_a_label():
    with pytest.raises(DataError, match="a data set must have a row with a label; got none"):
        export_dataset(make_labelling([make_event(1, "skip")]))
