"""Compatibility mode: the rates and forecast of cs-demand-model-regional, for comparison only."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cfwlib.data.returns import Returns
from cfwlib.errors import InputError
from oracles.compat_episodes import NOT_IN_CARE, compat_episodes

_Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Compat:
    """What the other model gives for the same returns.

    It has known faults: a stay of one day gives a rate of 1, rates of rarely used states weigh as much as of others,
    nobody leaves at 18, the variance knows neither covariance nor how little evidence there is. Do not plan with it.

    Attributes
    ----------
    episodes
        Cleaned episodes, split at the age limits: `child`, `start`, `end`, `place`, `age`, `end_age` (years of 365.24
        days), `age_bin`, `end_age_bin`, `placement_type`, `placement_type_before`, `placement_type_after`, `uasc`.
    rates
        `from`, `to`, `rate` per day.
    entries
        `to`, `daily_entry_probability`: children a day.
    stock
        One row, children in each state on `end`.
    forecast, variance
        One row per horizon, by date; one column per state, in care or not.
    start, end
        1 April before the first return's year; the first 31 March on or after the last date.
    """

    episodes: pd.DataFrame
    rates: pd.DataFrame
    entries: pd.DataFrame
    stock: pd.DataFrame
    forecast: pd.DataFrame
    variance: pd.DataFrame
    start: pd.Timestamp
    end: pd.Timestamp

    def __repr__(self) -> str:
        return f"Compat({len(self.rates)} rates, {self.start:%Y-%m-%d} to {self.end:%Y-%m-%d})"

    @property
    def in_care(self) -> pd.Series:
        """Children in care at each horizon."""
        return self.forecast.loc[:, ~self.forecast.columns.str.endswith(NOT_IN_CARE)].sum(axis=1).rename("in_care")


def compat_forecast(returns: Returns, *, horizons: Sequence[int] = (30, 90, 365)) -> Compat:
    """Return rates, entries, stock, forecast and variance as cs-demand-model-regional gives them.

    Parameters
    ----------
    returns
        From `cfwlib.data.returns`; children without a date of birth are left out.
    horizons
        Days ahead of the end of the data, each at least 1.

    Raises
    ------
    InputError
        If no episode has a child with a date of birth, or a horizon is not a day ahead.
    """
    if not horizons or min(horizons) < 1:
        raise InputError(f"horizons: {list(horizons)} must be one or more whole days, each at least 1.")
    episodes, start, end = compat_episodes(returns)
    if episodes.empty:
        raise InputError("No episode belongs to a child with a date of birth. Is the header file there?")
    states = _states(episodes)
    daily = _daily_stock(episodes, start, end)
    rates = _rates(episodes, daily, states)
    entries = _entries(episodes, daily.index, states)
    forecast, variance = _project(rates, entries, daily.iloc[-1], end, horizons)
    stock = daily.iloc[[-1]].rename_axis(index="date", columns=None)
    return Compat(episodes, rates, entries, stock, forecast, variance, start, end)


def _name(age_bin: pd.Series, kind: pd.Series) -> pd.Series:
    return age_bin + " - " + kind


def _states(episodes: pd.DataFrame) -> list[list[str]]:
    """Return the states seen, by age bin, each bin with its way out of care."""
    seen = episodes[["age_bin", "placement_type"]].drop_duplicates().groupby("age_bin")["placement_type"]
    return [[f"{age_bin} - {kind}" for kind in [*kinds, NOT_IN_CARE]] for age_bin, kinds in seen]


def _daily_stock(episodes: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    """Return children in each state by day: all starts so far less all ends so far."""
    state = _name(episodes["age_bin"], episodes["placement_type"])
    change = pd.crosstab(episodes["start"], state).sub(pd.crosstab(episodes["end"], state), fill_value=0)
    change = change.reindex(columns=sorted(state.unique())).fillna(0.0).sort_index()
    return change.cumsum().reindex(pd.date_range(start, end, unit="s"), method="ffill").fillna(0.0)


def _rates(episodes: pd.DataFrame, daily: pd.DataFrame, states: list[list[str]]) -> pd.DataFrame:
    """Return the mean over days, with anyone there the day before, of the share that went each way."""
    before = daily.to_numpy()[:-1]
    days = pd.Series((before > 0).sum(axis=0), index=daily.columns)
    ended = episodes[episodes["end"].notna()]
    went = pd.DataFrame({"end": ended["end"], "from": _name(ended["age_bin"], ended["placement_type"])})
    went["to"] = _name(ended["end_age_bin"], ended["placement_type_after"])
    row = pd.DatetimeIndex(daily.index[1:]).get_indexer(pd.DatetimeIndex(went["end"]))
    there = before[row, daily.columns.get_indexer(pd.Index(went["from"]))]
    counts = (row >= 0) & (there > 0)
    went["share"] = np.divide(1.0, there, out=np.zeros(len(went)), where=counts)
    rates = went.groupby(["from", "to"])["share"].sum()
    possible = [pair for bin_states in states for pair in product(bin_states[:-1], bin_states)]
    rates = rates.reindex(rates.index.union(pd.MultiIndex.from_tuples(possible, names=["from", "to"])), fill_value=0.0)
    over = days.reindex(rates.index.get_level_values("from")).clip(lower=1).to_numpy()
    return (rates / over).rename("rate").sort_index().reset_index()


def _entries(episodes: pd.DataFrame, days: pd.Index, states: list[list[str]]) -> pd.DataFrame:
    """Return starts from outside care per day of the period, its first and last day included."""
    new = episodes[episodes["start"].between(days[0], days[-1]) & (episodes["placement_type_before"] == NOT_IN_CARE)]
    counts = _name(new["age_bin"], new["placement_type"]).value_counts()
    every = sorted({state for bin_states in states for state in bin_states})
    probability = (counts.reindex(every, fill_value=0) / len(days)).rename("daily_entry_probability")
    return probability.rename_axis("to").reset_index()


def _project(
    rates: pd.DataFrame, entries: pd.DataFrame, stock: pd.Series, end: pd.Timestamp, horizons: Sequence[int]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return expected children and their variance by state at each horizon."""
    states = pd.Index(sorted({*rates["from"], *rates["to"], *entries["to"]}))
    matrix = np.zeros((len(states), len(states)))
    to, origin = (states.get_indexer(pd.Index(rates[name])) for name in ("to", "from"))
    matrix[to, origin] = rates["rate"]
    np.fill_diagonal(matrix, 0.0)  # a move within a state changes nothing
    np.fill_diagonal(matrix, 1 - matrix.sum(axis=0))
    spread = matrix * (1 - matrix)
    come = entries.set_index("to")["daily_entry_probability"].reindex(states, fill_value=0.0).to_numpy()
    people, variance = stock.reindex(states, fill_value=0.0).to_numpy(float), np.zeros(len(states))
    wanted = sorted(set(horizons))
    at: dict[int, tuple[_Floats, _Floats]] = {}
    for step in range(1, wanted[-1] + 1):
        variance = variance + spread @ people + come
        people = matrix @ people + come
        if step in wanted:
            at[step] = people, variance
    dates = pd.DatetimeIndex([end + pd.Timedelta(days=step) for step in wanted], name="date").as_unit("s")
    forecast, spreads = (pd.DataFrame([at[step][part] for step in wanted], dates, states) for part in (0, 1))
    return forecast, spreads
