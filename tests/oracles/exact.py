"""The mean and covariance of a forecast without drawing it: known people on their birthdays, entrants at their ages."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from cfwlib.stockflow.ages import Ages, day_of
from cfwlib.stockflow.draws import Stock
from cfwlib.stockflow.evidence import Evidence
from cfwlib.stockflow.forecast import days_ahead, stock_on
from cfwlib.stockflow.rates import Rates, mean_rates, posterior
from cfwlib.stockflow.stays import read_stays

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class Moments(NamedTuple):
    """Mean (dates, bands, kinds) and covariance (dates, bands, kinds, bands, kinds) of people on dates ahead."""

    dates: pd.DatetimeIndex
    mean: Floats
    cov: Floats

    def total(self) -> tuple[Floats, Floats]:
        """Return mean and variance of everyone together, (dates,)."""
        return self.mean.sum(axis=(1, 2)), self.cov.sum(axis=(1, 2, 3, 4))


def exact(
    stays: pd.DataFrame,
    evidence: Evidence,
    ages: Ages,
    *,
    at: object,
    dates: Sequence[object] | pd.DatetimeIndex,
    rates: Rates | None = None,
    phi: float | None = None,
) -> Moments:
    """Return the exact mean and covariance of a forecast at one set of rates.

    What is not known about the rates is not in it: the draws of `forecast` spread wider by that.

    Parameters
    ----------
    stays, evidence, ages, at, dates
        As for `forecast`.
    rates
        One draw of rates; None = the posterior means.
    phi
        Over-dispersion of entries; None = the evidence's.

    Raises
    ------
    InputError
        As `forecast`.
    """
    nights, days = days_ahead(evidence, ages, at, dates)
    people = stock_on(read_stays(stays, ages, kinds=evidence.kinds), day_of(at))
    rates = mean_rates(posterior(evidence)) if rates is None else rates
    daily = daily_moves(rates)
    mean, cov = _standing(people, daily, days)
    came = _coming(evidence, rates, daily, days, evidence.phi if phi is None else phi)
    return Moments(nights[1:], mean + came[0], cov + came[1])


def daily_moves(rates: Rates) -> Floats:
    """Return the daily matrix of each band at the first draw's rates, (bands, kinds, kinds); columns are where from."""
    stay = np.eye(rates.out.shape[2]) * (1 - rates.out[0])[:, None, :]
    return stay + np.swapaxes(rates.out[0][..., None] * rates.split[0][..., :-1], 1, 2)


def _standing(people: Stock, daily: Floats, days: Ints) -> tuple[Floats, Floats]:
    """Return mean and covariance of those there at the start: independent people, each in one band on each date."""
    bands, kinds, _ = daily.shape
    mean, cov = np.zeros((len(days), bands, kinds)), np.zeros((len(days), bands, kinds, bands, kinds))
    share = np.eye(kinds)[people.kind]
    since = 0
    for place, day in enumerate(days):
        band = (people.edges <= day).sum(axis=1)
        reached = np.clip(people.edges, since, day)
        spent = np.diff(reached, axis=1, prepend=since)
        for own in range(bands):
            share = _each(share, spent[:, own], daily[own])
        for own in range(bands):
            here = share[band == own]
            mean[place, own] = here.sum(axis=0)
            cov[place, own, :, own, :] = np.diag(mean[place, own]) - here.T @ here
        since = int(day)
    return mean, cov


def _coming(evidence: Evidence, rates: Rates, daily: Floats, days: Ints, phi: float) -> tuple[Floats, Floats]:
    """Return mean and covariance of those who come: Poisson, and clumped by phi per day and cell of entry."""
    bands, kinds, _ = daily.shape
    flow = rates.entries[0].ravel()
    mean, cov = np.zeros((len(days), bands * kinds)), np.zeros((len(days), bands * kinds, bands * kinds))
    since_entry = _since_entry(evidence.entry_ages, daily, int(days[-1]))
    total, clump = np.zeros(bands * kinds), np.zeros((bands * kinds, bands * kinds))
    for elapsed in range(int(days[-1])):
        where = since_entry[elapsed]
        total = total + flow @ where
        clump = clump + (phi - 1) * (where.T * flow) @ where
        for place in np.flatnonzero(days == elapsed + 1):
            mean[place], cov[place] = total, np.diag(total) + clump
    shape = (len(days), bands, kinds)
    return mean.reshape(shape), cov.reshape(*shape, bands, kinds)


def _since_entry(entry_ages: tuple[Ints, ...], daily: Floats, horizon: int) -> Floats:
    """Return where an entrant into each cell is some days later, (days, cells, bands * kinds), over its entry ages.

    Everyone in a band moves by the same matrix, so a band's entrants are carried on together; only who grows out of it
    is singled out, on that day, and handed to the next band.
    """
    bands, kinds, _ = daily.shape
    cells = bands * kinds
    cell = np.repeat(np.arange(cells), [len(pool) for pool in entry_ages])
    edges = np.concatenate(entry_ages)
    share = np.eye(kinds)[cell % kinds] / np.bincount(cell)[cell][:, None]
    found = np.zeros((horizon, cells, bands, kinds))
    since = np.zeros_like(cell)
    for own in range(bands):
        until = edges[:, own]
        here = (until > 0) & (since < horizon)
        change = np.zeros((horizon + 1, cells, kinds))
        np.add.at(change, (since[here], cell[here]), share[here])
        grown = here & (until < horizon)
        share[grown] = _each(share[grown], (until - since)[grown], daily[own])
        np.add.at(change, (until[grown], cell[grown]), -share[grown])
        since = np.where(here, until, since)
        there = np.zeros((cells, kinds))
        for day in range(horizon):
            there = there @ daily[own].T + change[day]
            found[day, :, own] = there
    return found.reshape(horizon, cells, cells)


def _each(share: Floats, days: Ints, move: Floats) -> Floats:
    """Move each row on by its own number of days: most by the longest, the rest bit by bit of their number."""
    share, longest = share.copy(), int(days.max(initial=0))
    whole = days == longest
    share[whole] = _moved(share[whole], np.linalg.matrix_power(move, longest))
    rest, block = np.flatnonzero(~whole & (days > 0)), move
    for bit in range(longest.bit_length()):
        due = rest[(days[rest] >> bit) & 1 == 1]
        share[due] = _moved(share[due], block)
        block = block @ block
    return share


def _moved(share: Floats, block: Floats) -> Floats:
    """Return share @ block.T, without the threads that a library starts for it: they cost more than so small a sum."""
    moved: Floats = np.einsum("pj,ij->pi", share, block)
    return moved
