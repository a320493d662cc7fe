"""Measurements and figures that the docs quote, and demonstrations."""
