"""Scorers: each has ``score(labels, predictions)`` and returns one number."""
