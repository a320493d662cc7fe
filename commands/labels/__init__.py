"""Rounds of labelling with people: ``python -m commands.labels COMMAND``, one module a command."""
