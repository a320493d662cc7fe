"""The environment of tests/pipeline, in which stages start as forks."""

from tests.pipeline.conftest import env, shared

__all__ = ["env", "shared"]
