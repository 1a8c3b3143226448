"""Invent histories of children in care from constant daily rates: the known truth that forecasts are held to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

AGES_YEARS = (0, 1, 5, 10, 16, 18)
AGE_NAMES = ("under 1", "1 to 4", "5 to 9", "10 to 15", "16 to 17")
PLACEMENTS = ("fostering", "residential", "supported", "other")
KINDS = tuple(f"{placement}, {where}" for placement in PLACEMENTS for where in ("in area", "outside"))
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_YEAR = 365.25


@dataclass(frozen=True)
class Rates:
    """Constant rates, all per day.

    Attributes
    ----------
    entries
        Children who begin, by age band and kind (5 x 8).
    leave
        Chance that a child leaves, by age band and kind; at the 18th birthday everyone does.
    moves
        Chance that a child moves, by age band, kind left and kind gone to (5 x 8 x 8, nothing on the diagonal).
    groups
        Chances that 1, 2, 3... children enter on one day as brothers and sisters; entries are over-dispersed by it
        (variance over mean = mean square over mean of the size).
    """

    entries: Floats
    leave: Floats
    moves: Floats
    groups: tuple[float, ...] = (1.0,)

    def times(self, factor: float) -> "Rates":
        """Return the same rates with entries multiplied."""
        return replace(self, entries=self.entries * factor)

    @property
    def dispersion(self) -> float:
        """Variance of the entries over their mean."""
        sizes = np.arange(1, len(self.groups) + 1)
        return float((sizes**2 * self.groups).sum() / (sizes * self.groups).sum())


def _by_kind(placements: Sequence[Sequence[float]], in_area: tuple[float, ...]) -> Floats:
    """Return shares by age band and kind of shares by age band and placement, with the share in the area of each."""
    shares = np.array(placements)[:, :, None] * np.array([(share, 1 - share) for share in in_area])[None, :, :]
    return shares.reshape(len(placements), -1)


def _true_rates() -> Rates:
    children = np.array([36, 30, 33, 54, 17]) / _YEAR
    to = _by_kind(
        [[0.91, 0, 0, 0.09], [0.87, 0, 0, 0.13], [0.87, 0.03, 0, 0.1], [0.71, 0.2, 0, 0.09], [0.46, 0.22, 0.22, 0.1]],
        (0.68, 0.38, 0.48, 0.66),
    )
    leave = np.repeat(  # a year, by age band and placement
        [
            [0.3, 0.3, 0.3, 0.5], [0.88, 0.5, 0.5, 0.8], [0.25, 0.3, 0.3, 0.5], [0.17, 0.12, 0.3, 0.35],
            [0.1, 0.1, 0.15, 0.25],
        ],
        2, axis=1,
    ) / _YEAR  # fmt: skip
    moves = np.zeros((len(AGE_NAMES), len(KINDS), len(KINDS)))
    away = [[0.25] * 4, [0.25] * 4, [0.22] * 4, [0.24, 0.4, 0.5, 0.4], [0.35, 0.45, 0.3, 0.4]]
    goal = to.copy()
    goal[:2] = _by_kind([[0.72, 0, 0, 0.28]] * 2, (0.62, 0.38, 0.5, 0.66))
    goal[3] = _by_kind([[0.6, 0.32, 0, 0.08]], (0.62, 0.33, 0.5, 0.62))
    goal[4] = _by_kind([[0.34, 0.26, 0.32, 0.08]], (0.62, 0.33, 0.42, 0.62))
    for band in range(len(AGE_NAMES)):
        for kind in range(len(KINDS)):
            share = goal[band].copy()
            share[kind] = 0
            moves[band, kind] = away[band][kind // 2] / _YEAR * share / share.sum()
    return Rates(children[:, None] * to, leave, moves, groups=(0.72, 0.17, 0.08, 0.03))


def _uasc_rates() -> Rates:
    base = _true_rates()
    to = _by_kind([[0] * 4] * 3 + [[0.75, 0.1, 0, 0.15], [0.38, 0.04, 0.53, 0.05]], (0.3, 0.3, 0.35, 0.4))
    return Rates(np.array([0, 0, 0, 3, 12])[:, None] / _YEAR * to, base.leave, base.moves)


TRUE_RATES = _true_rates()
UASC_RATES = _uasc_rates()


def simulate_stays(
    rates: Rates, start: str | pd.Timestamp, end: str | pd.Timestamp, rng: np.random.Generator, *, burn_in: float = 18
) -> pd.DataFrame:
    """Return the stays of children who enter, move, leave and reach 18 at constant daily rates; nothing is conditioned.

    Parameters
    ----------
    rates
        The truth.
    start, end
        First and last day looked at; the number of children present at the start has settled.
    rng
        Source of chance.
    burn_in
        Years simulated before the start.

    Returns
    -------
    stays
        `person`, `kind`, `start`, `end` (the day the child is no longer there; NaT = still there on the last day),
        `born`, `group` (who entered together), and `began`, `left`: whether the stay is the first, the last of the
        child's time in care. A stay lasts a night or more. Stays that ended before the start are left out.
    """
    first, last = pd.Timestamp(start), pd.Timestamp(end)
    zero = np.datetime64((first - pd.Timedelta(days=round(burn_in * _YEAR))).date(), "D")
    entered, group, kind, age = _enter(rates, int((np.datetime64(last.date(), "D") - zero).astype(int)), rng)
    born = zero + entered - age
    stays = _live(rates, entered, kind, _edges(born, zero), int((last - pd.Timestamp(zero)).days), rng)
    stays["born"] = born.astype("datetime64[s]")[stays["person"]]
    stays["group"] = group[stays["person"]]
    stays["began"] = stays["start"] == entered[stays["person"]]
    stays = stays[stays["end"] > (first - pd.Timestamp(zero)).days].sort_values(["person", "start"], ignore_index=True)
    for name in ("start", "end"):
        stays[name] = (zero + stays[name].to_numpy()).astype("datetime64[s]")
    stays["end"] = stays["end"].where(stays["end"] <= last)
    stays["left"] &= stays["end"].notna()
    stays["kind"] = np.array(KINDS, dtype=object)[stays["kind"]]
    return stays.astype({"kind": "str"})


def _enter(rates: Rates, days: int, rng: np.random.Generator) -> tuple[Ints, Ints, Ints, Ints]:
    """Return day, group, kind and age in days of everyone who enters."""
    sizes = np.arange(1, len(rates.groups) + 1)
    per_day = rates.entries.sum() / (sizes * rates.groups).sum()
    groups = np.repeat(np.arange(days + 1), rng.poisson(per_day, days + 1))
    many = rng.choice(sizes, p=np.array(rates.groups) / sum(rates.groups), size=len(groups))
    entered, group = np.repeat(groups, many), np.repeat(np.arange(len(groups)), many)
    cell = rng.choice(rates.entries.size, p=(rates.entries / rates.entries.sum()).ravel(), size=len(entered))
    band, kind = np.divmod(cell, rates.entries.shape[1])
    within = rng.random(len(entered)) ** np.where(band == 0, 2, 1)  # many babies enter in their first weeks
    low, high = (np.array(edges) for edges in (AGES_YEARS[:-1], AGES_YEARS[1:]))
    age = (low[band] + within * (high - low)[band]) * _YEAR
    return entered, group, kind, np.minimum(age, 18 * _YEAR - 3).astype(np.int64)


def _edges(born: npt.NDArray[np.datetime64], zero: np.datetime64) -> Ints:
    """Return the day (since the first) on which each child enters each age band, and on which it turns 18."""
    months = born.astype("datetime64[M]")
    day = born - months.astype("datetime64[D]")
    return np.column_stack(
        [((months + 12 * years).astype("datetime64[D]") + day - zero).astype(np.int64) for years in AGES_YEARS]
    )


def _live(rates: Rates, entered: Ints, kind: Ints, edges: Ints, last: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return each child's stays as days since the first; a stay beyond the last day is cut a day after it."""
    chances = np.concatenate([rates.leave[:, :, None], rates.moves], axis=2)
    total = chances.sum(axis=2)
    share = np.cumsum(chances / np.where(total > 0, total, 1)[:, :, None], axis=2)
    who, day, since, kind = np.arange(len(entered)), entered.copy(), entered.copy(), kind.copy()
    parts: list[dict[str, Any]] = []
    while len(who):
        band = (edges[who, 1:] <= day[:, None]).sum(axis=1)
        wait = rng.geometric(np.maximum(total[band, kind], 1e-12))
        edge = edges[who, band + 1]
        event = day + wait <= edge
        then = np.where(event, day + wait, edge)
        drawn = (rng.random(len(who))[:, None] > share[band, kind]).sum(axis=1)  # 0 = leaves, else kind + 1
        leaves = (event & (drawn == 0)) | (then >= edges[who, -1])
        over = then > last
        ends = over | leaves | event
        parts.append(
            {
                "person": who[ends], "kind": kind[ends], "start": since[ends],
                "end": np.minimum(then, last + 1)[ends], "left": (leaves & ~over)[ends],
            }
        )  # fmt: skip
        moved = event & ~leaves
        kind = np.where(moved, np.minimum(drawn, total.shape[1]) - 1, kind)
        since, day = np.where(moved, then, since), then
        stay = ~(leaves | over)
        who, day, since, kind = who[stay], day[stay], since[stay], kind[stay]
    return pd.concat([pd.DataFrame(part) for part in parts], ignore_index=True)
