"""Stopping rules: each has ``value(snapshot)``, what it looks at, and ``stops(values)``."""
