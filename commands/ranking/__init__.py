"""The parts of ``commands.rank``: experiments, what they can tell, the ranking, the reports."""
