"""What the evidence says about rates: posteriors, their means, and draws from them.

Three choices keep many thin cells from adding up. A prior of half an event in every cell would add half an event to
each of bands x kinds x (kinds + 1) moves and bands x kinds entries, however little was seen there: with five bands and
four kinds, 10 entries a window too many. So

- the prior of half an event is laid on the *whole* outflow of a band and kind, at the rate of the same kind in the
  other bands (and that in turn at the rate of all others): Gamma(k + 1/2 + w/2, E + 1/2 / pooled rate), which is
  Gamma(k + 1/2, E) where there is only one band and kind. The share w = E / (E + 1/2 / pooled rate) is the weight of
  what was seen in the band and kind itself: without that half event too many people would be expected to stay, as more
  stay by a rate that came out too low than fewer by one that came out as much too high;
- where people go is Dirichlet(k_to + one move, split as the same kind's moves in all bands were);
- entries of all cells together are Gamma(K + 1/2, days), split by Dirichlet(K_cell + one entry, split as the bands'
  and kinds' own totals were); with entries over-dispersed by phi, counts and days are divided by it.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cfwlib.stockflow.evidence import Evidence

Floats = npt.NDArray[np.float64]


class Rates(NamedTuple):
    """Daily rates, one set per draw.

    Attributes
    ----------
    out
        Chance that someone leaves their kind within a day, (draws, bands, kinds), at most 1.
    split
        Where they then go, (draws, bands, kinds, kinds + 1), summing to 1; the last is out.
    entries
        Entries a day, (draws, bands, kinds).
    """

    out: Floats
    split: Floats
    entries: Floats


class Posterior(NamedTuple):
    """Posterior of the rates: Gamma shapes and rates, Dirichlet weights.

    Attributes
    ----------
    shape, days
        Of the whole outflow of each band and kind: Gamma(shape, days), (bands, kinds).
    to
        Dirichlet weights of where people go, (bands, kinds, kinds + 1).
    entry_shape, entry_days
        Of all entries together: Gamma(entry_shape, entry_days).
    entry_to
        Dirichlet weights of the cells they enter, (bands, kinds).
    """

    shape: Floats
    days: Floats
    to: Floats
    entry_shape: float
    entry_days: float
    entry_to: Floats


def posterior(evidence: Evidence, *, phi: float | None = None) -> Posterior:
    """Return the posterior of the rates given what was seen.

    Parameters
    ----------
    evidence
        From `observe`.
    phi
        Over-dispersion of entries; None = `evidence.phi`.
    """
    phi = evidence.phi if phi is None else phi
    gone, days = evidence.moves.sum(axis=2), evidence.exposure
    others = gone.sum(axis=0) - gone, days.sum(axis=0) - days
    rest = _rate(gone.sum() - gone, days.sum() - days, np.nan)
    base = _rate(*others, rest)
    extra = np.where(np.isnan(base), 0.0, 0.5 / np.where(base > 0, base, 1.0))
    total = evidence.entries.sum()
    own = np.divide(days, days + extra, out=np.zeros_like(days), where=extra > 0)
    return Posterior(
        shape=gone + 0.5 + 0.5 * own,
        days=days + extra,
        to=evidence.moves + _destinations(evidence),
        entry_shape=(total + 0.5) / phi,
        entry_days=evidence.entry_days / phi,
        entry_to=(evidence.entries + _cells(evidence)) / phi,
    )


def _rate(events: npt.NDArray[np.int64], days: Floats, base: Floats | float) -> Floats:
    """Return events a day, (events + 1/2) / days, drawn by half an event towards a base rate where there is one."""
    extra = np.where(np.isnan(base), 0.0, 0.5 / np.where(np.isnan(base), 1.0, base))
    with np.errstate(divide="ignore"):
        return np.where(days + extra > 0, (events + 0.5) / (days + extra), np.nan)


def _destinations(evidence: Evidence) -> Floats:
    """Return the prior weights of destinations, summing to 1: as the kind's moves in all bands, those as all kinds'."""
    kinds = len(evidence.kinds)
    moves = evidence.moves.sum(axis=0).astype(float)
    overall = moves.sum(axis=0) + 1 / (kinds + 1)
    possible = np.ones((kinds, kinds + 1))
    possible[:, :kinds] -= np.eye(kinds)
    base = possible * overall
    base /= base.sum(axis=1, keepdims=True)
    return (moves + base) / (moves.sum(axis=1, keepdims=True) + 1)


def _cells(evidence: Evidence) -> Floats:
    """Return the prior weights of entry cells, summing to 1: the share of the band times the share of the kind."""
    stock = evidence.exposure / evidence.exposure.sum()
    total = evidence.entries.sum() + 1.0
    by_band = (evidence.entries.sum(axis=1) + stock.sum(axis=1)) / total
    by_kind = (evidence.entries.sum(axis=0) + stock.sum(axis=0)) / total
    return np.outer(by_band, by_kind)


def mean_rates(found: Posterior) -> Rates:
    """Return the posterior means, as one draw."""
    out = np.minimum(found.shape / found.days, 1.0)
    split = found.to / found.to.sum(axis=-1, keepdims=True)
    cells = found.entry_to / found.entry_to.sum()
    return Rates(out[None], split[None], (found.entry_shape / found.entry_days * cells)[None])


def draw_rates(found: Posterior, *, draws: int, rng: np.random.Generator) -> Rates:
    """Draw rates from their posterior; an outflow above 1 a day is held at 1.

    Parameters
    ----------
    found
        From `posterior`.
    draws
        Number of draws.
    rng
        Random numbers.
    """
    leave, split, come, cells = rng.spawn(4)  # each its own, so that the first draws are the same however many follow
    out = np.minimum(leave.standard_gamma(found.shape, (draws, *found.shape.shape)) / found.days, 1.0)
    entries = come.standard_gamma(found.entry_shape, draws) / found.entry_days
    into = _dirichlet(found.entry_to, draws, cells, axes=2)
    return Rates(out, _dirichlet(found.to, draws, split), entries[:, None, None] * into)


def _dirichlet(weights: Floats, draws: int, rng: np.random.Generator, *, axes: int = 1) -> Floats:
    """Draw shares that sum to 1 over the last axes; where all weights are too small to draw, take their means."""
    over = tuple(range(-axes, 0))
    parts = rng.standard_gamma(weights, (draws, *weights.shape))
    total = parts.sum(axis=over, keepdims=True)
    means = weights / weights.sum(axis=over, keepdims=True)
    return np.where(total > 0, parts / np.where(total > 0, total, 1.0), means)


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
