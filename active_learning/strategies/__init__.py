"""Query strategies, one file each; files with a leading underscore hold shared code."""
