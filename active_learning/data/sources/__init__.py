"""Data sets: each has ``load(seed)``, a table with the target last, and may name ``roles``."""
