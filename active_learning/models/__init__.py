"""Fitting and scoring a learner on a split, over many splits."""
