"""Draws put into words: medians, bands, and how good they were once the truth is known."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

LEVELS = (0.5, 0.8, 0.95)
Floats = npt.NDArray[np.float64]


def quantiles(values: npt.NDArray[Any], at: Sequence[float]) -> Floats:
    """Return quantiles over draws, (quantiles, ...): whole numbers stay whole (the least with enough draws up to it).

    Parameters
    ----------
    values
        Draws first, (draws, ...).
    at
        Probabilities.
    """
    whole = np.issubdtype(values.dtype, np.integer)
    return np.quantile(values, np.asarray(at), axis=0, method="inverted_cdf" if whole else "linear").astype(float)


def summarise(values: npt.NDArray[Any], levels: Sequence[float] = LEVELS) -> pd.DataFrame:
    """Return median, mean and equal-tailed bands of each column of draws.

    Parameters
    ----------
    values
        Draws, (draws, dates).
    levels
        Probabilities of the bands.

    Returns
    -------
    table
        One row per date; columns median, mean, low_50, high_50, and so on for each level.
    """
    tails = [tail for level in levels for tail in ((1 - level) / 2, (1 + level) / 2)]
    names = [f"{end}_{100 * level:g}" for level in levels for end in ("low", "high")]
    median, *rest = quantiles(values, [0.5, *tails])
    return pd.DataFrame({"median": median, "mean": values.mean(axis=0), **dict(zip(names, rest, strict=True))})


def crps(values: npt.NDArray[Any], actual: npt.ArrayLike) -> Floats:
    """Return the continuous ranked probability score of draws: mean |x - actual| - mean |x - x'| / 2.

    Parameters
    ----------
    values
        Draws first, (draws, ...).
    actual
        What happened, (...).

    Returns
    -------
    score
        In the unit of the values; 0 is perfect, and a single draw scores its error.
    """
    drawn = np.sort(np.asarray(values, dtype=float), axis=0)
    count = len(drawn)
    weight = (2 * np.arange(1, count + 1) - count - 1).reshape(-1, *[1] * (drawn.ndim - 1))
    return np.abs(drawn - np.asarray(actual)).mean(axis=0) - (weight * drawn).sum(axis=0) / count**2
