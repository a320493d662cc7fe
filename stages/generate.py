"""Generate or read the table: ``data/raw/table.parquet`` and its card."""

from active_learning.core.errors import DataError, located
from active_learning.data import files
from active_learning.data.checks import find_problems
from active_learning.data.table import validate_table
from stages import command
from stages.params import Params
from stages.params.config import PARAMS
from stages.paths import CARD, TABLE


def main(params: Params) -> None:
    """Load the table, check it, and write it with its card."""
    section = params.generate
    plugin = section.plugin
    source, place = plugin.label, f"{PARAMS}: generate."
    with located(f"{place}{section.dataset}."):
        frame = plugin.load(section.seed)
    with located(place, f"{source}: "):
        table = validate_table(
            frame,
            target=frame.columns[-1],
            roles=plugin.roles,
            kinds=section.kinds,
        )
    problems = None if section.checks == "off" else find_problems(table)
    if problems and section.checks == "error":
        raise DataError(f"{source}: {' '.join(problems.values())} (generate.checks is error.)")
    card = table.card(section.dataset)
    files.write_table(TABLE, table.frame)
    files.write_json(CARD, card | {"checks": problems})
    print(
        f"{section.dataset}: {card['rows']} rows, {card['features']} features, "
        f"classes {card['classes']}"
    )
    for text in (problems or {}).values():
        print(f"warning: {text}")


if __name__ == "__main__":
    command.run(main, Params.read)
