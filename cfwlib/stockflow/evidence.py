"""What was seen in a window of time: person-days, moves and entries by age band and kind."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from cfwlib.errors import InputError
from cfwlib.showing import Shown
from cfwlib.stockflow.ages import Ages, Days, date_of, day_of
from cfwlib.stockflow.stays import Stays, read_stays
from cfwlib.stockflow.trend import BIN_DAYS, Trend, entry_trend

OWN_AGES = 20  # entries of one band and kind from which their ages are taken on their own
MOST_AGES = 64  # entry ages kept per band and kind
_EVE_DAYS = 1  # who leaves this shortly before the last edge came of age: dates are often those of the eve


@dataclass(frozen=True, eq=False, repr=False)
class Evidence(Shown):
    """What was seen between the night of `start` and the night of `end`.

    Attributes
    ----------
    start, end
        The window; nothing that happened on the day `start` or before, or after `end`, counts.
    ages
        Age bands.
    kinds
        Names of the kinds.
    exposure
        Person-days, (bands, kinds).
    moves
        Moves to each kind and, last, out, by the band and kind they were from, (bands, kinds, kinds + 1). Growing into
        the next band or past the last edge is no move, nor is leaving on the eve of the last edge.
    entries
        Entries from outside, (bands, kinds), over `entry_days` days up to `end`.
    entry_days
        Days over which entries were counted.
    bins
        Entries in consecutive 28-day bins up to `end`, oldest first; a shorter rest at the start is left out.
    entry_ages
        Per band and kind (flat), days from entry to the end of each band, (entries, bands): ages that were seen in that
        band, or evenly spread ages where none was.
    """

    start: pd.Timestamp
    end: pd.Timestamp
    ages: Ages
    kinds: tuple[str, ...]
    exposure: npt.NDArray[np.float64]
    moves: npt.NDArray[np.int64]
    entries: npt.NDArray[np.int64]
    entry_days: int
    bins: npt.NDArray[np.int64]
    entry_ages: tuple[Days, ...]

    def _says(self) -> tuple[str, ...]:
        about = f"unprotected, {self.start:%Y-%m-%d} to {self.end:%Y-%m-%d}"
        return about, f"kinds: {', '.join(self.kinds)}", "parts: exposure, moves, entries, bins, entry_ages, trend, phi"

    @property
    def trend(self) -> Trend:
        """Trend test of the entries."""
        return entry_trend(self.bins)

    @property
    def phi(self) -> float:
        """Over-dispersion of entries that forecasts use, at least 1."""
        phi = self.trend.phi
        return 1.0 if np.isnan(phi) else max(1.0, phi)


def observe(
    stays: pd.DataFrame | Stays, ages: Ages, *, start: object, end: object, kinds: Sequence[str] | None = None
) -> Evidence:
    """Count person-days, moves and entries between two nights.

    Parameters
    ----------
    stays
        Columns person, kind, start, end (missing = still there), born. A stay lasts from the night of its start to the
        night before its end; the next stay of a person that begins on the day the last one ends is a move. Or what
        `read_stays` made of them.
    ages
        Age bands; person-days are split on birthdays.
    start, end
        The window, in dates: person-days are the nights from `start` to the one before `end`, and what happened on
        the day after each of these nights counts.
    kinds
        All kinds, if more than those in `stays`.

    Raises
    ------
    InputError
        If the stays do not hold together, the window is empty, or nobody was there in it.
    """
    stays = read_stays(stays, ages, kinds=kinds)
    first, last = day_of(start), day_of(end)
    if not first < last:
        raise InputError(f"observe: the window {date_of(first):%Y-%m-%d} to {date_of(last):%Y-%m-%d} holds no days.")
    exposure = _exposure(stays, len(ages.names), first, last)
    if not exposure.any():
        raise InputError(
            f"observe: nobody was there between {date_of(first):%Y-%m-%d} and {date_of(last):%Y-%m-%d}, so there is "
            "nothing to learn rates from. Choose a longer window, or check the dates of the data."
        )
    bands, columns = exposure.shape
    came = stays.fresh & (stays.start > first) & (stays.start <= last)
    cell = (stays.band_at(stays.start) * columns + stays.kind)[came]
    bins = (last - first) // BIN_DAYS
    back = (last - stays.start[came]) // BIN_DAYS
    return Evidence(
        start=date_of(first),
        end=date_of(last),
        ages=ages,
        kinds=stays.kinds,
        exposure=exposure,
        moves=_moves(stays, bands, first, last),
        entries=np.bincount(cell, minlength=bands * columns).reshape(bands, columns),
        entry_days=last - first,
        bins=np.bincount(back[back < bins], minlength=bins)[::-1],
        entry_ages=_entry_ages(cell, (stays.edges - stays.start[:, None])[came], ages, columns),
    )


def _exposure(stays: Stays, bands: int, first: int, last: int) -> npt.NDArray[np.float64]:
    """Return person-days (bands, kinds): each stay's nights in the window, cut at the edges of bands."""
    days = np.zeros((bands, len(stays.kinds)))
    since = np.maximum(stays.start, first)
    until = np.minimum(stays.end, last)
    for band in range(bands):
        edge = np.minimum(stays.edges[:, band], until)
        days[band] = np.bincount(stays.kind, np.maximum(edge - since, 0), minlength=len(stays.kinds))
        since = np.maximum(since, stays.edges[:, band])
    return days


def _moves(stays: Stays, bands: int, first: int, last: int) -> npt.NDArray[np.int64]:
    """Return moves (bands, kinds, kinds + 1) by the band of the last night; who came of age did not move."""
    kinds = len(stays.kinds)
    seen = (stays.end > first) & (stays.end <= last)
    seen &= stays.end < stays.edges[:, -1] - _EVE_DAYS * (stays.following == kinds)
    band = stays.band_at(stays.end - 1)
    cell = (band * kinds + stays.kind) * (kinds + 1) + stays.following
    return np.bincount(cell[seen], minlength=bands * kinds * (kinds + 1)).reshape(bands, kinds, kinds + 1)


def _entry_ages(cell: Days, left: Days, ages: Ages, kinds: int) -> tuple[Days, ...]:
    """Return days from entry to the end of each band, per band and kind: as seen there, else in the band, else even."""
    pools = []
    for at in range(len(ages.names) * kinds):
        band = at // kinds
        pool = left[cell == at]
        if len(pool) < OWN_AGES:
            pool = left[cell // kinds == band]
        if not len(pool):
            length = ages.lengths_days[band]
            even = np.ceil((np.arange(MOST_AGES) + 0.5) / MOST_AGES * length).astype(np.int64)
            later = np.cumsum(np.where(np.arange(len(ages.names)) > band, ages.lengths_days, 0))
            pool = even[:, None] + later - np.where(np.arange(len(ages.names)) < band, 10**6, 0)
        pool = pool[np.argsort(pool[:, band], kind="stable")]
        some = ((np.arange(min(len(pool), MOST_AGES)) + 0.5) * len(pool) / min(len(pool), MOST_AGES)).astype(np.int64)
        pools.append(pool[some])
    return tuple(pools)
