import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfwlib.errors import InputError
from cfwlib.settings import Settings
from cfwlib.sufficiency.homes.cost import cost_by_year, financial_year, prices_from, weekly_prices

PRICED = pd.Timestamp("2025-04-01")
PRICES = prices_from(Settings())


def cost(
    children: dict[str, np.ndarray], dates: pd.DatetimeIndex, inflation: float = 0.0, shown: bool = True
) -> pd.DataFrame:
    return cost_by_year(children, dates, PRICES, priced_on=PRICED, inflation_per_year=inflation, shown=shown)


def test_a_year_of_one_child_by_hand() -> None:
    """One child in a children's home for a whole year at 6,750 a week: 365 nights of 6,750 / 7."""
    table = cost({"residential": np.ones((3, 2))}, pd.DatetimeIndex(["2025-04-01", "2026-03-31"]))
    assert table["placement"].tolist() == ["residential", "All"]
    assert table[["mean", "low_95", "high_95"]].to_numpy() == pytest.approx(365 * 6750 / 7)
    assert table["whole_year"].all()


def test_part_years_say_so() -> None:
    """A forecast from 31 March to mid-year: one night, a whole leap year, and a part, each with its nights."""
    table = cost({"fostering": np.ones((2, 3))}, pd.DatetimeIndex(["2027-03-31", "2028-01-01", "2028-06-30"]))
    table = table[table["placement"] == "All"]
    assert table["year"].tolist() == ["2026/27", "2027/28", "2028/29"]
    assert table["days"].tolist() == [1, 366, 91]
    assert table["whole_year"].tolist() == [False, True, False]
    assert financial_year(pd.DatetimeIndex(["2099-04-01"])).tolist() == ["2099/00"]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(1, 300), min_size=0, max_size=5),
    st.integers(0, 2**31),
    st.floats(-0.05, 0.2),
)
def test_it_is_what_adding_up_night_by_night_gives(gaps: list[int], seed: int, inflation: float) -> None:
    """Children interpolated and priced each night, one after the other, give the same pounds in every draw."""
    dates = pd.DatetimeIndex(pd.Timestamp("2025-02-10") + pd.to_timedelta(np.cumsum([0, *gaps]), unit="D"))
    children = np.random.default_rng(seed).integers(0, 50, (1, len(dates))).astype(float)
    nights = pd.date_range(dates[0], dates[-1])
    there = np.interp((nights - dates[0]).days, (dates - dates[0]).days, children[0])
    prices = 920 / 7 * (1 + inflation) ** ((nights - PRICED).days / 365.25)
    expected = pd.Series(there * prices).groupby(financial_year(nights)).sum().to_dict()
    table = cost({"fostering": children}, dates, inflation).query("placement == 'All'").set_index("year")
    assert table["mean"].to_dict() == pytest.approx(expected)


def test_the_whole_is_added_up_within_the_draw() -> None:
    """Two placements that make up for each other in each draw: wide bands of each, none of the sum."""
    prices = PRICES.assign(gbp_per_week=700.0)
    some = np.random.default_rng(1).integers(0, 20, (200, 1)).astype(float) * np.ones((1, 2))
    dates = pd.DatetimeIndex(["2025-04-01", "2025-04-30"])
    table = cost_by_year(
        {"fostering": some, "residential": 20 - some}, dates, prices, priced_on=PRICED, inflation_per_year=0,
        shown=True,
    ).set_index("placement")  # fmt: skip
    assert table.loc["fostering", "high_95"] > table.loc["fostering", "low_95"]
    assert table.loc["All", ["low_95", "mean", "high_95"]].tolist() == pytest.approx([20 * 100 * 30] * 3)
    hidden = cost({"fostering": some}, dates, shown=False)
    assert hidden[["low_50", "high_95"]].isna().all(axis=None)
    assert hidden["mean"].notna().all()


def test_providers_shares_weigh_the_price() -> None:
    """Half with own carers at 500 and half with agencies at 1,000 is 750."""
    prices = pd.DataFrame(
        {"placement": "fostering", "provider": ["own", "private"], "share": 0.5, "gbp_per_week": [500, 1000]}
    )
    assert weekly_prices(prices).to_dict() == {"fostering": 750}


def test_bad_prices_are_all_named() -> None:
    """Shares that do not sum to 1, negative and missing prices, a placement without one: each in a sentence."""
    prices = pd.DataFrame(
        {"placement": ["a", "a", "b"], "provider": "x", "share": [0.5, 0.4, 1], "gbp_per_week": [1, -1, None]}
    )
    with pytest.raises(InputError) as caught:
        weekly_prices(prices)
    assert len(caught.value.problems) == 3
    assert "0.9" in caught.value.problems[-1]
    dates = pd.DatetimeIndex(["2025-04-01"])
    with pytest.raises(InputError, match="'hotel' has no price"):
        cost({"hotel": np.ones((2, 1))}, dates)
    with pytest.raises(InputError, match="shape"):
        cost({"fostering": np.ones((2, 2))}, dates)
    with pytest.raises(InputError, match="at least one"):
        cost({}, dates)


def test_a_placement_withheld_keeps_its_mean_alone() -> None:
    """Where past forecasts of a placement failed, its costs have no range; the others and the sum keep theirs."""
    some = np.random.default_rng(2).integers(0, 20, (50, 2))
    table = cost_by_year(
        {"fostering": some, "supported": some}, pd.DatetimeIndex(["2025-04-01", "2025-04-30"]), PRICES,
        priced_on=PRICED, inflation_per_year=0, shown=True, withheld=["supported"],
    ).set_index("placement")  # fmt: skip
    assert table.loc["supported", ["low_50", "high_95"]].isna().all()
    assert table[["mean", "median"]].notna().all(axis=None)
    assert table.loc[["fostering", "All"], ["low_50", "high_95"]].notna().all(axis=None)
