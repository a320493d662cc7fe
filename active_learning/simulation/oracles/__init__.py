"""Oracles: each has ``start``, which gives the function that answers queries."""
