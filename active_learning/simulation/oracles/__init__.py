"""Oracles: each has ``answers(truth, n_classes, generator)``, what it would say of every row."""
