"""Small simulated projects of labelling, by the script that also runs large ones."""

import json
import subprocess
import sys

import pytest

from scripts.rounds_actors import balance
from scripts.rounds_proof import differences, original, recount, summarise
from tests.pipeline.clone import ROOT


def prove(env, out, *options):
    """Results that the script writes; it must succeed."""
    done = subprocess.run(
        [sys.executable, "-m", "scripts.rounds_proof", "--out", str(out), *options],
        cwd=ROOT, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


@pytest.mark.slow
def test_no_label_of_a_project_is_lost_and_a_fresh_clone_gives_the_same_bytes(env, tmp_path):
    """With kills, an experiment applied in the middle of a round, and a merge of two clones."""
    out = tmp_path / "results.jsonl"
    (result,) = prove(env, out, "--short", "--seeds", "1")
    assert result["kills"] == 2
    assert result["acknowledged"] >= 60
    assert result["lost"] == result["twice"] == result["altered"] == result["unknown"] == 0
    assert not result["recount_differs"]
    assert result["bytes_differ"] == []
    assert 0 <= result["low"] <= result["accuracy"] <= result["high"] <= 1
    assert prove(env, out, "--short", "--seeds", "1") == [result]  # nothing is made again


@pytest.mark.slow
def test_no_label_is_lost_when_the_server_is_killed(env, tmp_path):
    (result,) = prove(env, tmp_path / "results.jsonl", "--kills", "15")
    assert result["kills"] == 15
    assert result["acknowledged"] > 15
    assert result["lost"] == result["twice"] == result["altered"] == result["unknown"] == 0
    assert result["second_copy_is_right"]


def given(name, row, decision="label", label="1", by="a1"):
    return {"id": name, "by": by, "row": row, "decision": decision, "label": label}


def write(path, events):
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(one) + "\n" for one in events), encoding="utf-8")


def test_the_balance_counts_what_is_lost_twice_altered_or_unknown(tmp_path):
    first, second, third = given("x", "r1"), given("y", "r2"), given("z", "r3")
    write(tmp_path / "book.jsonl", [first, second, third])
    files = tmp_path / "labels"
    write(files / "a1.jsonl", [first, second])
    write(files / "b2.jsonl", [third])
    assert balance(tmp_path / "book.jsonl", files).is_right
    write(files / "b2.jsonl", [first, second | {"label": "2"}, given("w", "r4")])
    wrong = balance(tmp_path / "book.jsonl", files)
    assert (wrong.acknowledged, wrong.lost, wrong.twice) == (3, 1, 2)
    assert (wrong.altered, wrong.unknown) == (1, 1)
    assert not wrong.is_right


def test_the_recount_takes_the_last_decisions_and_the_majority():
    decisions = [
        given("a", "r1", label="1"), given("b", "r1", label="7"), given("c", "r2", label="2"),
        given("d", "r2", label="3", by="b2"), given("e", "r3"), given("f", "r3", "retract", None),
        given("g", "r4", label="4"), given("h", "r4", "skip", None, by="b2"),
    ]  # fmt: skip
    assert recount(decisions, {"7": "seven"}) == {"r1": "seven", "r4": "4"}
    assert original("seven") == "7"


def test_results_differ_if_their_bytes_do_or_one_is_missing(tmp_path):
    for clone, card in (("one", "a"), ("other", "b")):
        (tmp_path / clone / "data").mkdir(parents=True)
        (tmp_path / clone / "queries.csv").write_text("same")
        (tmp_path / clone / "data/card.md").write_text(card)
    (tmp_path / "one/data/model.skops").touch()
    expected = ["data/card.md", "data/model.skops"]
    assert differences(tmp_path / "one", tmp_path / "other") == expected
    assert differences(tmp_path / "other", tmp_path / "one") == expected


def test_the_summary_says_how_often_the_interval_holds_the_truth():
    counts = dict.fromkeys(("kills", "interrupted", "lost", "twice", "altered"), 0)
    result = counts | {
        "seed": 0, "acknowledged": 9, "recount_differs": False, "bytes_differ": [],
        "accuracy": 0.8, "low": 0.7, "high": 0.9, "truth": {"people": 0.75, "true classes": 0.95},
    }  # fmt: skip
    lines = list(summarise([result]))
    assert lines[0].startswith("1 projects: 0 kills")
    assert lines[-2].startswith("1 of 1: the interval holds the share of people; ")
    assert lines[-1].endswith("mean: -0.150")
