"""The error of a stage in which some strategies failed, raised after the others were written."""

import sys

from active_learning.core.errors import ArtifactError, ExecutionError, UserError, located
from active_learning.data import files
from active_learning.simulation.experiment import Failure
from active_learning.simulation.store import Store
from stages.params.config import ARGUMENTS, PARAMS


def fail(failures: dict[str, Failure], n_strategies: int, store: Store) -> None:
    """Raise an error that names each failed strategy and the reason.

    Raises
    ------
    ExecutionError
        Always.
    """
    tracebacks = "\n".join(filter(None, (failure.traceback for failure in failures.values())))
    reasons = {name: reason(failure).removesuffix(".") for name, failure in failures.items()}
    message = "; ".join(f"{name} failed: {reason}" for name, reason in reasons.items())
    if len({*reasons.values()}) == 1:
        message = f"{', '.join(reasons)} failed: {next(iter(reasons.values()))}"
    if n_others := n_strategies - len(failures):
        others = "strategy" if n_others == 1 else f"{n_others} strategies"
        message += f". The other {others} finished"
        if store.is_writable():
            message += f" and {'is' if n_others == 1 else 'are'} stored"
    if tracebacks:
        path = store.folder / "failures.log"
        try:
            with files.replacing(path) as temporary:
                temporary.write_text(tracebacks, encoding="utf-8")
            message += f". The tracebacks are in {path}"
        except ArtifactError:
            print(tracebacks, file=sys.stderr)
    raise ExecutionError(f"{message}.")


def reason(failure: Failure) -> str:
    """Reason of a failure, prefixed with the place of a param."""
    try:
        with located(f"{PARAMS}: ", names=ARGUMENTS):
            raise failure.error
    except UserError as error:
        return str(error)
