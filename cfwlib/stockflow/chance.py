"""Random numbers that belong to a person, not to a place in a queue.

Each number is a hash of (seed, stream, draw, person, event). So two futures with the same seed differ only where their
rates do, and neither the order of rows nor the size of a batch changes anything.
"""

import numpy as np
import numpy.typing as npt

Keys = npt.NDArray[np.uint64]
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def mix(keys: Keys) -> Keys:
    """Scramble 64-bit numbers in place (the finaliser of SplitMix64) and return them."""
    keys ^= keys >> np.uint64(30)  # arrays wrap around silently, as they should
    keys *= np.uint64(0xBF58476D1CE4E5B9)
    keys ^= keys >> np.uint64(27)
    keys *= np.uint64(0x94D049BB133111EB)
    keys ^= keys >> np.uint64(31)
    return keys


def person_keys(seed: int, stream: int, draw: npt.NDArray[np.int64], person: npt.NDArray[np.int64]) -> Keys:
    """Return a key for each pair of draw and person (broadcast) in a stream."""
    root = np.random.SeedSequence([seed, stream]).generate_state(1, np.uint64)
    keys = root + _GOLDEN * ((draw.astype(np.uint64) << np.uint64(32)) + person.astype(np.uint64))
    return mix(keys)


def numbers(keys: Keys, event: int | npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return two independent uniform numbers in (0, 1), each of 32 bits, for an event of each key."""
    bits = mix(keys + _GOLDEN * np.asarray(event + 1).astype(np.uint64))
    scale = 2.0**-32
    high, low = (half.astype(np.float64) for half in (bits >> np.uint64(32), bits & np.uint64(0xFFFFFFFF)))
    return (high + 0.5) * scale, (low + 0.5) * scale
