from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pandas as pd
import pytest
from hub_cases import case
from hypothesis import given, settings
from hypothesis import strategies as st
from value_cases import plan_of, road

from cfwlib.errors import PlanError
from cfwlib.hub import plan_hub
from cfwlib.hub.robust import CORE_SHARE, NEVER_SHARE, Robustness, redraw, robustness

SEEDS = st.integers(0, 2**32 - 1)
some = settings(max_examples=8, derandomize=True, deadline=None, database=None)


def equal(one: Robustness, two: Robustness) -> bool:
    pd.testing.assert_frame_equal(one.venues, two.venues)
    pd.testing.assert_frame_equal(one.draws, two.draws)
    return one.notes == two.notes


@given(SEEDS)
@some
def test_nothing_redrawn_nothing_changed(seed: int) -> None:
    """With no spread every redrawn plan is the plan: shares of 1 or 0, all rounds fit, all need is kept."""
    plan = plan_of(seed)
    if plan is None:
        return
    robust = robustness(plan, draws=2, travel_spread=0, need_spread=0)
    assert set(robust.venues.loc[robust.venues["share"] == 1, "venue"]) == set(plan.visits["venue"])
    assert set(robust.venues["share"]) <= {0.0, 1.0}
    assert robust.venues["in_plan"].equals(robust.venues["role"] == "core")
    assert robust.draws["fits"].all()
    assert robust.draws["value"].to_numpy() == pytest.approx(plan.value)
    assert robust.draws["kept_share"].dropna().to_numpy() == pytest.approx(1.0)


@given(SEEDS)
@some
def test_todays_plan_never_beats_the_best_of_a_draw(seed: int) -> None:
    """Where today's rounds still fit, they keep at most all of what the best plan of the draw reaches."""
    plan = plan_of(seed)
    if plan is None:
        return
    draws = robustness(plan, draws=3).draws
    assert (draws["kept_share"].dropna() <= 1 + 1e-6).all()
    assert draws.loc[~draws["fits"], "kept_share"].isna().all()
    assert (draws["problem"] == "").equals(draws["value"].notna())


def test_seeds_repeat_and_workers_do_not_matter() -> None:
    """The same seed gives the same, here or on two processes; another seed gives other draws; more draws keep these."""
    plan = plan_hub(*case(13, most=5, must=(), ban=()))
    here = robustness(plan, draws=12, seed=5)
    with ProcessPoolExecutor(2) as executor:
        assert equal(here, robustness(plan, draws=12, seed=5, executor=executor))
    shorter, other = (robustness(plan, draws=3, seed=seed).draws for seed in (5, 6))
    pd.testing.assert_frame_equal(shorter, here.draws.head(3))
    assert not shorter["value"].equals(other["value"])


def test_a_redraw_stays_within_its_spread() -> None:
    """Minutes move by at most the spread and the same both ways, km and blanks not at all."""
    plan = plan_of(21, most=5, must=(), ban=())
    assert plan is not None
    before, random = plan.instance, np.random.default_rng(1)
    drawn = [redraw(before, random, travel_spread=0.15, need_spread=1.0)[1] for _ in range(400)]
    for name in ("vehicle_min", "drive_min", "walk_min"):
        old = getattr(before.minutes, name)
        ratios = np.array([getattr(minutes, name) for minutes in drawn])[:, old > 0] / old[old > 0]
        assert 0.85 - 1e-12 <= np.nanmin(ratios) < 0.87
        assert 1.13 < np.nanmax(ratios) <= 1.15 + 1e-12
        assert np.nanmean(ratios) == pytest.approx(1, abs=0.01)
    off = ~np.eye(len(drawn[0].vehicle_min), dtype=bool)
    ratio = np.divide(drawn[0].vehicle_min, before.minutes.vehicle_min, out=np.ones(off.shape), where=off)
    assert np.allclose(ratio, ratio.T, equal_nan=True)
    assert np.array_equal(drawn[0].vehicle_km, before.minutes.vehicle_km, equal_nan=True)


def test_need_is_redrawn_as_uncertain_as_a_count() -> None:
    """Two LSOAs of 200 and 40 children keep their means, with the spread of Poisson counts; nobody stays nobody."""
    before, random = road((20, 200), (30, 40), (40, 0), rules={}).instance, np.random.default_rng(1)
    drawn = [redraw(before, random, travel_spread=0.15, need_spread=1.0)[0]["need_count"] for _ in range(400)]
    means, spreads = np.mean(drawn, axis=0), np.std(drawn, axis=0)
    assert means == pytest.approx([200, 40, 0], rel=0.03)
    assert spreads == pytest.approx([np.sqrt(200), np.sqrt(40), 0], rel=0.15)


def test_rounds_that_no_longer_fit_keep_nothing() -> None:
    """On slow roads today's day is too long: it does not fit, and what it would reach is not counted as kept."""
    draws = robustness(road((80, 9), (10, 5), rules={"duty_min": 340}), draws=12).draws
    assert 0 < draws["fits"].sum() < 12
    assert draws["kept_share"].notna().equals(draws["fits"])


def test_roles_follow_the_shares() -> None:
    """Core from 80%, never under 5%, swing between: a sure place, two of nearly equal need, one too far for most draws.

    A duty day holds two stops of the four; the two alike share the second place; the far one never fits.
    """
    rules = {"working_weekdays": "1", "max_vehicle_days": 1, "duty_min": 400, "break_min": 0, "range_km": 300}
    robust = robustness(road((20, 200), (30, 40), (-15, 40), (150, 30), rules=rules), draws=25)
    venues = robust.venues.set_index("venue")
    assert venues["role"].to_dict() == {"v0": "core", "v1": "swing", "v2": "swing", "v3": "never"}
    expected = np.select([venues["share"] >= CORE_SHARE, venues["share"] >= NEVER_SHARE], ["core", "swing"], "never")
    assert venues["role"].tolist() == expected.tolist()
    assert venues["times"].sum() == robust.draws["stops"].sum()


def test_draws_without_a_plan_are_told() -> None:
    """A must-serve venue that slow roads put out of reach leaves draws without a plan: counted, with the reason."""
    rules = {"duty_min": 340, "must": ("v0",)}  # 160 driving, 120 session, 30 setting up and packing up, 30 break
    robust = robustness(road((80, 9), (10, 5), rules=rules), draws=12)
    missing = robust.draws["problem"] != ""
    assert 0 < missing.sum() < 12
    assert robust.draws.loc[missing, "problem"].str.contains("v0 cannot be visited").all()
    assert robust.notes[0] == f"{missing.sum()} of 12 draws allow no plan and are left out."
    assert not robust.draws.loc[missing, "fits"].any()
    assert robust.venues.set_index("venue")["share"]["v0"] == 1


def test_minutes_known_only_to_the_limit_are_told() -> None:
    """If no journey beyond the limit was searched for, the reader is told that quicker draws reach nobody new."""
    points, venues, minutes, rules = case(13, most=5, must=(), ban=())
    minutes.drive_min[minutes.drive_min > rules.limit_drive_min] = np.nan
    plan = plan_hub(points, venues, minutes, rules)
    assert any("No drive beyond the limit" in note for note in robustness(plan, draws=2).notes)


def test_numbers_out_of_range_are_refused_together() -> None:
    """Every wrong number is named at once."""
    plan = plan_hub(*case(13, most=5, must=(), ban=()))
    with pytest.raises(PlanError) as caught:
        robustness(plan, draws=0, travel_spread=1.0, need_spread=-1)
    assert len(caught.value.problems) == 3
