"""Parts of the gate: its rules, git revisions, metrics, verdicts and reports."""
