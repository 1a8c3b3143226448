"""Hubs whose days are too many to list: plans that pass, and bounds that hold."""

import json
from typing import Any

import numpy as np
import pytest
from hub_cases import Case, case, demanding
from hypothesis import given, settings
from hypothesis import strategies as st

from cfwlib.errors import PlanError
from cfwlib.hub import HubPlan, HubSettings, check_plan, plan_hub
from cfwlib.hub.construct import Clock
from cfwlib.hub.day import day_of, shortest_trip, trip
from cfwlib.hub.instance import read_instance
from cfwlib.hub.pricing import Pricer, slots_of

SEEDS = st.integers(0, 2**32 - 1)
few = settings(max_examples=40, derandomize=True, deadline=None, database=None)


def both(made: Case) -> tuple[HubPlan, HubPlan, HubPlan] | None:
    """Return plans with every tour listed, of whole rounds, and with tours priced; None where there is no plan."""
    points, venues, minutes, rules = made
    priced = HubSettings.model_validate(rules.model_dump() | {"max_tours": 1, "time_limit_s": 0.5})
    try:
        listed = plan_hub(*made)
    except PlanError:
        with pytest.raises(PlanError):
            plan_hub(points, venues, minutes, priced)
        return None
    return listed, plan_hub(*made, every=False), plan_hub(points, venues, minutes, priced)


def net(plan: HubPlan) -> float:
    return plan.value - plan.instance.settings.change_penalty * plan.changes


@given(SEEDS)
@few
def test_priced_tours_give_the_plan_that_listed_ones_give(seed: int) -> None:
    """On small hubs of every cycle the plan is as good, it passes, and the bound is not below the optimum."""
    plans = both(case(seed, cycle_weeks=1 + seed % 4))
    if plans is None:
        return
    listed, rounds, priced = plans
    assert check_plan(json.loads(json.dumps(priced.to_dict()))) == []
    assert priced.bound >= net(listed) - 1e-6
    assert priced.bound >= priced.value - 1e-6
    assert priced.value >= rounds.value - 1e-6


@given(SEEDS)
@few
def test_priced_plans_meet_demands(seed: int) -> None:
    """Lengths, fleets, floors, budgets, kept stops: the plan passes, and the bound is not below the optimum."""
    plans = both(demanding(seed))
    if plans is None:
        return
    listed, _, priced = plans
    assert check_plan(json.loads(json.dumps(priced.to_dict()))) == []
    assert priced.bound >= net(listed) - 1e-6
    assert net(priced) <= priced.bound + 1e-6


@given(SEEDS)
@few
def test_the_dearest_tour_is_found(seed: int) -> None:
    """No set of stops that some order allows is worth more than the pricer says, and what it finds can be driven."""
    made = case(seed, working_weekdays="12")
    day, rules = day_of(read_instance(*made)), made[3]
    stops = np.arange(1, len(made[1]) + 1)
    value = np.r_[0.0, np.random.default_rng(seed).uniform(0, 9, len(stops))]
    for number, slot in enumerate(slots_of([day], stops, rules)):
        pricer = Pricer(day, slot, number, stops, seed)
        found, most, whole = pricer.find(value, 0.0, 1000)
        assert whole
        open_on = [int(s) for s in stops if day.weekdays[s] & slot.weekdays == slot.weekdays]
        worth = [value[list(subset)].sum() for subset in subsets(open_on) if shortest_trip(day, subset)]
        assert most >= max(worth, default=0.0) - 1e-9
        for column in found:
            assert column.real == (trip(day, column.order) is not None)
            assert len(set(column.order)) == len(column.order)
        beam = pricer.find(value, 0.0, 1)[1]
        assert beam >= max(worth, default=0.0) - 1e-9


def subsets(stops: list[int]) -> list[list[int]]:
    return [[s for at, s in enumerate(stops) if bits >> at & 1] for bits in range(1, 2 ** len(stops))]


@given(SEEDS)
@few
def test_the_quick_clock_is_the_days(seed: int) -> None:
    """The search's own clock brings a day home when the day's rules do, and refuses what they refuse."""
    made = case(seed)
    day = day_of(read_instance(*made))
    random = np.random.default_rng(seed)
    for _ in range(10):
        order = [int(s) for s in random.permutation(len(made[1]))[: random.integers(1, 4)] + 1]
        made_trip, (back, _) = trip(day, order), Clock(day).back(order)
        assert back == pytest.approx(made_trip.back) if made_trip else np.isinf(back)


def county(venues: int, **rules: Any) -> Case:
    """Return venues and twice as many villages strewn over a county, the depot in the middle."""
    import pandas as pd

    from cfwlib.hub import HubMinutes

    random = np.random.default_rng(venues)
    at, homes = random.uniform(0, 40, (venues, 2)), random.uniform(0, 40, (2 * venues, 2))
    places = np.vstack([[20.0, 20.0], at])
    km = np.linalg.norm(places[:, None] - places, axis=2)
    far = np.linalg.norm(homes[:, None] - at, axis=2)
    frame = pd.DataFrame({"venue": [f"v{i}" for i in range(venues)], "name": [f"Place {i}" for i in range(venues)]})
    frame = frame.assign(kind="hall", easting=0.0, northing=0.0)
    points = pd.DataFrame({"point": [f"p{i}" for i in range(2 * venues)], "lsoa": "L", "easting": 0.0, "northing": 0.0})
    points = points.assign(need_count=random.integers(1, 20, len(points)), no_car_share=0.2)
    points = points.assign(served_drive=False, served_walk=False, remote_children=random.integers(0, 3, len(points)))
    return points, frame, HubMinutes(1.4 * km, km, 1.3 * far, 15 * far), HubSettings(**{"limit_drive_min": 8} | rules)


@pytest.mark.siege
def test_a_hub_too_large_to_list_is_planned() -> None:
    """Sixty venues with sessions of 20 minutes, as of a mobile library: a plan that passes, near its bound."""
    plan = plan_hub(*county(60, dwell_min=20, time_limit_s=15, max_tours=20_000))
    assert check_plan(json.loads(json.dumps(plan.to_dict()))) == []
    assert plan.value <= plan.bound
    assert plan.gap < 0.05
