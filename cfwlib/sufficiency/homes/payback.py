"""When a new children's home has saved what it cost to open, and the chance that it never does.

A simple payback: money of the day it is spent, nothing discounted, no interest on the capital.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cfwlib.errors import InputError
from cfwlib.showing import Shown
from cfwlib.sufficiency.homes.cost import DAYS_PER_WEEK

YEARS = 20  # after opening, that are looked at
_YEAR = 365.25
_MONTH = _YEAR / 12
_TINY = 1e-6  # pounds


@dataclass(frozen=True)
class NewHome:
    """A children's home that might be opened.

    Attributes
    ----------
    beds
        Children it is registered for.
    capital_gbp
        Buying and fitting it, spent on the day it opens.
    running_gbp_per_week
        Running it, full or empty, in prices of `priced_on`.
    replaces_gbp_per_week
        The outside placement each of its children would have had, in prices of `priced_on`.
    opens, priced_on
        The day it takes its first child; the day the prices are of.
    usable_share
        Most of its beds in use on average, 0 to 1: children must suit each other, and a bed stands empty between two.
    inflation_per_year
        Growth of both prices, share a year.
    """

    beds: int
    capital_gbp: float
    running_gbp_per_week: float
    replaces_gbp_per_week: float
    opens: pd.Timestamp
    priced_on: pd.Timestamp
    usable_share: float = 1.0
    inflation_per_year: float = 0.0


@dataclass(frozen=True, repr=False)
class Payback(Shown):
    """When a home has saved what it cost to open.

    Attributes
    ----------
    months
        Months from opening to payback, one per draw; infinite where it never comes within the years looked at.
    table
        One row: `months_median`, `months_low_80`, `months_high_80` (infinite where that many draws never pay back),
        `chance_never` (not within the years looked at), `chance_loss` (each further year costs more than it saves),
        `in_use` (mean share of beds in the years forecast), `break_even_in_use` (running costs covered),
        `saving_gbp_per_year` (mean, prices of `priced_on`). Chances and intervals are NaN where not shown.
    """

    months: np.ndarray
    table: pd.DataFrame

    def _says(self) -> tuple[str, ...]:
        return "unprotected, when a home has saved what it cost to open", "parts: months, one per draw; table"


def break_even_occupancy(home: NewHome, *, years: float | None = None) -> float:
    """Return the share of beds in use at which a home costs what it replaces; above 1 = it cannot.

    Parameters
    ----------
    home
        The home.
    years
        Also repay the capital evenly over so many years, in prices of `priced_on`; None = running costs only.
    """
    capital_per_week = home.capital_gbp / (years * _YEAR / DAYS_PER_WEEK) if years else 0.0
    return (home.running_gbp_per_week + capital_per_week) / (home.beds * home.replaces_gbp_per_week)


def payback(
    home: NewHome, demand: np.ndarray, dates: pd.DatetimeIndex, *, beds: int = 0, years: float = YEARS, shown: bool
) -> Payback:
    """Return how long a new home takes to save what it cost to open, draw by draw.

    A night saves the outside price of each child in the home and costs its running. Its children are those for whom
    the beds there already are do not suffice, up to its usable beds. After the last date each draw keeps the use it
    had on average over its last 12 months.

    Parameters
    ----------
    home
        The home.
    demand
        Children who would need such a home, (draws, dates).
    dates
        Ascending dates, the first not after the home opens.
    beds
        Beds that are filled before the new ones.
    years
        Years after opening that are looked at.
    shown
        Whether the back-test lets the draws' spread be shown, `not test.failed(what)`.

    Raises
    ------
    InputError
        The home opens outside the dates, or has no beds or nothing to replace.
    """
    if not (len(dates) and dates[0] <= home.opens <= dates[-1]):
        raise InputError(f"opens = {home.opens:%Y-%m-%d}: must be a day within the forecast's dates.")
    if home.beds < 1 or not home.replaces_gbp_per_week > 0:
        raise InputError("a new home must have at least one bed and replace a placement with a price above 0.")
    months = np.arange(round(years * 12) + 1)
    in_home = _children_in_home(home, demand, dates, beds, (home.opens - dates[0]).days + months * _MONTH)
    weekly = in_home * home.replaces_gbp_per_week - home.running_gbp_per_week  # saved a week, at each month's start
    since = (home.opens - home.priced_on).days / _YEAR + months / 12
    flow = weekly * (1 + home.inflation_per_year) ** since * (_MONTH / DAYS_PER_WEEK)
    monthly = (flow[:, 1:] + flow[:, :-1]) / 2
    found = _first_crossing(np.cumsum(monthly, axis=1), home.capital_gbp)
    in_forecast = months * _MONTH <= (dates[-1] - home.opens).days
    use = in_home[:, in_forecast].mean() / home.beds
    saving = use * home.beds * home.replaces_gbp_per_week - home.running_gbp_per_week
    low, median, high = np.quantile(found, [0.1, 0.5, 0.9], method="inverted_cdf")
    chances = [low, high, float(np.isinf(found).mean()), float((weekly[:, -1] < 0).mean())]
    low, high, never, loss = chances if shown else [np.nan] * 4
    row = {
        "months_median": median, "months_low_80": low, "months_high_80": high, "chance_never": never,
        "chance_loss": loss, "in_use": use, "break_even_in_use": break_even_occupancy(home),
        "saving_gbp_per_year": saving * _YEAR / DAYS_PER_WEEK,
    }  # fmt: skip
    return Payback(found, pd.DataFrame([row]))


def _children_in_home(
    home: NewHome, demand: np.ndarray, dates: pd.DatetimeIndex, beds: int, when: np.ndarray
) -> np.ndarray:
    """Return the children in the home so many days after the first date, (draws, days); held after the last date."""
    inside = np.clip(np.asarray(demand) - beds, 0, home.beds * home.usable_share)
    knots = np.asarray((dates - dates[0]) / pd.Timedelta(days=1))
    there = _interpolated(inside, knots, when)
    last_year = np.linspace(max(knots[-1] - _YEAR, 0), knots[-1], 13)
    there[:, when > knots[-1]] = _interpolated(inside, knots, last_year).mean(axis=1, keepdims=True)
    return there


def _interpolated(values: np.ndarray, knots: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Return each row's values between its knots, by proportion; beyond the last knot its value."""
    after = np.minimum(np.searchsorted(knots, at, side="right"), len(knots) - 1)
    before = np.maximum(after - 1, 0)
    span = np.where(knots[after] > knots[before], knots[after] - knots[before], 1.0)
    part = np.clip((at - knots[before]) / span, 0, 1)
    return np.asarray(values[:, before] * (1 - part) + values[:, after] * part)


def _first_crossing(saved: np.ndarray, capital: float) -> np.ndarray:
    """Return the months until savings reach the capital, between month ends by proportion; infinite where never."""
    reached = saved >= capital - _TINY
    first = reached.argmax(axis=1)
    rows = np.arange(len(saved))
    before = np.where(first > 0, saved[rows, first - 1], 0.0)
    step = saved[rows, first] - before
    months = first + np.divide(capital - before, step, out=np.zeros(len(saved)), where=step > 0)
    return np.where(capital <= 0, 0.0, np.where(reached.any(axis=1), months, np.inf))
