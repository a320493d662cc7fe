"""Learners: ``build(seed)`` returns an unfitted scikit-learn classifier."""
