"""Who comes: the day, the kind and the age of every entrant of every draw."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cfwlib.stockflow.rates import Schedule
from cfwlib.stockflow.trend import BIN_DAYS

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_BASE, _EXTRA = 1, 2  # streams: entrants of the base, and those that only a scenario brings


class Entrants(NamedTuple):
    """Entrants, in order of draw.

    Attributes
    ----------
    draw, day, cell, kind
        Draw; day of entry from 1; band and kind drawn (flat); kind entered, another where redirected.
    age
        Which of the entry ages of the cell, (0, 1).
    budget
        Exponential budget of hazard until the first move.
    who
        Number of the person in the draw, of no one else.
    keep
        Decides, (0, 1), who does not come where a scenario has fewer come.
    turn
        Decides, (0, 1), who is redirected.
    """

    draw: Ints
    day: Ints
    cell: Ints
    kind: Ints
    age: Floats
    budget: Floats
    who: Ints
    keep: Floats
    turn: Floats


def draw_entrants(
    entries: Floats,
    *,
    horizon: int,
    phi: float,
    schedule: Schedule,
    seed: int,
    growth: Floats | None = None,
    first: int = 0,
) -> Entrants:
    """Draw all entrants of the days ahead.

    Numbers are Poisson in stretches of at most 28 days, gamma-mixed where `phi` is above 1, so that any stretch has
    phi times the variance of its mean. The base's entrants are the same people whatever the schedule: a factor below
    1 leaves some of them out, one above 1 adds others.

    Parameters
    ----------
    entries
        Entries a day, (draws, bands, kinds).
    horizon
        Days ahead.
    phi
        Over-dispersion, at least 1.
    schedule
        Changes to entries.
    seed
        Seed.
    growth
        Factor on all entries in each 28 days, (draws, stretches of 28 days); None = the level holds.
    first
        Number of the first draw, if these are some of more.
    """
    kinds, stretches = entries.shape[2], len(schedule.until)
    grid = np.append(np.arange(0, horizon, BIN_DAYS), horizon)
    scale, add = (part.reshape(stretches, -1) for part in (schedule.entry_scale, schedule.entry_add))
    choose = bool(np.any(scale < 1) or schedule.redirect.any())
    ends = np.append(0, schedule.until)
    middle = np.minimum((ends[:-1] + ends[1:]) // 2 // BIN_DAYS, len(grid) - 2)
    more = bool(np.any(scale > 1) or np.any(add > 0))
    groups = []
    for draw, level in enumerate(entries.reshape(len(entries), -1)):
        grown = np.ones(len(grid) - 1) if growth is None else growth[draw]
        stream = seed, _BASE, first + draw
        groups.append(_people(level * (grown * np.diff(grid))[:, None], grid, phi, kinds, draw, stream, choose))
        if more:
            mean = (level * grown[middle, None] * np.maximum(scale - 1, 0) + add) * np.diff(ends)[:, None]
            stream = seed, _EXTRA, first + draw
            groups.append(_people(mean, ends, phi, kinds, draw, stream, choose))
    people = Entrants._make(np.concatenate(parts) for parts in zip(*groups, strict=True))
    return _redirected(_thinned(people, schedule, scale), schedule, kinds) if choose else people


def _people(
    mean: Floats, grid: Ints, phi: float, kinds: int, draw: int, stream: tuple[int, int, int], choose: bool
) -> Entrants:
    rng = np.random.default_rng(stream)
    if phi > 1:
        mean = rng.standard_gamma(mean / (phi - 1)) * (phi - 1)
    count = rng.poisson(mean).ravel()
    place = np.repeat(np.arange(count.size), count)
    stretch, cell = np.divmod(place, mean.shape[1])
    budget = rng.standard_exponential(place.size)
    when, age = rng.random((2, place.size))
    keep, turn = rng.random((2, place.size)) if choose else (when, age)  # last, so that nothing else hangs on them
    day = grid[stretch] + 1 + (when * np.diff(grid)[stretch]).astype(np.int64)
    who = np.arange(place.size) + (stream[1] << 30)
    return Entrants(np.full(place.size, draw), day, cell, cell % kinds, age, budget, who, keep, turn)


def _thinned(people: Entrants, schedule: Schedule, scale: Floats) -> Entrants:
    """Leave out base entrants where a factor is below 1."""
    if not np.any(scale < 1):
        return people
    where = np.searchsorted(schedule.until, people.day)
    comes = (people.keep < scale[where, people.cell]) | (people.who >= _EXTRA << 30)
    return Entrants._make(values[comes] for values in people)


def _redirected(people: Entrants, schedule: Schedule, kinds: int) -> Entrants:
    if not schedule.redirect.any():
        return people
    where = np.searchsorted(schedule.until, people.day)
    reach = np.cumsum(schedule.redirect.reshape(len(schedule.until), -1, kinds), axis=2)[where, people.cell]
    other = (people.turn[:, None] >= reach).sum(axis=1)
    return people._replace(kind=np.where(other < kinds, other, people.kind))
