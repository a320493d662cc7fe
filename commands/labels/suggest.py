"""Suggest a strategy for the rounds, from an experiment on a similar table.

Prints lines for rounds/params.yaml, with the evidence. The experiment is the one in the workspace,
or the best of those that are named. Its table must have its own labels: the rows that people label
in rounds are no sample of the table, since a model chose them.
"""

import argparse
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from active_learning.core.errors import UserError, located
from stages import paths

if TYPE_CHECKING:
    from active_learning.rounds.log import Log
    from active_learning.rounds.table import LabelTable
    from commands.ranking.settings import Candidate

_FEWEST_QUERIES = 5  # of a batch for people


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "names",
        metavar="EXPERIMENT_OR_REVISION",
        nargs="*",
        help="what to choose from, as for `python -m commands.rank` (default: workspace)",
    )


def main(options: argparse.Namespace) -> None:
    """Rank the settings, choose one, and print it with the evidence."""
    from commands import rank
    from commands.ranking import experiments, settings
    from stages.params import Params
    from stages.params.config import PARAMS, read_mapping

    listed = experiments.find(options.names or [experiments.WORKSPACE])
    try:
        candidates, left_out = settings.collect(listed)
    except UserError as error:
        raise UserError(
            "suggest needs a finished experiment on a similar table that has labels, see "
            f"docs/own_data.md; {error}"
        ) from None
    for each in {each.experiment.name: each.experiment for each in candidates}.values():
        refuse_labels_of_rounds(each.params)
    if len(candidates) > 1:
        compare = Params(read_mapping(PARAMS)).compare
        ranking = settings.rank(candidates, "aulc", compare)
        print(f"{rank.markdown(ranking, left_out)}\n")
        candidates = [setting.candidate for setting in ranking.settings]
    print("\n".join(suggest(candidates)))


def suggest(candidates: "Sequence[Candidate]") -> Iterator[str]:
    """What to write into rounds/params.yaml, and why.

    Parameters
    ----------
    candidates : sequence of Candidate
        From best to worst. The learner is that of the first; the strategy is the first one with
        this learner that is shown to beat random.

    Raises
    ------
    UserError
        If random was not run.
    """
    from active_learning.analysis import report
    from stages.params import yaml

    best = candidates[0]
    content, experiment = best.metrics.content, best.experiment
    rows, control = content["strategies"], content["control"]
    if control not in rows:
        raise UserError(
            f"{experiment.name} did not run {control}, so nothing shows that a strategy is worth "
            f"it; add {control} to query_loop.strategies."
        )
    better = [
        each.strategy
        for each in candidates
        if each.experiment == experiment and _beats_random(rows[each.strategy])
    ]
    strategy = better[0] if better else control
    yield f"{_describe_data(experiment.params)}:"
    yield from (report.sentence(name, content) for name in rows if name != control)
    if not better:
        yield (
            f"No strategy was shown to beat {control} here, so {control} is suggested; its labels "
            "are a uniform sample. margin, the default of rounds, often does better, but nothing "
            "here shows it."
        )
    yield from _budget(best, strategy)
    batch_size = experiment.params.get("query_loop", {}).get("batch_size", 1)
    batch = _batch(batch_size)
    if batch is None and better:
        yield (
            f"The experiment queried {batch_size} at a time. People get more at once, which may "
            "gain less: `dvc exp run -S query_loop.batch_size=10` shows it."
        )
    yield f"\n# For {paths.ROUNDS_PARAMS}:"
    yield yaml.dump(_lines(experiment.params, strategy, batch)).rstrip("\n")


def _beats_random(row: Mapping[str, Any]) -> bool:
    return bool(row["vs_random"]) and row["vs_random"]["aulc"]["verdict"] == "better"


def _describe_data(params: Mapping[str, Any]) -> str:
    generate = params.get("generate", {})
    dataset = generate.get("dataset", "synthetic")
    options = generate.get(dataset) or {}
    name = options.get("path") or options.get("name") or options.get("data_id") or ""
    text = f"On {dataset} {name}".rstrip()
    if dataset == "synthetic":
        return f"{text} data, which say little about yours (docs/own_data.md runs a table)"
    return text


