"""The small run of tests/pipeline, and the blocks of shell that docs/experiments.md shows."""

import re

import pytest

from tests.pipeline.clone import ROOT
from tests.pipeline.conftest import *  # noqa: F403 - its fixtures need one another

PAGE = ROOT / "docs/experiments.md"


def sections(text):
    """Blocks of shell below each heading of a page of Markdown."""
    found = {}
    for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        heading, _, body = part.partition("\n")
        found[heading] = re.findall(r"^```sh\n(.*?)^```$", body, flags=re.MULTILINE | re.DOTALL)
    return found


@pytest.fixture
def run(clone):
    """Run blocks of a section of the page, as a person would type them, and give what they print.

    A command that fails ends the block, and the test.
    """

    def run_blocks(heading, *numbers, where=clone):
        blocks = sections(PAGE.read_text("utf-8"))[heading]
        chosen = [blocks[number] for number in numbers] if numbers else blocks
        return [where.run("bash", "-euo", "pipefail", "-c", block).stdout for block in chosen]

    return run_blocks
