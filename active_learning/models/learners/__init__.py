"""Learners: each has ``build(seed)`` and returns an unfitted scikit-learn classifier."""
