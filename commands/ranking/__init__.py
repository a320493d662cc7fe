"""The parts of ``commands.rank``: the experiments, their settings in order, the reports."""
