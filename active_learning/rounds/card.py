"""The card of a model: what it was trained on, and how good it is."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from active_learning.core.sentences import count
from active_learning.models.tasks import hash_values
from active_learning.rounds.evaluation import Recall
from active_learning.rounds.labelling import Labelling

_USE = (
    "`python -m commands.predict TABLE --out FILE` labels another table. Loading the file by "
    "`skops.io.load` needs this project's library and has to trust these types:"
)


def model_card(
    labelling: Labelling,
    *,
    summary: Mapping[str, Any],
    sentence: str,
    recall: Mapping[str, Recall],
    table: str,
    params: Mapping[str, Any],
    includes_holdout: bool,
    types: Sequence[str],
) -> str:
    """Card in Markdown.

    Parameters
    ----------
    labelling : Labelling
    summary : dict
        ``agreement`` and ``conflicts`` of the labels.
    sentence : str
        Accuracy in words.
    recall : dict of str to Recall
        Of each class; empty without a model.
    table : str
        Path of the table.
    params : dict
        Sections that the model depends on.
    includes_holdout : bool
        Whether the model was also fitted to the labels of the hold-out.
    types : sequence of str
        Types in the file of the model that loading it has to trust.
    """
    if not recall:
        return "# No model yet\n\nIt needs labels of two classes or more.\n"
    agreement = summary["agreement"]
    lines = [
        "# Labeller",
        "",
        f"Predicts {', '.join(labelling.classes.names)} from the columns of {table}.",
        "",
        _accuracy(sentence, includes_holdout=includes_holdout),
        "",
        "| class | rows of the hold-out | recall |",
        "| --- | --- | --- |",
        *(
            f"| {name} | {one.n} | {'–' if one.value is None else format(one.value, '.2f')} |"
            for name, one in recall.items()
        ),
        "",
        "## Labels",
        "",
        _counts(labelling),
        "- Agreement of annotators on the hold-out (Krippendorff's alpha): "
        + ("not measured." if agreement is None else f"{agreement:.2f}."),
        f"- Left out, for want of a majority of labels: {count(summary['conflicts'], 'row')}.",
        f"- Table: {len(labelling.table.ids)} rows, hash {hash_values(labelling.table.strings)}.",
        "",
        "## Params",
        "",
        "```json",
        json.dumps(params, indent=2, ensure_ascii=False),
        "```",
        "",
        "## Use",
        "",
        _USE,
        "",
        *(f"- `{name}`" for name in types),
        "",
    ]
    return "\n".join(lines)


def _accuracy(sentence: str, *, includes_holdout: bool) -> str:
    measured = (
        "It was measured before the labels of the hold-out were added, and may be a little better "
        "than that." if includes_holdout else "It was not fitted to the hold-out."
    )  # fmt: skip
    return (
        f"{sentence[0].upper()}{sentence[1:]} (rows that were never queried and never trained on, "
        f"a random sample of the table). {measured}"
    )


def _counts(labelling: Labelling) -> str:
    people = ", ".join(sorted({by for _, by in labelling.decisions}))
    return (
        f"- {len(labelling.training)} to train on, {len(labelling.measured)} rows of the hold-out "
        f"decided, in {len(labelling.rounds)} rounds, by {people}."
    )
