"""What the tests of a plan's worth share: the brute force by number of vehicle-days, and small plans."""

from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from hub_cases import PLAIN, Case, case, feasible_sets, value_of

from cfwlib.errors import PlanError
from cfwlib.hub import HubMinutes, HubPlan, HubSettings, plan_hub


def road(*places: tuple[float, float], rules: dict[str, Any], **columns: Any) -> HubPlan:
    """Plan a hub on a straight road: venues at (minutes from the depot, children beside it), far from each other."""
    at = np.array([0.0, *(minutes for minutes, _ in places)])
    far = np.abs(at[:, None] - at[None, :])
    ids = [f"v{i}" for i in range(len(places))]
    venues = pd.DataFrame({"venue": ids, "name": ids, "kind": "hall", "easting": at[1:], "northing": 0.0, **columns})
    points = pd.DataFrame({"point": ids, "lsoa": ids, "easting": at[1:], "northing": 0.0})
    points["need_count"], points["no_car_share"] = [float(children) for _, children in places], 0.0
    points["served_drive"] = points["served_walk"] = False
    near = np.where(far[1:, 1:] < 1, 1.0, 99.0)
    return plan_hub(points, venues, HubMinutes(far, far, near, near), HubSettings.model_validate(PLAIN | rules))


def plan_of(seed: int, **rules: object) -> HubPlan | None:
    """Return the plan of a random hub, None where there is none."""
    try:
        return plan_hub(*case(seed, **rules))
    except PlanError:
        return None


def best_by_days(hub: Case) -> dict[int, float]:
    """Return the most need any timetable reaches by vehicle-days used, for every number some timetable uses.

    Tries every timetable, as `hub_cases.best_value` does, and also remembers the days used.
    """
    _, venues, _, s = hub
    sets = [f for f in feasible_sets(*hub[1:]) if not any(venues["venue"][v] in s.ban for v in f)]
    weekdays = venues["weekdays"].tolist() if "weekdays" in venues else ["12345"] * len(venues)
    states = {((0,) * len(venues), 0)}
    for weekday, _ in product(s.working_weekdays, range(s.vehicles)):
        open_sets = [f for f in sets if all(weekday in weekdays[v] for v in f)]

        def fill(states: set, weeks: int, open_sets: list[frozenset[int]] = open_sets) -> set:
            one = {
                (tuple(weeks if v in f else n for v, n in enumerate(visits)), days + weeks)
                for visits, days in states
                for f in open_sets
                if not any(visits[v] for v in f)
            }
            return states | one | (fill(fill(states, weeks // 2), weeks // 2) if weeks > 1 else set())

        states = fill(states, s.cycle_weeks)
    best: dict[int, float] = {}
    for visits, days in states:
        if all(visits[v] for v, name in enumerate(venues["venue"]) if name in s.must):
            best[days] = max(best.get(days, 0.0), value_of(hub, visits))
    return best
