"""The parts of ``commands.rank``: the experiments, and their settings in order."""
