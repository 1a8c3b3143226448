"""Beds and homes needed so that there is a bed for every child, at a stated chance, and what too few would mean.

Everything rests on draws of demand: children who need such a bed on a date, one row a draw, one column a date. Draws
of numbers of children are predictions, not counts of known children; who shows them still follows `cfwlib.disclosure`.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from cfwlib.errors import InputError
from cfwlib.stockflow.forecast import LEVELS, summarise

HOME_BEDS = (1, 2, 3, 4)
_TINY = 1e-9


def beds_needed(demand: np.ndarray, *, probability: float) -> np.ndarray:
    """Return the fewest beds that are enough with a given probability: smallest b with P(demand <= b) >= probability.

    Parameters
    ----------
    demand
        Children who need a bed, (draws, ...) whole numbers.
    probability
        Chance wanted that every child has one, above 0 and at most 1.

    Returns
    -------
    beds
        Whole numbers, one per column of draws.

    Raises
    ------
    InputError
        There are no draws, or the probability is not above 0 and at most 1.
    """
    if not 0 < probability <= 1:
        raise InputError(f"probability = {probability}: must be above 0 and at most 1.")
    ordered = np.sort(_draws(demand), axis=0)
    rank = int(np.ceil(probability * len(ordered) - _TINY))  # 0.07 of 100 draws is the 7th, whatever a float says
    return np.asarray(ordered[max(rank, 1) - 1])


def beds_for_occupancy(mean: float, *, occupancy: float) -> int:
    """Return the beds whose planned share in use holds the mean number of children: mean / occupancy, rounded up.

    Parameters
    ----------
    mean
        Children on average.
    occupancy
        Share of beds planned to be in use, above 0 and at most 1.
    """
    return int(np.ceil(mean / occupancy - _TINY))


def beds_if_poisson(mean: float, *, probability: float) -> int:
    """Return the fewest beds that are enough with a probability if demand were Poisson: only chance, rates known.

    A yardstick beside `beds_needed`: more than this is what the uncertainty of the rates and the stay of the children
    already placed add (or, soon after the start, take away).
    """
    return int(stats.poisson.ppf(probability, mean))


def band(values: np.ndarray, *, shown: bool, levels: Sequence[float] = LEVELS) -> pd.DataFrame:
    """Return median, mean and central intervals of draws, one row per column of draws.

    Parameters
    ----------
    values
        (draws, rows).
    shown
        Whether the back-test lets the draws' spread be shown, `not test.failed(what)`; if not, intervals are NaN.
    levels
        Probabilities that the intervals hold.

    Returns
    -------
    table
        `median`, `mean`, `low_50`, `high_50`, and so on for each level.
    """
    table = summarise(values, levels)
    if not shown:
        table.loc[:, [str(name).startswith(("low_", "high_")) for name in table]] = np.nan
    return table


def beds_by_date(
    demand: np.ndarray, dates: pd.DatetimeIndex, *, probability: float, occupancy: float, beds: int | None = None,
    shown: bool,
) -> pd.DataFrame:  # fmt: skip
    """Return the beds needed on each date, and what a given number of beds would mean.

    Parameters
    ----------
    demand
        Children who need a bed, (draws, dates) whole numbers.
    dates
        The dates.
    probability
        Chance wanted that every child has a bed.
    occupancy
        Share of beds planned to be in use.
    beds
        Beds there are; None = not known, and the columns about them are left out.
    shown
        Whether the back-test lets the draws' spread be shown, `not test.failed(what)`; if not, what states a chance is
        NaN.

    Returns
    -------
    table
        `date`, `mean`, `median`, `low_50` ... `high_95` (children), `beds_for_occupancy` (mean / occupancy),
        `beds_for_chance` (smallest number that is enough with the probability), `beds_if_poisson` (yardstick); and of
        the beds given `chance_short` (at least one child has no bed that night), `chance_full` (none is free for one
        more), `without_bed` (children without a bed, on average), `chance_short_so_far` (short on this date or one
        listed before), `in_use` (share of beds, on average).
    """
    drawn = _draws(demand, dates)
    means = drawn.mean(axis=0)
    table = band(drawn, shown=shown)
    table.insert(0, "date", dates)
    table["beds_for_occupancy"] = [beds_for_occupancy(mean, occupancy=occupancy) for mean in means]
    table["beds_for_chance"] = _if(shown, beds_needed(drawn, probability=probability))
    table["beds_if_poisson"] = [beds_if_poisson(mean, probability=probability) for mean in means]
    if beds is not None:
        short = drawn > beds
        table["chance_short"] = _if(shown, short.mean(axis=0))
        table["chance_full"] = _if(shown, (drawn >= beds).mean(axis=0))
        table["without_bed"] = _if(shown, without_bed(drawn, beds))
        table["chance_short_so_far"] = _if(shown, np.logical_or.accumulate(short, axis=1).mean(axis=0))
        table["in_use"] = np.minimum(drawn, beds).mean(axis=0) / beds if beds else np.nan
    return table


def homes_by_size(
    demand: np.ndarray, dates: pd.DatetimeIndex, *, probability: float, beds: int = 0, sizes: Sequence[int] = HOME_BEDS,
    shown: bool,
) -> pd.DataFrame:  # fmt: skip
    """Return the homes of each size to add so that there is a bed for every child with a given probability.

    Any bed is taken to suit any child; children who cannot live together need more. `in_use` shows what the reserve
    costs: homes that stand half empty.

    Parameters
    ----------
    demand, dates, probability
        As `beds_by_date`.
    beds
        Beds there are already.
    sizes
        Beds of a new home.
    shown
        Whether the back-test lets the draws' spread be shown, `not test.failed(what)`; if not, no chance can be
        promised and the table is empty.

    Returns
    -------
    table
        One row per date and size: `date`, `beds_per_home`, `beds_missing`, `homes` (to add), `beds_then`,
        `chance_short`, `without_bed`, `in_use` (0 to 1), as `beds_by_date` with the beds there are then.
    """
    drawn = _draws(demand, dates)
    rows = []
    for column, date in enumerate(list(dates) if shown else []):
        wanted = int(beds_needed(drawn[:, column], probability=probability))
        missing = max(0, wanted - beds)
        for size in sizes:
            homes = -(-missing // size)
            then, on_date = beds + homes * size, drawn[:, column]
            used = float(np.minimum(on_date, then).mean()) / then if then else np.nan
            short, without = float((on_date > then).mean()), float(without_bed(on_date, then))
            rows.append((date, size, missing, homes, then, short, without, used))
    names = ["date", "beds_per_home", "beds_missing", "homes", "beds_then", "chance_short", "without_bed", "in_use"]
    return pd.DataFrame(rows, columns=names)


def without_bed(demand: np.ndarray, beds: int) -> np.ndarray:
    """Return the children without a bed on average, E max(0, demand - beds), one per column of draws."""
    return np.maximum(np.asarray(demand) - beds, 0).mean(axis=0)


def _draws(demand: np.ndarray, dates: Sequence[pd.Timestamp] | pd.DatetimeIndex | None = None) -> np.ndarray:
    drawn = np.asarray(demand)
    if drawn.ndim == 0 or len(drawn) == 0:
        raise InputError("demand has no draws: a forecast with at least one draw is needed.")
    if dates is not None and drawn.shape != (len(drawn), len(dates)):
        raise InputError(f"demand has shape {drawn.shape}: (draws, {len(dates)} dates) is needed.")
    return drawn


def _if(shown: bool, values: np.ndarray) -> np.ndarray:
    return np.asarray(values, float) if shown else np.full(np.shape(values), np.nan)
