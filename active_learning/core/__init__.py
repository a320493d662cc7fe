"""Foundations: errors, plug-ins, the pool, predictions, random numbers."""
