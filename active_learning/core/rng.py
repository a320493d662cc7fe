"""Random generators that depend only on a seed and on names, never on the order of runs."""

import zlib

import numpy as np


def generator(seed: int, *names: str | int) -> np.random.Generator:
    """Independent generator for a seed and a purpose, such as ``generator(42, "random", 3)``.

    Parameters
    ----------
    seed : int, 0 or more
    *names : str or int
        The purpose. Strings enter as CRC-32, which unlike ``hash`` is the same in every process.
    """
    keys = [zlib.crc32(name.encode()) if isinstance(name, str) else name for name in names]
    return np.random.default_rng(np.random.SeedSequence(entropy=seed, spawn_key=keys))
