"""Query strategies: each has ``query(model, pool, n, generator)`` and returns a ``Query``.

A class says what it does not promise: ``NESTED = False``, that a smaller batch is the beginning of
a larger one; ``RANKED = False``, that the most informative row comes first. ``CALLS_OTHERS = True``
says that it runs what its options name. ``STOCHASTIC = False`` promises that it draws no lots,
which saves the loop a generator at every step.
"""
