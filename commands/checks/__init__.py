"""The checks on the metrics: rules, git revisions, verified metrics, verdicts and reports."""
