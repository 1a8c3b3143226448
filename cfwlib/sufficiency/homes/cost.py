"""What care costs by financial year, and when a new children's home has saved what it cost to open.

Money is in pounds of the day it is spent: prices grow with inflation from the day they are quoted. Draws are added up
before their intervals are taken. A payback is simple: nothing discounted, no interest on the capital.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cfwlib.errors import InputError, refuse
from cfwlib.settings import HomesSettings
from cfwlib.showing import Shown
from cfwlib.sufficiency.homes.beds import band

DAYS_PER_WEEK = 7.0
_YEAR = 365.25
YEARS = 20  # after opening, that are looked at
_MONTH = _YEAR / 12
_TINY = 1e-6  # pounds


def prices_from(settings: HomesSettings) -> pd.DataFrame:
    """Return the settings' weekly prices as a table of prices: one per placement, whoever provides it."""
    prices = {
        "fostering": settings.cost_fostering_gbp_per_week,
        "residential": settings.cost_residential_gbp_per_week,
        "supported": settings.cost_supported_gbp_per_week,
        "other": settings.cost_other_gbp_per_week,
    }
    return pd.DataFrame(
        {"placement": list(prices), "provider": "all", "share": 1.0, "gbp_per_week": list(prices.values())}
    )


def weekly_prices(prices: pd.DataFrame) -> pd.Series:
    """Return the mean price of a week by placement, weighted by the providers' shares; index: placement.

    Parameters
    ----------
    prices
        `placement`, `provider`, `share` (of the placement's children; sums to 1 in each), `gbp_per_week`.

    Raises
    ------
    InputError
        Shares do not sum to 1, or a share or a price is missing or negative: every such row and placement is named.
    """
    problems = [
        f"prices, row {row}: share {share} and gbp_per_week {price} must both be numbers of 0 or more."
        for row, (share, price) in enumerate(zip(prices["share"], prices["gbp_per_week"], strict=True), start=1)
        if not (share >= 0 and price >= 0)
    ]
    for placement, total in prices.groupby("placement")["share"].sum().items():
        if abs(total - 1) > 1e-6:
            problems.append(f"prices: the providers' shares of '{placement}' sum to {total:.4g}; they must sum to 1.")
    refuse(problems)
    return (prices["share"] * prices["gbp_per_week"]).groupby(prices["placement"]).sum()


def financial_year(days: pd.DatetimeIndex) -> np.ndarray:
    """Return the financial year each day is in, 1 April to 31 March, as text such as "2025/26"."""
    first = np.asarray(days.year - (days.month < 4))
    return np.array([f"{year}/{(year + 1) % 100:02d}" for year in first], dtype=object)


def cost_by_year(
    children: dict[str, np.ndarray], dates: pd.DatetimeIndex, prices: pd.DataFrame, *, priced_on: pd.Timestamp,
    inflation_per_year: float, shown: bool, withheld: Collection[str] = (),
) -> pd.DataFrame:  # fmt: skip
    """Return the cost of each financial year by placement and in all, day by day and draw by draw.

    Children between two dates are interpolated within the draw. Each night from the first date to the last is paid for.

    Parameters
    ----------
    children
        By placement, children on each date, (draws, dates).
    dates
        Ascending dates.
    prices
        As `weekly_prices`.
    priced_on
        The day the prices are of.
    inflation_per_year
        Growth of prices, share a year.
    shown
        Whether the back-test lets the draws' spread be shown, `not test.failed(what)`; if not, the intervals are NaN.
    withheld
        Placements whose own spread it does not let be shown: their intervals alone are NaN.

    Returns
    -------
    table
        One row per year and placement, "All" last: `year` ("2025/26"), `placement`, `days` (nights paid for),
        `whole_year`, and `mean`, `median`, `low_50` ... `high_95` in GBP.

    Raises
    ------
    InputError
        A placement has no price, there are no children or dates, or their shapes do not fit.
    """
    weekly = weekly_prices(prices)
    _check(children, dates, weekly)
    years, nights, weights = _weights(dates, priced_on, inflation_per_year)
    spent = {kind: counts @ weights * (weekly[kind] / DAYS_PER_WEEK) for kind, counts in children.items()}
    spent["All"] = np.sum(list(spent.values()), axis=0)
    ends = pd.to_datetime([f"{int(year[:4]) + 1}-03-31" for year in years])
    whole = nights == np.array([366 if end.is_leap_year else 365 for end in ends])
    about = {"year": years, "days": nights, "whole_year": whole}
    tables = [
        band(draws, shown=shown and kind not in withheld).assign(placement=kind, **about)
        for kind, draws in spent.items()
    ]
    table = pd.concat(tables).sort_values("year", kind="stable", ignore_index=True)
    first = ["year", "placement", "days", "whole_year"]
    return table[[*first, *(name for name in table if name not in first)]]


def _check(children: dict[str, np.ndarray], dates: pd.DatetimeIndex, weekly: pd.Series) -> None:
    problems = [] if children and len(dates) else ["children: there must be at least one placement and one date."]
    if not dates.is_monotonic_increasing or not dates.is_unique:
        problems.append("dates: must ascend, each day once.")
    for kind, counts in children.items():
        if kind not in weekly.index:
            problems.append(f"prices: '{kind}' has no price; add a row for it.")
        if np.ndim(counts) != 2 or np.shape(counts)[1] != len(dates):
            problems.append(f"children['{kind}'] has shape {np.shape(counts)}: (draws, {len(dates)} dates) is needed.")
    refuse(problems)


def _weights(
    dates: pd.DatetimeIndex, priced_on: pd.Timestamp, inflation: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the financial years, their nights, and what a child on each date adds to each year in nights at par."""
    days = pd.date_range(dates[0], dates[-1])
    growth = (1 + inflation) ** (np.asarray((days - priced_on) / pd.Timedelta(days=1)) / _YEAR)
    years, of_year = np.unique(financial_year(days), return_inverse=True)
    x = np.asarray((days - dates[0]) / pd.Timedelta(days=1))
    knots = np.asarray((dates - dates[0]) / pd.Timedelta(days=1))
    after = np.minimum(np.searchsorted(knots, x, side="right"), max(len(knots) - 1, 1))
    before, after = after - 1, np.minimum(after, len(knots) - 1)
    span = knots[after] - knots[before]
    part = np.divide(x - knots[before], span, out=np.zeros_like(x), where=span > 0)
    weights = np.zeros((len(dates), len(years)))
    np.add.at(weights, (before, of_year), growth * (1 - part))
    np.add.at(weights, (after, of_year), growth * part)
    return years, np.bincount(of_year), weights


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
