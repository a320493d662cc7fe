"""Oracles: ``start`` returns the function that answers queries."""
