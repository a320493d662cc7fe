"""Choose the rows of the next round."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from active_learning.core import rng
from active_learning.core.bases import Strategy
from active_learning.core.errors import ParamsError
from active_learning.models.task import deterministic_numerics
from active_learning.rounds.classes import Classes
from active_learning.rounds.events import Event
from active_learning.rounds.labelling import Labelling
from active_learning.rounds.queries import Queries
from active_learning.rounds.requests import Batch, State, plan_requests
from active_learning.rounds.trainer import Fitted, Trainer
from active_learning.rounds.votes import count_votes
from active_learning.simulation.monitor import predict_held_out
from active_learning.simulation.simulate import ask

FOLDS = 5
PATIENCE = 3  # rounds without a decision after which nobody waits for a person


@dataclass(frozen=True)
class Chooser:
    """How rows are queried.

    Attributes
    ----------
    name : str
        Name of ``strategy``, for its random generator and for errors.
    strategy : Strategy
        Used once there is a model.
    start : Strategy
        Used before; it needs no labels.
    seed : int
    """

    name: str
    strategy: Strategy
    start: Strategy
    seed: int

    def choose(
        self,
        trainer: Trainer,
        fitted: Fitted | None,
        labels: Mapping[str, str],
        candidates: Sequence[str],
        *,
        n: int,
        round_number: int,
    ) -> list[str]:
        """Rows among the candidates to label next, the most informative first.

        Parameters
        ----------
        trainer : Trainer
        fitted : Fitted or None
            Model of ``labels``.
        labels : dict of str to str
            Label of each labelled row.
        candidates : sequence of str
            At least ``n`` rows, none labelled.
        n, round_number : int
        """
        ids = trainer.table.ids
        open_rows = {*candidates}
        closed = [ids[position] for position in trainer.pool if ids[position] not in open_rows]
        features = trainer.task.features if fitted else trainer.start_features
        pool = trainer.pool_of(labels, closed, features)
        generator = rng.generator(self.seed, self.name, round_number)
        strategy, model = (self.strategy, fitted.model) if fitted else (self.start, _NoModel())
        with deterministic_numerics():
            rows = ask(strategy, model, pool, n, generator, name=self.name).rows
        return [ids[row] for row in rows]


class _NoModel:
    """Stands for the model until there is one."""

    def __getattr__(self, name: str) -> Any:
        raise ParamsError(
            "query.start must be a strategy that needs no model, such as typiclust or random."
        )


def plan_round(
    labelling: Labelling,
    trainer: Trainer,
    fitted: Fitted | None,
    chooser: Chooser,
    batch: Batch,
    *,
    holdout_size: int,
    skip_rounds: int,
    annotators: Sequence[str],
    seed: int,
) -> Queries:
    """Rows to label in the next round, see ``requests.plan_requests``.

    Parameters
    ----------
    labelling : Labelling
    trainer : Trainer
    fitted : Fitted or None
        The model of ``labelling.training``; ``None`` if there are too few labels.
    chooser : Chooser
    batch : Batch
    holdout_size : int
        Rows of the hold-out to label.
    skip_rounds : int
        Rounds for which a skipped row is not asked again.
    annotators : sequence of str
        Names among whom rows are dealt; empty: anyone.
    seed : int
        Seed of the cross-validation that tells which labels the model contradicts.
    """
    holdout = labelling.holdout[:holdout_size]
    number = labelling.next_round
    state = State(
        rows=[row for row in trainer.table.ids if row not in labelling.holdout_rows],
        holdout=holdout,
        votes=count_votes(_recent(labelling, number - skip_rounds), labelling.classes),
        outdated=[row for row in labelling.outdated if row not in labelling.holdout_rows],
        contradicted=contradicted_rows(labelling, trainer, seed) if fitted else [],
        annotators=annotators,
        people={
            event.by
            for event in labelling.events
            if event.source == "page" and event.round >= number - PATIENCE
        },
        earlier=_deciders(labelling),
    )

    def choose(candidates: Sequence[str], n: int) -> list[str]:
        return chooser.choose(
            trainer, fitted, labelling.training, candidates, n=n, round_number=number
        )

    queries = plan_requests(state, batch, choose)
    if fitted is None:
        return Queries(number, None, tuple(queries))
    positions = trainer.table.positions
    guessed = [replace(query, guess=fitted.guess(positions[query.row])) for query in queries]
    return Queries(number, fitted.digest, tuple(guessed))


def _recent(labelling: Labelling, since: int) -> dict[tuple[str, str], Event]:
    """Decisions, without skips of rows outside the hold-out that are older."""
    return {
        key: event
        for key, event in labelling.decisions.items()
        if event.decision != "skip" or event.round >= since or key[0] in labelling.holdout_rows
    }


def _deciders(labelling: Labelling) -> dict[str, list[str]]:
    """Of each row, who has a decision on it, also one that counts no more."""
    deciders: dict[str, list[str]] = {}
    for row, by in labelling.standing:
        deciders.setdefault(row, []).append(by)
    return deciders


def contradicted_rows(labelling: Labelling, trainer: Trainer, seed: int) -> list[str]:
    """Rows with one label that a model fitted without them contradicts.

    First those whose label was given before the class existed that the model predicts, then by
    the probability of the label, the lowest first.
    """
    pool = trainer.pool_of(labelling.training)
    with deterministic_numerics():
        prediction = predict_held_out(trainer.task, pool, FOLDS, seed)
        if prediction is None:
            return []
        probabilities = prediction.probabilities
    own = probabilities[np.arange(len(pool.labels)), pool.labels]
    is_offered = _Offers(labelling.events, labelling.classes)
    ranked = []
    for place in np.flatnonzero(prediction.labels != pool.labels):
        row = trainer.table.ids[pool.labelled_rows[place]]
        if len(labelling.votes[row].labels) != 1:
            continue
        (by,) = labelling.votes[row].labels
        predicted = str(trainer.names[prediction.labels[place]])
        was_offered = is_offered(labelling.decisions[row, by], predicted)
        ranked.append((was_offered, float(f"{own[place]:.9g}"), row))
    return [row for _, _, row in sorted(ranked)]


class _Offers:
    """Whether a class was on offer when an event was given.

    Events hold a digest of the classes on offer; a label that somebody gave tells that its class
    was among them.
    """

    def __init__(self, events: Sequence[Event], classes: Classes) -> None:
        self._present = classes.digest
        self._given = {(e.classes, classes.current(e.label)) for e in events if e.label is not None}

    def __call__(self, event: Event, name: str) -> bool:
        return event.classes == self._present or (event.classes, name) in self._given


@dataclass(frozen=True)
class Replayed:
    """A row that another strategy would have asked for.

    Attributes
    ----------
    round : int
    row : str
    labelled : bool
        Whether it has a label.
    """

    round: int
    row: str
    labelled: bool


def replay(labelling: Labelling, trainer: Trainer, chooser: Chooser) -> list[Replayed]:
    """Rows that a strategy would have asked for, in batches as large as the real ones.

    It starts from the labels of the first round with a model. A row that it asks for and that has
    no label is not asked again. Among labelled rows only, a score would flatter the strategy, so
    none is computed.
    """
    rounds = labelling.rounds
    queried = Counter(e.round for e in labelling.first_events.values() if e.why == "query")
    first = next((r for r in rounds if trainer.fit(labelling.until(r).training)), None)
    if first is None:
        return []
    labels = dict(labelling.until(first).training)
    asked = {*labels}
    replayed: list[Replayed] = []
    for number in [r for r in rounds if r > first and queried[r]]:
        pool = (trainer.table.ids[position] for position in trainer.pool)
        candidates = [row for row in pool if row not in asked]
        n = min(queried[number], len(candidates))
        if not n:
            break
        fitted = trainer.fit(labels)
        rows = chooser.choose(trainer, fitted, labels, candidates, n=n, round_number=number)
        replayed += [Replayed(number, row, row in labelling.training) for row in rows]
        asked |= {*rows}
        labels |= {row: labelling.training[row] for row in rows if row in labelling.training}
    return replayed