def _budget(candidate: "Candidate", strategy: str) -> Iterator[str]:
    """Where the stopping rules would have stopped, and how far the evidence goes."""
    from active_learning.analysis import stopping
    from commands.checks import metrics

    commit, hashes = candidate.experiment.commit, candidate.metrics.hashes
    stops = metrics.read(paths.STOPPING, partial(_stops_of, strategy=strategy), commit, hashes)
    yield from stopping.sentences(stops)
    labels = candidate.curve.labels
    yield (
        f"Nothing is known beyond {labels[-1]} labels (from {labels[0]}). In rounds, the labels of "
        "the hold-out come on top."
    )


def _stops_of(content: bytes, strategy: str) -> dict[str, Any]:
    stops: dict[str, Any] = json.loads(content)
    return stops | {"strategies": {strategy: stops["strategies"].get(strategy, {})}}


def _batch(batch_size: int) -> int | None:
    """Batch with so many queries beside hold-out and review; ``None`` if too few for people."""
    from stages.params.rounds import Holdout, Review

    if batch_size < _FEWEST_QUERIES:
        return None
    return math.ceil(batch_size / (1 - Holdout().of_batch - Review().share))


def _lines(params: Mapping[str, Any], strategy: str, batch: int | None) -> dict[str, Any]:
    """Sections of rounds/params.yaml: the strategy, and the model that it was tried with."""
    from commands.ranking.experiments import called_entries

    learner, entries = params.get("learner", {}), params.get("strategies", {})
    sections = {
        "query": {"strategy": strategy} | ({"batch": batch} if batch else {}),
        "learner": {
            key: value
            for key, value in learner.items()
            if key == learner.get("name") or not isinstance(value, Mapping)
        },
        "preprocess": params.get("preprocess", {}),
        "strategies": {
            name: entries[name] for name in called_entries(strategy, entries) if entries[name]
        },
    }
    return {name: dict(section) for name, section in sections.items() if section}


def refuse_labels_of_rounds(params: Mapping[str, Any]) -> None:
    """Refuse an experiment on the labels of the rounds in this folder.

    Rows are recognised by what annotators see of them. Those of the hold-out were chosen at random,
    so they are no reason to refuse.

    Raises
    ------
    UserError
        If more labels come from queries than from elsewhere.
    """
    from stages.params.rounds import RoundsParams
    from stages.rounds.journal import Journal

    generate = params.get("generate", {})
    options = generate.get("table") or {}
    if generate.get("dataset") != "table" or not paths.ROUNDS_PARAMS.is_file():
        return
    table = RoundsParams.read().read_table()
    labelled = _labelled_rows(options, table.shown)
    queried, known = _rows_of_log(Journal.of_repository().read(), table)
    n_queried = sum(row in queried for row in labelled)
    n_elsewhere = sum(row not in known for row in labelled)
    if n_queried > n_elsewhere:
        raise UserError(
            f"{options['path']} has the labels of these rounds: of its {len(labelled)} labelled "
            f"rows {n_queried} were queried here. Rows that a model chose are no random sample of "
            "the table, and on them a simulation flatters every strategy. Run the experiment on a "
            "similar table that has labels of its own."
        )


def _labelled_rows(options: Mapping[str, Any], shown: Sequence[str]) -> list[str]:
    """Digest of every labelled row of the experiment's table; none if it lacks what is shown."""
    from active_learning.data.csv_format import Csv
    from active_learning.data.read import read_file, read_strings
    from active_learning.rounds.events import digest_of_row

    path, target = options["path"], options["target"]
    with located("params.yaml: generate.table."):
        csv = Csv(**options.get("csv", {}))
        index = [target, *shown]
        sheet = options.get("sheet")
        strings = read_strings(path, csv, index, sheet=sheet)
        typed = read_file(path, options.get("missing"), csv=csv, index=index, sheet=sheet)
    if not {*shown, target} <= set(strings):
        return []
    is_labelled = typed[target].notna().to_numpy()
    rows = strings.loc[is_labelled, list(shown)].itertuples(index=False, name=None)
    return [digest_of_row(dict(zip(shown, row, strict=True))) for row in rows]


def _rows_of_log(log: "Log", table: "LabelTable") -> tuple[set[str], set[str]]:
    """Digest of rows whose label was queried, and of all that have a label in the log."""
    from active_learning.rounds.votes import standing

    decisions = [each for each in standing(log.events).values() if each.row in table.positions]
    holdout = {each.row for each in decisions if each.why == "holdout"}
    rows = {each.row for each in decisions if each.label is not None}
    queried = {each.row for each in decisions if each.row in rows - holdout and each.round}
    return {table.digest(row) for row in queried}, {table.digest(row) for row in rows}
