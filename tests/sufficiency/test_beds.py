import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from cfwlib.errors import InputError
from cfwlib.sufficiency.homes.beds import (
    band,
    beds_by_date,
    beds_for_occupancy,
    beds_if_poisson,
    beds_needed,
    homes_by_size,
    without_bed,
)

DATES = pd.DatetimeIndex(["2026-03-31", "2027-03-31"])
demands = st.lists(st.integers(0, 60), min_size=1, max_size=60)


def test_the_published_yardsticks() -> None:
    """61 children: 72 beds at 85% in use, 68 at 90%, 74 for a Poisson 95%."""
    assert beds_for_occupancy(61, occupancy=0.85) == 72
    assert beds_for_occupancy(61, occupancy=0.9) == 68
    assert beds_if_poisson(61, probability=0.95) == 74
    assert stats.poisson.cdf(74, 61) >= 0.95 > stats.poisson.cdf(73, 61)
    assert beds_for_occupancy(0.3 * 3, occupancy=0.3) == 3  # not 4 for a float's last digit


@settings(max_examples=200, deadline=None)
@given(demands, st.floats(0.01, 1))
def test_the_smallest_number_that_is_enough(demand: list[int], probability: float) -> None:
    """Enough with the probability, and one bed fewer is not."""
    beds = int(beds_needed(np.array(demand), probability=probability))
    enough = [np.mean(np.array(demand) <= b) >= probability - 1e-9 for b in (beds, beds - 1)]
    assert enough == [True, False]


def test_a_probability_that_is_a_whole_number_of_draws() -> None:
    """7% of 100 draws is the 7th, though 0.07 x 100 is a little more than 7 to a computer."""
    assert beds_needed(np.arange(1, 101), probability=0.07) == 7
    assert beds_needed(np.arange(1, 101), probability=1) == 100
    for wrong in (0, 1.01, float("nan")):
        with pytest.raises(InputError, match="probability"):
            beds_needed(np.arange(3), probability=wrong)
    with pytest.raises(InputError, match="no draws"):
        beds_needed(np.empty((0, 2)), probability=0.9)


def test_poisson_draws_give_the_poisson_answers() -> None:
    """With many draws, chance of no bed and children without one are those of the distribution."""
    draws = np.random.default_rng(1).poisson(61, (40_000, 1))
    row = beds_by_date(draws, DATES[:1], probability=0.95, occupancy=0.85, beds=65, shown=True).iloc[0]
    assert abs(row["beds_for_chance"] - 74) <= 1
    assert row["chance_short"] == pytest.approx(stats.poisson.sf(65, 61), abs=0.008)
    assert row["chance_full"] == pytest.approx(stats.poisson.sf(64, 61), abs=0.008)
    k = np.arange(66, 200)
    assert row["without_bed"] == pytest.approx(((k - 65) * stats.poisson.pmf(k, 61)).sum(), abs=0.03)


@settings(max_examples=50, deadline=None)
@given(demands, st.integers(0, 40))
def test_one_more_bed_never_hurts(demand: list[int], beds: int) -> None:
    """Children without a bed fall by at most one with each bed, and what is in use and without adds up to demand."""
    drawn = np.array(demand)
    assert -1e-9 <= without_bed(drawn, beds) - without_bed(drawn, beds + 1) <= 1 + 1e-9
    assert np.minimum(drawn, beds).mean() + without_bed(drawn, beds) == pytest.approx(drawn.mean())


def test_short_so_far_looks_along_each_draw() -> None:
    """Half of the draws are short on either date: all of them have been by the second."""
    draws = np.array([[9, 1], [1, 9]])
    table = beds_by_date(draws, DATES, probability=0.5, occupancy=1, beds=5, shown=True)
    assert table["chance_short"].tolist() == [0.5, 0.5]
    assert table["chance_short_so_far"].tolist() == [0.5, 1.0]
    assert table["in_use"].tolist() == [0.6, 0.6]


def test_uncalibrated_draws_promise_nothing() -> None:
    """Mean and planned occupancy remain; no interval, no chance, no beds 'enough with 95%'."""
    draws = np.random.default_rng(1).poisson(9, (300, 2))
    table = beds_by_date(draws, DATES, probability=0.95, occupancy=0.85, beds=10, shown=False)
    hidden = [
        "low_95",
        "high_50",
        "beds_for_chance",
        "chance_short",
        "chance_full",
        "without_bed",
        "chance_short_so_far",
    ]
    assert table[hidden].isna().all(axis=None)
    assert table[["mean", "median", "beds_for_occupancy"]].notna().all(axis=None)
    assert homes_by_size(draws, DATES, probability=0.95, shown=False).empty


def test_homes_make_up_what_is_missing() -> None:
    """Homes of each size bring at least the beds missing, never a whole home too many, and the chance asked for."""
    draws = np.random.default_rng(2).poisson(61, (500, 2))
    table = homes_by_size(draws, DATES, probability=0.95, beds=58, shown=True)
    assert len(table) == 2 * 4
    spare = table["homes"] * table["beds_per_home"] - table["beds_missing"]
    assert ((spare >= 0) & (spare < table["beds_per_home"])).all()
    assert (table["chance_short"] <= 0.05 + 1e-9).all()
    enough = homes_by_size(draws, DATES, probability=0.95, beds=200, shown=True)
    assert (enough["homes"] == 0).all()


def test_bands_nest() -> None:
    """The 50% band lies within the 80% band, that within the 95% band, and the median within all."""
    columns = band(np.random.default_rng(3).poisson(20, (500, 3)), shown=True)
    ordered = [columns[n].to_numpy() for n in ("low_95", "low_80", "low_50", "median", "high_50", "high_80", "high_95")]
    assert (np.diff(ordered, axis=0) >= 0).all()


def test_wrong_shapes_are_named() -> None:
    """Draws that do not fit the dates are refused with both numbers."""
    with pytest.raises(InputError, match=r"\(5, 3\).*2 dates"):
        beds_by_date(np.zeros((5, 3)), DATES, probability=0.9, occupancy=0.9, shown=True)
