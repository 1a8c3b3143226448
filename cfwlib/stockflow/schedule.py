"""How rates differ from the base over the days ahead: stretches of days with constant factors."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cfwlib.stockflow.rates import Rates

Floats = npt.NDArray[np.float64]


class Schedule(NamedTuple):
    """Stretches of the days ahead, and what holds in each.

    Attributes
    ----------
    until
        Last day of each stretch, counted from the night of the forecast, (stretches,).
    scale, add
        Factor on, and addition to, the daily chance of each move, (stretches, bands, kinds, kinds + 1).
    entry_scale, entry_add
        Factor on, and addition to, entries a day, (stretches, bands, kinds).
    redirect
        Share of the entries of each kind that go to each kind instead, (stretches, bands, kinds, kinds).
    notes
        What was held back, in sentences.
    """

    until: npt.NDArray[np.int64]
    scale: Floats
    add: Floats
    entry_scale: Floats
    entry_add: Floats
    redirect: Floats
    notes: tuple[str, ...] = ()


def unchanged(horizon: int, bands: int, kinds: int) -> Schedule:
    """Return the schedule of no change over a number of days."""
    move, cell = (1, bands, kinds, kinds + 1), (1, bands, kinds)
    return Schedule(
        np.array([horizon]), np.ones(move), np.zeros(move), np.ones(cell), np.zeros(cell), np.zeros((*cell, kinds))
    )


def rates_in(rates: Rates, schedule: Schedule, stretch: int) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:
    """Return the chances that hold in one stretch of days.

    Parameters
    ----------
    rates
        Base rates, one set per draw.
    schedule
        Changes to them.
    stretch
        Which stretch.

    Returns
    -------
    out, split, held
        Daily chance of moving, (draws, bands, kinds); where to, (draws, bands, kinds, kinds + 1); and where the
        chance would have passed 1 and is held at 1.
    """
    scale, add = schedule.scale[stretch], schedule.add[stretch]
    if not add.any() and np.all(scale == 1):
        return rates.out, rates.split, np.zeros(rates.out.shape, dtype=bool)
    chance = rates.out[..., None] * rates.split * scale + add
    out = chance.sum(axis=-1)
    split = np.where(out[..., None] > 0, chance / np.where(out > 0, out, 1.0)[..., None], rates.split)
    return np.minimum(out, 1.0), split, out > 1.0
