"""Scorers: ``score(labels, prediction)`` returns one number."""
