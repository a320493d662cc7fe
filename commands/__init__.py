"""Commands that people and CI run; none is a stage of the pipeline."""
