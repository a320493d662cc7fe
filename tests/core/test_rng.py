"""Random numbers that depend on a seed and on names, and on nothing else."""

import itertools

from active_learning.core import rng


def first(*keys):
    return rng.generator(*keys).integers(2**60)


def test_numbers_are_the_same_on_every_machine():
    for _ in range(2):  # whatever was drawn before
        assert rng.generator(42, "oracle").integers(1000, size=4).tolist() == [529, 173, 46, 74]


def test_another_seed_or_name_gives_other_numbers():
    keys = [(0,), (1,), (0, "a"), (0, "b"), (0, "a", 0), (0, "a", 1), (0, 1, "a"), (0, 0, "a")]
    for one, other in itertools.combinations(keys, 2):
        assert first(*one) != first(*other)
