"""Stopping rules: each has ``value(sight)``, what it looks at, and ``stops(values)``."""
