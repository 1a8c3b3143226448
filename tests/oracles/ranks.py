"""Where the truth stands among draws: even over 0 to 1 if the draws are right."""

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def spread_rank(values: npt.NDArray[Any], actual: npt.ArrayLike, *, rng: np.random.Generator) -> Floats:
    """Return where the truth stands among the draws, 0 to 1, ties broken at random (the randomised PIT).

    Even over 0 to 1 if the draws are right, for small whole numbers too, whose bands must cover more than their level.

    Parameters
    ----------
    values
        Draws first, (draws, ...).
    actual
        What happened, (...).
    rng
        Random numbers for ties.
    """
    below, same = (values < actual).sum(axis=0), (values == actual).sum(axis=0)
    return (below + rng.random(below.shape) * (same + 1)) / (len(values) + 1)
