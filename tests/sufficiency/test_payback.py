import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfwlib.errors import InputError
from cfwlib.sufficiency.homes.cost import NewHome, break_even_occupancy, payback

OPENS = pd.Timestamp("2026-04-01")
DATES = pd.DatetimeIndex(["2025-04-01", "2026-04-01", "2027-04-01", "2028-04-01"])
HOME = NewHome(
    beds=3, capital_gbp=1_200_000, running_gbp_per_week=14_000, replaces_gbp_per_week=6750, opens=OPENS,
    priced_on=pd.Timestamp("2025-04-01"),
)  # fmt: skip
MONTH_WEEKS = 365.25 / 12 / 7


def always(children: float, draws: int = 4) -> np.ndarray:
    return np.full((draws, len(DATES)), children)


def test_payback_by_hand() -> None:
    """Full: three children save 20,250 a week against 14,000, so 1,200,000 is back after 192 weeks, 44.2 months."""
    found = payback(HOME, always(10), DATES, shown=True)
    assert found.months == pytest.approx([1_200_000 / 6250 / MONTH_WEEKS] * 4)
    row = found.table.iloc[0]
    assert row["in_use"] == 1
    assert row["chance_never"] == row["chance_loss"] == 0
    assert row["saving_gbp_per_year"] == pytest.approx(6250 * 365.25 / 7)


def test_a_home_that_loses_money_never_pays_back() -> None:
    """Two children of three do not cover the running: every further year costs more than it saves."""
    found = payback(HOME, always(2), DATES, shown=True)
    assert np.isinf(found.months).all()
    assert found.table["chance_never"].item() == found.table["chance_loss"].item() == 1
    assert np.isinf(found.table["months_median"].item())
    assert break_even_occupancy(HOME) == pytest.approx(14_000 / 20_250)
    assert break_even_occupancy(HOME, years=10) == pytest.approx((14_000 + 1_200_000 * 7 / 3652.5) / 20_250)


def test_at_break_even_it_just_does_not() -> None:
    """In use exactly as much as covers the running saves nothing; a little more pays back in the end."""
    even = replace(HOME, usable_share=break_even_occupancy(HOME))
    assert np.isinf(payback(even, always(10), DATES, years=500, shown=True).months).all()
    over = replace(even, usable_share=even.usable_share + 0.05)
    assert np.isfinite(payback(over, always(10), DATES, years=500, shown=True).months).all()


def test_beds_there_already_are_filled_first() -> None:
    """Ten children and eight beds elsewhere leave two for the new home."""
    assert payback(HOME, always(10), DATES, beds=8, shown=True).table["in_use"].item() == pytest.approx(2 / 3)


def test_half_the_draws_pay_back() -> None:
    """Draws with and without children: the chance is the share of draws, the median that of the draws."""
    demand = np.concatenate([always(10, 60), always(0, 40)])
    row = payback(HOME, demand, DATES, shown=True).table.iloc[0]
    assert row["chance_never"] == pytest.approx(0.4)
    assert row["months_median"] == row["months_low_80"] == pytest.approx(1_200_000 / 6250 / MONTH_WEEKS)
    assert np.isinf(row["months_high_80"])
    hidden = payback(HOME, demand, DATES, shown=False).table
    assert hidden[["months_low_80", "months_high_80", "chance_never", "chance_loss"]].isna().all(axis=None)


def test_after_the_forecast_the_last_year_goes_on() -> None:
    """Use that rises to the last date is held at the mean of the last year: it neither grows nor stops."""
    demand = np.array([[0, 0, 0, 3]])
    free = replace(HOME, running_gbp_per_week=0, capital_gbp=6750 * 1.5 * 365.25 / 7 * 10)  # 10 years of 1.5 children
    found = payback(free, demand, DATES, shown=True)
    assert found.months / 12 == pytest.approx([11], abs=0.1)  # a year of none, then 1.5 on average


@settings(max_examples=40, deadline=None)
@given(st.floats(3000, 9000), st.floats(0, 200), st.floats(0, 400_000), st.integers(0, 9), st.sampled_from([0.0, 0.03]))
def test_a_better_case_never_pays_back_later(
    price: float, more: float, less: float, demand: int, inflation: float
) -> None:
    """A dearer placement replaced, a cheaper home or more children: payback in every draw no later."""
    case = replace(HOME, replaces_gbp_per_week=price, inflation_per_year=inflation, usable_share=0.9)
    better = replace(case, replaces_gbp_per_week=price + more, capital_gbp=HOME.capital_gbp - less)
    draws = np.random.default_rng(demand).poisson(demand, (20, len(DATES)))
    first = payback(case, draws, DATES, shown=True).months
    assert (payback(better, draws, DATES, shown=True).months <= first + 1e-9).all()


def test_homes_that_make_no_sense_are_refused() -> None:
    """Opening outside the forecast, without beds or with nothing to replace."""
    with pytest.raises(InputError, match="within the forecast"):
        payback(replace(HOME, opens=pd.Timestamp("2030-01-01")), always(1), DATES, shown=True)
    with pytest.raises(InputError, match="at least one bed"):
        payback(replace(HOME, beds=0), always(1), DATES, shown=True)
    free = payback(replace(HOME, capital_gbp=0), always(10), DATES, shown=True)
    assert (free.months == 0).all()


def test_payback_shows_no_number() -> None:
    """At a prompt it tells what it holds; the table is asked for by name."""
    shown = repr(payback(HOME, always(10), DATES, shown=False))
    assert len(shown.splitlines()) == 2
    assert not re.search(r"\d", shown)
