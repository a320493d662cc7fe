"""What `labels status` says comes next."""

import pytest

from active_learning.data import files
from active_learning.rounds.queries import Queries, Query
from commands.labels.round import LOCK, remove_conflicts
from commands.labels.status import next_step
from stages import command
from stages.paths import EVENTS, QUERIES
from stages.rounds.inputs import late_events, read_queries
from tests.rounds.example import Log, frame, write


def test_the_next_step_follows_from_queries_and_labels(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    log = Log(write(tmp_path, frame(5)[0]))
    assert next_step(log.labelling()) == "No rows have been chosen yet. Next: make round"
    files.write_table(QUERIES, Queries(1, None, (Query(0, "r000", "query"),)).to_table())
    assert next_step(log.labelling()).startswith("Round 1: 1 of 1 rows to label. Next: make label")
    log.give("r000", "ham")
    assert next_step(log.labelling()).startswith(
        "Round 1: no row is open. Newer than the model: 1 decision. Next: make round"
    )
    files.write_table(QUERIES, Queries(2, None, ()).to_table())
    assert next_step(log.labelling()).startswith(
        "No row is left to label. Newer than the model: 1 decision. Next: make round"
    )


def test_a_damaged_result_of_the_rounds_is_computed_again_by_make_round(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    QUERIES.parent.mkdir()
    QUERIES.write_text("<<<<<<< HEAD\n")
    with pytest.raises(SystemExit):
        command.run(read_queries)
    assert capsys.readouterr().err.endswith("Run `make round`.\n")


@pytest.mark.parametrize(
    "lock", ["schema: '1.0'\nstages: {}\n", "schema: '2.0'\nstages: {a: 3}\n", "a\n"]
)
def test_a_lock_that_dvc_would_not_read_is_removed(tmp_path, monkeypatch, lock):
    monkeypatch.chdir(tmp_path)
    LOCK.parent.mkdir()
    LOCK.write_text("schema: '2.0'\nstages:\n  train: {cmd: x}\n")
    assert remove_conflicts() == []
    LOCK.write_text(lock)
    assert remove_conflicts() == [LOCK]
    assert not LOCK.exists()


def test_labels_of_this_round_are_not_late(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    log = Log(write(tmp_path, frame(5)[0]))
    read = log.give("r000", "ham", at=1)
    EVENTS.parent.mkdir(parents=True)
    EVENTS.write_bytes(read.line())
    log.give("r001", "ham", at=1)
    log.give("r002", "ham", at=2)
    assert late_events(log.events, 2) == 1
