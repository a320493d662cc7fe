"""Train a model on the labels, and predict every row of the table."""

import pandas as pd

from active_learning.core.sentences import count
from active_learning.data import files
from stages import command
from stages.params.rounds import RoundsParams
from stages.paths import MODEL, MODEL_TYPES, PREDICTIONS
from stages.rounds import model_file
from stages.rounds.inputs import read_labelling
from stages.rounds.training import make_trainer


def main(params: RoundsParams) -> None:
    """Predict with the model that is measured; write the model that goes out."""
    labelling = read_labelling(params)
    trainer = make_trainer(params, labelling)
    fitted = trainer.fit(labelling.training)
    predictions = pd.DataFrame(
        {
            "row": labelling.table.ids,
            "label": fitted.labels if fitted else None,
            "p": fitted.p if fitted else None,
        }
    )
    files.write_table(PREDICTIONS, predictions.astype({"label": "str", "p": "float64"}))
    labels = labelling.labels if params.artifact.refit else labelling.training
    types = model_file.save(MODEL, trainer.fit_for_use(labels) if fitted else None)
    files.write_json(MODEL_TYPES, {"types": types})
    if fitted:
        print(f"trained on {count(len(labelling.training), 'label')}: model {fitted.digest}")
    else:
        given = ", ".join(sorted({*labelling.training.values()}))
        print(
            f"No model yet: {count(len(labelling.training), 'label')}"
            + (f" of one class only ({given})." if given else ".")
            + f" The next rows are chosen by {params.query.start}."
        )


if __name__ == "__main__":
    command.stage(main, RoundsParams.read)
