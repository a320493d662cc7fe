"""Data sources: ``load(seed)`` returns a table with the target last; ``roles`` is optional."""
