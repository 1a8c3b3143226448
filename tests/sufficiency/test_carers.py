from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfwlib.errors import InputError
from cfwlib.sufficiency.homes.fostering import (
    CarerScenario,
    foster_balance,
    foster_places,
    households,
    recruits_needed,
)

AT = pd.Timestamp("2025-03-31")
DATES = pd.DatetimeIndex(["2026-03-31", "2027-03-31", "2028-03-31"])
USUAL = CarerScenario(households=150, leave_per_year=0.14, recruits_per_year=18)


def test_mean_and_spread_are_those_of_the_formula() -> None:
    """Leaving and arriving by chance have a known mean and variance at any time; the draws agree with both."""
    rate = -np.log(1 - USUAL.leave_per_year)
    years = np.asarray((DATES - AT) / pd.Timedelta(days=365.25))
    stay, here = np.exp(-rate * years), 18 * (1 - np.exp(-rate * years)) / rate
    draws = households(USUAL, DATES, at=AT, draws=20_000, seed=1)
    assert draws.mean(axis=0) == pytest.approx(150 * stay + here, abs=0.25)
    assert draws.var(axis=0) == pytest.approx(150 * stay * (1 - stay) + here, rel=0.05)


def test_the_dates_asked_for_do_not_matter() -> None:
    """Looking every month or once in three years gives the same numbers but for chance."""
    monthly = households(USUAL, pd.date_range("2025-04-30", "2028-03-31", freq="ME"), at=AT, draws=4000, seed=1)[:, -1]
    once = households(USUAL, DATES[-1:], at=AT, draws=4000, seed=2)[:, 0]
    assert monthly.mean() == pytest.approx(once.mean(), abs=0.8)
    assert monthly.var() == pytest.approx(once.var(), rel=0.12)
    today = households(USUAL, pd.DatetimeIndex([AT]), at=AT, draws=20, seed=1)
    assert (today == 150).all()


@settings(max_examples=25, deadline=None)
@given(st.floats(0, 0.6), st.floats(0, 40), st.floats(0, 0.3), st.floats(0, 20), st.sampled_from([None, 0.5, 3.0]))
def test_better_keeping_or_recruiting_never_gives_fewer(
    leave: float, recruits: float, kept: float, more: float, evidence: float | None
) -> None:
    """In every single draw: the same luck, fewer leavers or more recruits, no fewer households."""
    worse = CarerScenario(40, leave, recruits, evidence_years=evidence)
    better = replace(worse, leave_per_year=max(0, leave - kept), recruits_per_year=recruits + more)
    first, second = (households(s, DATES, at=AT, draws=40, seed=7) for s in (worse, better))
    assert (second >= first).all()


def test_a_rate_from_little_evidence_is_less_sure() -> None:
    """Two years of records leave the mean about where it was and widen the spread; many years hardly do."""
    known, little, much = (
        households(replace(USUAL, evidence_years=years), DATES[-1:], at=AT, draws=4000, seed=3)
        for years in (None, 0.5, 200)
    )
    assert little.std() > 1.3 * known.std()
    assert much.std() == pytest.approx(known.std(), rel=0.05)
    assert little.mean() == pytest.approx(known.mean(), rel=0.03)


def test_places_are_whole_and_usable() -> None:
    """275 approved places of which 160 can be filled are 160; 20 homes of 1.05 are 21, whatever a float says."""
    small = CarerScenario(20, 0, 0, places_per_household=1.4, usable_share=0.75)
    assert (foster_places(small, DATES, at=AT, draws=5, seed=1) == 21).all()
    service = CarerScenario(125, 0, 0, places_per_household=275 / 125, usable_share=160 / 275)
    assert (foster_places(service, DATES, at=AT, draws=5, seed=1) == 160).all()


def test_every_child_is_somewhere() -> None:
    """Own carers first, then agencies, then nobody: the three add up to demand, by hand and in general."""
    places, demand = np.array([[5, 5, 5], [8, 8, 8]]), np.array([[4, 9, 20], [4, 9, 20]])
    table = foster_balance(places, demand, DATES, agency_places=6, shown=True)
    assert table["with_own"].tolist() == [4, 6.5, 6.5]
    assert table["with_agency"].tolist() == [0, 2.5, 6]
    assert table["without_place"].tolist() == [0, 0, 7.5]
    assert table["chance_short"].tolist() == [0, 0, 1]
    assert (table[["with_own", "with_agency", "without_place"]].sum(axis=1) == table["demand"]).all()
    hidden = foster_balance(places, demand, DATES, shown=False)
    assert hidden[["chance_short", "own_low_80", "own_high_80"]].isna().all(axis=None)
    with pytest.raises(InputError, match="3 dates"):
        foster_balance(places, demand[:, :2], DATES, shown=True)


def test_recruits_needed_is_the_smallest_number() -> None:
    """With it the chance is reached, with one household fewer it is not."""
    demand = np.random.default_rng(4).poisson(200, 500)
    needed = recruits_needed(USUAL, demand, by=DATES[-1], at=AT, probability=0.9, seed=5)
    assert needed.recruits_per_year is not None
    for recruits, enough in ((needed.recruits_per_year, True), (needed.recruits_per_year - 1, False)):
        plan = replace(USUAL, recruits_per_year=recruits)
        places = foster_places(plan, DATES[-1:], at=AT, draws=500, seed=5)[:, 0]
        assert bool((demand <= places).mean() >= 0.9) is enough
    assert f"{needed.recruits_per_year} new households" in needed.why
    nobody = recruits_needed(USUAL, demand * 0, by=DATES[-1], at=AT, probability=0.9, seed=5)
    assert nobody.recruits_per_year == 0


def test_recruits_needed_says_when_none_are_enough() -> None:
    """No number within the limit suffices: none is named, and the sentence tells how near it comes."""
    needed = recruits_needed(USUAL, np.full(50, 5000), by=DATES[-1], at=AT, probability=0.9, most=30, seed=5)
    assert needed.recruits_per_year is None
    assert needed.chance == 0
    assert "Even 30 new households" in needed.why


def test_impossible_services_are_refused_at_once() -> None:
    """All wrong figures in one error; dates before the count too."""
    with pytest.raises(InputError) as caught:
        CarerScenario(-1, 1.0, -2, places_per_household=0, usable_share=1.2, evidence_years=0)
    assert len(caught.value.problems) == 6
    with pytest.raises(InputError, match="2025-03-31"):
        households(USUAL, pd.DatetimeIndex(["2025-01-01"]), at=AT, draws=3, seed=1)
