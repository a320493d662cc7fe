"""Measure the accuracy on the hold-out, and that of the model of each round."""

from typing import Any

import pandas as pd

from active_learning.data import files
from active_learning.rounds.agreement import krippendorff_alpha
from active_learning.rounds.card import model_card
from active_learning.rounds.evaluation import advise, learning_curve, measure, measure_recall
from active_learning.rounds.holdout import NOTHING_MEASURED, Accuracy
from active_learning.rounds.labelling import Labelling
from active_learning.rounds.report import accuracy_sentence
from active_learning.simulation.monitor import Plan
from stages import command
from stages.params.rounds import RoundsParams
from stages.paths import MODEL_CARD, MODEL_TYPES, ROUNDS_CURVE, ROUNDS_RECALL, ROUNDS_SUMMARY
from stages.rounds.inputs import read_labelling
from stages.rounds.training import make_trainer


def make_plan(params: RoundsParams) -> Plan:
    """The stopping rules."""
    stopping = params.stopping
    return Plan(
        rules={name: stopping.make(name) for name in stopping.rules},
        stop_set=stopping.stop_set,
        folds=stopping.folds,
        seed=stopping.seed,
    )


def summarise(labelling: Labelling, accuracy: Accuracy) -> dict[str, Any]:
    """The metrics of the round."""
    return {
        "round": labelling.next_round - 1,
        "labels": len(labelling.training),
        "holdout": accuracy.n,
        "undecided": accuracy.n_undecided,
        "accuracy": accuracy.value,
        "low": accuracy.low,
        "high": accuracy.high,
        "agreement": krippendorff_alpha(labelling.holdout_labels),
        "conflicts": sum(votes.is_tied for votes in labelling.votes.values()),
    }


def main(params: RoundsParams) -> None:
    """Write the metrics, the curve, the recall of each class and the model's card."""
    labelling = read_labelling(params)
    trainer = make_trainer(params, labelling)
    plan = make_plan(params)
    confidence = params.holdout.confidence
    curve = learning_curve(labelling, trainer, plan, confidence)
    fitted = trainer.fit(labelling.training)
    accuracy = measure(labelling, fitted, confidence) if fitted else NOTHING_MEASURED
    recall = measure_recall(labelling, fitted) if fitted else {}
    n_decided = sum(r in labelling.measured for r in labelling.holdout[: params.holdout.size])
    sentence = accuracy_sentence(accuracy if fitted else None, n_decided)
    summary = summarise(labelling, accuracy)
    files.write_json(ROUNDS_SUMMARY, summary)
    files.write_table(ROUNDS_CURVE, curve)
    rows = [(name, one.n, one.value) for name, one in recall.items()]
    files.write_table(ROUNDS_RECALL, pd.DataFrame(rows, columns=["class", "rows", "recall"]))
    card = model_card(
        labelling,
        summary=summary,
        sentence=sentence,
        recall=recall,
        table=params.table.path,
        params={name: params[name] for name in ("learner", "preprocess", "holdout")},
        includes_holdout=params.artifact.refit,
        types=files.read_json(MODEL_TYPES, "types")["types"],
    )
    with files.replacing(MODEL_CARD) as temporary:
        temporary.write_text(card, encoding="utf-8")
    print(sentence)
    for text in advise(curve, plan, width=params.stopping.width, budget=params.stopping.budget):
        print(f"stop? {text}")


if __name__ == "__main__":
    command.stage(main, RoundsParams.read)
