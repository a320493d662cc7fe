"""Fitting and scoring a learner on one split or many."""
