"""The evidence: learning curves, statistics over repeats, strategies against random."""
