"""Choose the rows to label next."""

from collections import Counter

import pandas as pd

from active_learning.core.errors import located
from active_learning.core.sentences import count
from active_learning.data import files
from active_learning.rounds.planning import Chooser, plan_round, replay
from active_learning.rounds.requests import Batch
from stages import command
from stages.params.config import ARGUMENTS
from stages.params.rounds import RoundsParams
from stages.paths import QUERIES, REPLAY
from stages.rounds.inputs import late_events, read_labelling
from stages.rounds.journal import Journal
from stages.rounds.training import make_trainer


def make_chooser(params: RoundsParams, name: str) -> Chooser:
    """How a strategy, and before it the start strategy, chooses rows."""
    query = params.query
    return Chooser(name, params.strategy(name), params.strategy(query.start), query.seed)


def main(params: RoundsParams) -> None:
    """Write the next rows, and which rows other strategies would have queried."""
    labelling = read_labelling(params)
    trainer = make_trainer(params, labelling)
    fitted = trainer.fit(labelling.training)
    query, holdout = params.query, params.holdout
    with located(f"{params.path}: ", f"{params.table.path}: ", ARGUMENTS):
        queries = plan_round(
            labelling,
            trainer,
            fitted,
            make_chooser(params, query.strategy),
            Batch(
                query.batch if fitted else query.start_size,
                holdout.of_batch,
                params.review.share,
                holdout.twice,
            ),
            holdout_size=holdout.size,
            skip_rounds=query.skip_rounds,
            annotators=params.annotators,
            seed=query.seed,
        )
        asked = [
            {"strategy": name, "round": one.round, "row": one.row, "labelled": int(one.labelled)}
            for name in query.compare
            for one in replay(labelling, trainer, make_chooser(params, name))
        ]
    files.write_table(QUERIES, queries.to_table())
    table = pd.DataFrame(asked, columns=["strategy", "round", "row", "labelled"])
    files.write_table(REPLAY, table)
    reasons = Counter(request.why for request in queries.rows)
    parts = ", ".join(f"{n} {why}" for why, n in reasons.items())
    n_rows = count(len(queries.rows), "row")
    print(f"round {queries.round}: {n_rows} to label ({parts or 'none is left'})")
    for name, of in table.groupby("strategy", sort=False):
        n, n_labelled = count(len(of), "row"), of["labelled"].sum()
        print(f"{name} would have queried {n}, {n_labelled} of them labelled")
    events = Journal.of_repository().read().events
    if late := late_events(events, queries.round):
        print(f"Too late for this run: {count(late, 'label')}. Run `make round`.")


if __name__ == "__main__":
    command.stage(main, RoundsParams.read)
