"""The small run of tests/pipeline, in which blocks of shell are typed."""

import pytest

from tests.pipeline.conftest import *  # noqa: F403 - its fixtures need one another


@pytest.fixture
def run(clone):
    """Run a block of shell as a person would type it, and give what it prints.

    A command that fails ends the block, and the test.
    """

    def run_block(block, where=clone, **env):
        return where.run("bash", "-euo", "pipefail", "-c", block, **env).stdout

    return run_block
