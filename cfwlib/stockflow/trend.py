"""Whether entries are rising or falling, and how much more they scatter than chance alone would have them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special, stats

from cfwlib.errors import InputError

Floats = npt.NDArray[np.float64]
BIN_DAYS = 28
FEWEST_BINS = 4  # below this neither a slope nor a scatter is told from chance
_YEAR_DAYS = 365.25


@dataclass(frozen=True)
class Trend:
    """Trend of entries: a quasi-Poisson regression on time in 28-day bins.

    Attributes
    ----------
    bins
        Bins used.
    per_year
        Change of the level in a year, as a share: 0.1 = 10% up a year; NaN with fewer than four bins or no entries.
    low, high
        Its 95% interval.
    p_value
        Chance of a slope this steep, either way, if the level stood still; NaN if not testable.
    phi
        Over-dispersion: Pearson's chi-squared over its degrees of freedom, about the trend line; 1 = Poisson, NaN if
        not testable.
    slope, slope_se
        The slope of the log level per day and its standard error.
    """

    bins: int
    per_year: float
    low: float
    high: float
    p_value: float
    phi: float
    slope: float
    slope_se: float

    @property
    def sentence(self) -> str:
        """What the test found, in words."""
        if np.isnan(self.p_value):
            return f"No trend can be told from {self.bins} periods of {BIN_DAYS} days."
        size = f"{self.per_year:+.0%} a year (95% interval {self.low:+.0%} to {self.high:+.0%}, p = {self.p_value:.2f})"
        if self.p_value >= 0.05:
            return f"Starts show no clear trend: {size}."
        return f"Starts are {'rising' if self.per_year > 0 else 'falling'}: {size}."


def entry_trend(counts: npt.ArrayLike) -> Trend:
    """Test the trend of entries in consecutive 28-day bins.

    Parameters
    ----------
    counts
        Entries in each bin, oldest first.

    Returns
    -------
    trend
        Slope, interval, p-value (t with bins - 2 degrees of freedom, standard errors scaled by the over-dispersion, or
        by 1 where the scatter is below chance) and over-dispersion.

    Raises
    ------
    InputError
        If a count is negative or not finite.
    """
    seen = np.asarray(counts, dtype=float)
    if seen.ndim != 1 or not np.all(np.isfinite(seen)) or np.any(seen < 0):
        raise InputError("entry_trend: counts must be a row of numbers, 0 or more.")
    if seen.size < FEWEST_BINS or seen.sum() == 0:
        return Trend(seen.size, *[np.nan] * 7)
    time: Floats = (np.arange(seen.size, dtype=np.float64) - (seen.size - 1) / 2) * float(BIN_DAYS)
    slope, expected = _fit(time, seen)
    freedom = seen.size - 2
    phi = float(((seen - expected) ** 2 / expected).sum() / freedom)
    middle = (expected * time).sum() / expected.sum()
    error = float(np.sqrt(max(1.0, phi) / (expected * (time - middle) ** 2).sum()))
    p_value = float(2 * stats.t.sf(abs(slope) / error, freedom))
    reach = stats.t.ppf(0.975, freedom) * error
    change = np.expm1(np.minimum(_YEAR_DAYS * np.array([slope, slope - reach, slope + reach]), 700))
    per_year, low, high = (float(value) for value in change)
    return Trend(seen.size, per_year, low, high, p_value, phi, slope, error)


def _fit(time: Floats, seen: Floats) -> tuple[float, Floats]:
    """Return slope and fitted counts of the Poisson likelihood: Newton's steps on the slope, the level solved exactly.

    Given the slope, counts are a multinomial over bins with weights exp(slope time), so the likelihood is concave in
    one number. Steps are kept short of running away where nearly all entries stand in the last or first bin.
    """
    slope, total, limit = 0.0, seen.sum(), 50 / np.ptp(time)
    target = (seen * time).sum() / total
    for _ in range(100):
        share = special.softmax(slope * time)
        mean = (share * time).sum()
        step = (target - mean) / max((share * (time - mean) ** 2).sum(), 1e-12)
        new = float(np.clip(slope + np.clip(step, -limit / 10, limit / 10), -limit, limit))
        done, slope = abs(new - slope) < 1e-12, new
        if done:
            break
    return slope, total * np.maximum(special.softmax(slope * time), 1e-300)
