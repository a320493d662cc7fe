"""The small run of tests/pipeline, in which blocks of shell are typed."""

from tests.pipeline.conftest import *  # noqa: F403 - its fixtures need one another
