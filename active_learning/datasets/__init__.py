"""Data sets: each has ``load(seed)`` and returns a table of features and a target."""
