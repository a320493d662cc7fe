"""Random numbers that depend on a seed and on names only, never on the order of runs."""

import zlib

import numpy as np


def generator(seed: int, *names: str | int) -> np.random.Generator:
    """Generator of its own for a seed and a name, such as ``generator(42, "random", 3)``.

    Parameters
    ----------
    seed : int, 0 or more
    *names : str or int
        What the numbers are for. Texts enter by their CRC-32, which is the same on every
        machine and in every process, unlike ``hash``.
    """
    keys = [zlib.crc32(name.encode()) if isinstance(name, str) else name for name in names]
    return np.random.default_rng(np.random.SeedSequence(entropy=seed, spawn_key=keys))
