"""What the hub's plan counts at exactly a limit, for households without a car, and against the last plan."""

import copy
import json

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hub_cases import PLAIN, Case, best_value, demanding
from hypothesis import given, settings
from hypothesis import strategies as st

from cfwlib.errors import PlanError
from cfwlib.hub import HubMinutes, HubSettings, check_plan, plan_hub, solve
from cfwlib.hub.instance import unreached


def one_hall(*, drive_min: float = 5.0, walk_min: float = 10.0, **rules: object) -> Case:
    """Return one hall, 20 minutes from the depot, and one village of ten children, a fifth of them without a car."""
    venues = pd.DataFrame({"venue": ["v"], "name": ["Hall"], "kind": "hall", "easting": 0.0, "northing": 0.0})
    points = pd.DataFrame({"point": ["p"], "lsoa": "L", "easting": 0.0, "northing": 0.0, "need_count": 10.0,
                           "no_car_share": 0.2, "served_drive": False, "served_walk": False})  # fmt: skip
    far = np.array([[0.0, 20.0], [20.0, 0.0]])
    minutes = HubMinutes(far, far, np.array([[drive_min]]), np.array([[walk_min]]))
    return points, venues, minutes, HubSettings.model_validate(PLAIN | {"limit_drive_min": 15} | rules)


@pytest.mark.parametrize(
    ("drive_min", "walk_min", "value"),
    [(15.0, 30.0, 10.0), (15.01, 30.0, 2.0), (15.0, 30.01, 8.0), (15.0, np.nan, 8.0), (np.nan, 30.0, 2.0)],
)
def test_each_household_goes_its_own_way_and_the_limit_counts(drive_min: float, walk_min: float, value: float) -> None:
    """Eight children are driven up to 15 minutes, two walk up to 30; nobody without a car is driven."""
    plan = plan_hub(*one_hall(drive_min=drive_min, walk_min=walk_min))
    assert plan.value == pytest.approx(value)
    assert check_plan(json.loads(json.dumps(plan.to_dict()))) == []


def test_need_left_is_split_between_households_with_a_car_and_without() -> None:
    """Where only those with a car are served, the children without one are still to be reached, and the other way."""
    points = pd.DataFrame({"need_count": 10.0, "no_car_share": 0.2, "served_drive": [True, False, True, False],
                           "served_walk": [False, True, True, False]})  # fmt: skip
    car, foot = unreached(points)
    assert car.tolist() == [0, 8, 0, 8]
    assert foot.tolist() == [2, 0, 0, 2]


@pytest.mark.parametrize("late_min", [0.5, 5.0, 29.0])
def test_a_vehicle_back_late_is_refused(late_min: float) -> None:
    """A day that ends half a minute, five or half an hour after duty is refused, by the planner and by the checker."""
    case = one_hall(setup_min=10, pack_up_min=10, dwell_min=60, break_min=30)
    needed = 20 + 10 + 60 + 10 + 30 + 20
    on_time = case[3].model_copy(update={"duty_min": needed})
    plan = json.loads(json.dumps(plan_hub(*case[:3], on_time).to_dict()))
    assert check_plan(plan) == []
    with pytest.raises(PlanError):
        plan_hub(*case[:3], case[3].model_copy(update={"duty_min": needed - late_min}))
    late = copy.deepcopy(plan)
    late["instance"]["settings"]["duty_min"] = needed - late_min
    assert any("after the end of duty" in problem for problem in check_plan(late))


@given(st.integers(0, 2**32 - 1), st.booleans())
@settings(max_examples=16, derandomize=True, deadline=None, database=None)
def test_the_bound_with_a_change_penalty_is_of_need_less_penalties(seed: int, sifted: bool) -> None:
    """With a last plan and a price on every changed stop the bound is what trying everything finds."""
    points, venues, minutes, rules = demanding(seed)
    venues["last_visits"] = np.random.default_rng(seed).choice([0, rules.cycle_weeks], len(venues))
    hub = points, venues, minutes, rules.model_copy(update={"change_penalty": 3.0, "keep": ()})
    best = best_value(hub)
    with pytest.MonkeyPatch.context() as patch:
        if sifted:  # every column that is left out must be proven useless
            patch.setattr(solve, "SIFTED", 0)
            patch.setattr(solve, "ADDED", 1)
        try:
            plan = plan_hub(*hub)
        except PlanError:
            assert best is None or best[0] <= 0
            return
    assert best is not None
    net, (whole, every) = plan.value - 3 * plan.changes, best
    assert whole - 1e-9 <= net <= every + 1e-9
    assert plan.bound >= (every if np.isfinite(every) else whole) - 1e-9
    if plan.status == "optimal":
        assert plan.bound == pytest.approx(net, rel=1e-4, abs=1e-4 * max(1.0, plan.value))


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=60, derandomize=True, deadline=None, database=None)
def test_no_column_is_left_out_that_a_better_plan_needs(seed: int) -> None:
    """Columns left out on the strength of their prices: value and bound are those of the whole programme."""
    r = np.random.default_rng(seed)
    count, rows, most = int(r.integers(4, 14)), int(r.integers(1, 4)), int(r.integers(1, 5))
    matrix = np.vstack([r.integers(0, 6, (rows, count)), np.ones((1, count))]).astype(float)
    high = np.append(r.integers(3, 12, rows), most).astype(float)
    program = solve.SiftedProgramme(
        matrix=sp.csc_array(matrix), low=np.full(rows + 1, -np.inf), high=high,
        upper=np.ones(count), integer=np.ones(count, dtype=bool), optional=np.ones(count, dtype=bool), most=most,
        supply=(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)),
    )  # fmt: skip
    worth = r.integers(1, 12, count).astype(float)
    plans = (np.arange(2**count)[:, None] >> np.arange(count)) & 1
    best = max(float(plan @ worth) for plan in plans if (matrix @ plan <= program.high).all())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(solve, "SIFTED", 0)
        patch.setattr(solve, "ADDED", 1)
        solved = solve.maximise(program, worth, time_limit_s=10, seed=1)
    assert solved.x is not None
    assert float(worth @ solved.x) == pytest.approx(best)
    assert best - 1e-6 <= solved.bound <= best * (1 + 1e-4) + 1e-6
