"""The small run of tests/pipeline."""

from tests.pipeline.conftest import *  # noqa: F403 - its fixtures need one another
