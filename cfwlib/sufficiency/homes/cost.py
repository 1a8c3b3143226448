"""What care costs by financial year, with how sure that is.

Money is in pounds of the day it is spent: prices grow with inflation from the day they are quoted. Draws are added up
before their intervals are taken.
"""

from collections.abc import Collection

import numpy as np
import pandas as pd

from cfwlib.errors import refuse
from cfwlib.settings import HomesSettings
from cfwlib.sufficiency.homes.beds import band

DAYS_PER_WEEK = 7.0
_YEAR = 365.25


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
