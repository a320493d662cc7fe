"""Query strategies: each has ``query(model, pool, n, generator)`` and returns a ``Query``."""
