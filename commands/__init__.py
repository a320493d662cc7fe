"""Commands that people and CI run; none is a stage of the pipeline."""

import stages  # noqa: F401 - says so if the environment is not active
