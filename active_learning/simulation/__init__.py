"""The active-learning loop: the pool, the ranking of its rows, and one run."""
