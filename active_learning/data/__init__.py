"""Data sets: validating a table, its card, kinds of columns, checks, splits, preprocessing."""
