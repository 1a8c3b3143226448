import ast
import copy
import inspect
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hub_cases import PLAIN

from cfwlib.hub import HubMinutes, HubSettings, check_plan, plan_hub, recount

Plan = dict[str, Any]


def eight_halls(r: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray, pd.DataFrame]:
    """Return 30 homes, minutes between the depot and eight venues and from homes to them, and the venues."""
    at, homes = r.uniform(0, 40, (9, 2)), r.uniform(0, 40, (30, 2))
    far = np.linalg.norm(at[:, None] - at[None], axis=2)
    near = np.linalg.norm(homes[:, None] - at[None, 1:], axis=2)
    ids = [f"v{i}" for i in range(8)]
    venues = pd.DataFrame({"venue": ids, "name": [f"Place {i}" for i in range(8)], "kind": "hall"})
    venues["easting"], venues["northing"] = at[1:].T * 1000
    return homes, far, near, venues


@pytest.fixture(scope="module")
def good() -> Plan:
    """Return a four-week plan with two vehicles, several stops a day, opening hours, a must and a ban."""
    r = np.random.default_rng(3)
    homes, far, near, venues = eight_halls(r)
    venues["weekdays"], venues["open_min"], venues["close_min"] = "24", 540.0, 1000.0
    points = pd.DataFrame({"point": [f"p{i}" for i in range(30)], "lsoa": "L"})
    points["easting"], points["northing"] = homes.T * 1000
    points["need_count"], points["no_car_share"] = r.uniform(1, 9, 30), 0.2
    points["served_drive"], points["served_walk"] = r.random((2, 30)) < 0.1
    rules = HubSettings(
        cycle_weeks=4, vehicles=1, working_weekdays="124", dwell_min=90, must=("v1",), ban=("v2",), range_km=120,
        limit_drive_min=8, **PLAIN,
    )  # fmt: skip
    plan = plan_hub(points, venues, HubMinutes(far, far, near, near * 5), rules)
    stored: Plan = json.loads(json.dumps(plan.to_dict()))
    assert check_plan(stored) == []
    assert plan.visits["sequence"].max() > 1
    assert plan.rounds["frequency"].nunique() > 1
    return stored


@pytest.fixture(scope="module")
def rich() -> Plan:
    """Return a plan with two kinds of vehicle, a choice of lengths, floors, a budget, a kept stop and a penalty."""
    r = np.random.default_rng(5)
    homes, far, near, venues = eight_halls(r)
    venues["district"], venues["hire_gbp"], venues["last_visits"] = ["East", "West"] * 4, 20.0, [1, 0, 2, 0, 1, 0, 0, 1]
    points = pd.DataFrame({"point": [f"p{i}" for i in range(30)], "lsoa": [f"L{i % 10}" for i in range(30)]})
    points["easting"], points["northing"] = homes.T * 1000
    points["need_count"], points["no_car_share"] = r.uniform(1, 9, 30), 0.2
    points["served_drive"] = points["served_walk"] = False
    points["floor"] = points["lsoa"] == "L3"
    rules = HubSettings.model_validate(
        {"working_weekdays": "12", "further_dwell_min": (60, 90), "fleet": [{}, {"depot": "v3", "weekdays": "2"}],
         "min_stops_per_district": 1, "cost_per_visit_gbp": 30, "cost_per_vehicle_day_gbp": 100, "budget_gbp": 900,
         "change_penalty": 1, "keep": ("v2",), "limit_drive_min": 8, **PLAIN}
    )  # fmt: skip
    plan = plan_hub(points, venues, HubMinutes(far, far, near, near * 5), rules)
    stored: Plan = json.loads(json.dumps(plan.to_dict()))
    assert check_plan(stored) == []
    assert plan.visits["vehicle"].nunique() == 2
    assert len({row["session_end_min"] - row["session_start_min"] for row in stored["plan"]["visits"]}) > 1
    return stored


def first(plan: Plan, sequence: int = 1) -> Plan:
    """Return the first visit with a sequence number, in a day of more than one stop."""
    found: Plan = next(v for v in days(plan) if len(v) > 1)[sequence - 1]
    return found


def days(plan: Plan) -> list[list[Plan]]:
    """Return the visits day by day."""
    by_day: dict[Any, list[Plan]] = {}
    for visit in plan["plan"]["visits"]:
        by_day.setdefault((visit["vehicle"], visit["week"], visit["weekday"]), []).append(visit)
    return list(by_day.values())


def everywhere(plan: Plan, venue: str, **shift: float) -> None:
    """Shift minutes of every visit to a venue, so that only the rule in question is broken."""
    for visit in plan["plan"]["visits"]:
        if visit["venue"] == venue:
            for name, by in shift.items():
                visit[name] += by


def set_to(plan: Plan, part: str, name: str, value: Any) -> None:
    """Overwrite one figure or rule."""
    (plan["plan"] if part == "plan" else plan["instance"]["settings"])[name] = value


def weekly(plan: Plan) -> str:
    """Return a venue visited every week."""
    return next(row["venue"] for row in plan["plan"]["venues"] if row["frequency"] == "weekly")


def move(plan: Plan, **change: Any) -> None:
    """Change every visit."""
    for visit in plan["plan"]["visits"]:
        visit.update(change)


MUTATIONS: dict[str, tuple[Callable[[Plan], Any], str]] = {
    "arrives too early": (lambda p: everywhere(p, first(p, 2)["venue"], arrive_min=-0.1), "before the drive allows"),
    "starts before setting up": (
        lambda p: everywhere(p, first(p)["venue"], session_start_min=-0.1, session_end_min=-0.1),
        "before setting up is done",
    ),
    "session too short": (lambda p: everywhere(p, first(p)["venue"], session_end_min=-0.1), "the session lasts"),
    "no break": (lambda p: everywhere(p, first(p)["venue"], depart_min=-0.1), "packing up and the break"),
    "no packing up": (lambda p: everywhere(p, first(p, 2)["venue"], depart_min=-0.1), "before packing up can"),
    "finishes late": (lambda p: everywhere(p, first(p, 2)["venue"], depart_min=300), "after the end of duty"),
    "duty shortened": (lambda p: set_to(p, "rules", "duty_min", 300), "after the end of duty"),
    "closed weekday": (lambda p: move(p, weekday=1), "closed on this weekday"),
    "free weekday": (lambda p: move(p, weekday=3), "does not work on this weekday"),
    "before opening": (lambda p: p["instance"]["venues"][1].update(open_min=990.0), "outside opening hours"),
    "after closing": (lambda p: p["instance"]["venues"][1].update(close_min=600.0), "outside opening hours"),
    "other weekday in another week": (
        lambda p: next(v for v in p["plan"]["visits"] if v["venue"] == weekly(p)).update(weekday=1),
        "different weekdays",
    ),
    "other time in another week": (
        lambda p: next(v for v in p["plan"]["visits"] if v["venue"] == weekly(p)).update(arrive_min=700.0),
        "later than it can",
    ),
    "a week left out": (
        lambda p: p["plan"]["visits"].remove(next(v for v in p["plan"]["visits"] if v["venue"] == weekly(p))),
        "are none that a frequency has",
    ),
    "uneven weeks": (lambda p: set_to(p, "rules", "cycle_weeks", 2), "no such vehicle or week"),
    "two places at once": (lambda p: p["plan"]["visits"].append({**first(p), "venue": "v2"}), "two places"),
    "twice in a week": (lambda p: p["plan"]["visits"].append(copy.deepcopy(first(p))), "visited twice in a week"),
    "a second vehicle": (lambda p: move(p, vehicle=2), "no such vehicle or week"),
    "too many days": (
        lambda p: p["plan"]["visits"].extend(
            {**first(p), "vehicle": v, "week": w} for v in range(2, 9) for w in range(1, 5)
        ),
        "more than there are in the cycle",
    ),
    "out of range": (lambda p: set_to(p, "rules", "range_km", 20), "beyond the range of 20"),
    "banned": (lambda p: set_to(p, "rules", "ban", ["v1"]), "banned but visited"),
    "must missing": (lambda p: set_to(p, "rules", "must", ["v2"]), "must-serve but not visited"),
    "unknown venue": (lambda p: first(p).update(venue="nowhere"), "not in the instance"),
    "wrong value": (lambda p: set_to(p, "plan", "value", p["plan"]["value"] + 0.01), "value is printed"),
    "bound too low": (lambda p: set_to(p, "plan", "bound", p["plan"]["value"] - 0.01), "below the value"),
    "wrong gap": (lambda p: set_to(p, "plan", "gap", p["plan"]["gap"] + 1e-3), "gap is printed"),
    "optimal without proof": (
        lambda p: p["plan"].update(bound=p["plan"]["value"] * 1.01, gap=0.01),
        "called optimal with a gap of 0.01",
    ),
    "odd status": (lambda p: set_to(p, "plan", "status", "best"), "status 'best' is unknown"),
    "wrong minutes driven": (lambda p: set_to(p, "plan", "minutes_driven", 1.0), "minutes_driven is printed"),
    "wrong km": (lambda p: set_to(p, "plan", "km_driven", 1.0), "km_driven is printed"),
    "wrong stops": (lambda p: set_to(p, "plan", "stops", 1), "stops is printed"),
    "wrong residual": (lambda p: set_to(p, "plan", "residual_need", 1.0), "residual_need is printed"),
    "a road grown longer": (
        lambda p: p["instance"]["minutes"].update(
            vehicle_min=(np.array(p["instance"]["minutes"]["vehicle_min"]) * 1.1).tolist()
        ),
        "before the drive allows",
    ),
    "a road gone": (
        lambda p: p["instance"]["minutes"].update(vehicle_min=[[None] * 9] * 9),
        "before the drive allows",
    ),
    "round printed wrong": (lambda p: p["plan"]["rounds"][0].update(return_min=1.0), "return_min is printed"),
    "round leaves late": (lambda p: p["plan"]["rounds"][0].update(leave_min=600.0), "too late for its first stop"),
    "round misnamed": (lambda p: p["plan"]["rounds"][0].update(frequency="daily"), "are not daily"),
    "round lost": (lambda p: p["plan"]["rounds"].pop(), "are in no round"),
    "stops of a round": (lambda p: p["plan"]["rounds"][0].update(venues="Elsewhere"), "the stops differ"),
    "venue status": (lambda p: p["plan"]["venues"][1].update(status="not chosen"), "printed as 'not chosen'"),
    "venue shares": (lambda p: p["plan"]["venues"][1].update(need_reached=-1.0), "does not add up"),
    "client": (lambda p: p["plan"]["clients"][0].update(car_visits=3), "is not as printed"),
    "file cut": (lambda p: p["plan"].pop("visits"), "cannot be read"),
    "text for a number": (lambda p: first(p).update(arrive_min="ten"), "cannot be read"),
}


def only_near_one_that_is_not_visited(plan: Plan) -> None:
    """Move the neighbourhood that has a floor away from every venue but one where nobody stops."""
    visited = {visit["venue"] for visit in plan["plan"]["visits"]}
    ids = [venue["venue"] for venue in plan["instance"]["venues"]]
    alone = next(at for at, venue in enumerate(ids) if venue not in visited)
    for point, minutes in zip(plan["instance"]["points"], plan["instance"]["minutes"]["drive_min"], strict=True):
        if point["floor"]:
            minutes[:] = [1.0 if at == alone else 99.0 for at in range(len(ids))]


RICH: dict[str, tuple[Callable[[Plan], Any], str]] = {
    "another depot": (lambda p: p["instance"]["settings"]["fleet"][1].update(depot=""), "return_min is printed"),
    "another end": (lambda p: p["instance"]["settings"]["fleet"][1].update(ends_at=""), "return_min is printed"),
    "vehicle off": (lambda p: p["instance"]["settings"]["fleet"][1].update(weekdays="1"), "does not work"),
    "vehicle of short range": (lambda p: p["instance"]["settings"]["fleet"][0].update(range_km=1), "range of 1"),
    "vehicle sold": (lambda p: p["instance"]["settings"]["fleet"].pop(), "no such vehicle"),
    "length not offered": (
        lambda p: [v.update(further_dwell_min="61") for v in p["instance"]["venues"]], "the session lasts"
    ),
    "worth of a length": (
        lambda p: p["instance"]["settings"].update(dwell_values=[[120, 1.0]]), "value is printed"
    ),
    "over budget": (lambda p: set_to(p, "rules", "budget_gbp", p["plan"]["cost_gbp"] - 1), "more than the budget"),
    "wrong cost": (lambda p: set_to(p, "plan", "cost_gbp", 1.0), "cost_gbp is printed"),
    "kept too rarely": (lambda p: p["instance"]["venues"][2].update(last_visits=4), "to be kept at 4 visits"),
    "changes misprinted": (lambda p: set_to(p, "plan", "changes", 9), "changes is printed"),
    "penalty forgotten": (lambda p: set_to(p, "rules", "change_penalty", 50), "gap is printed"),
    "floor of an LSOA": (
        only_near_one_that_is_not_visited, "no stop is within the drive limit",
    ),
    "floor of a district": (lambda p: set_to(p, "rules", "min_stops_per_district", 4), "stops, not 4"),
}  # fmt: skip


@pytest.mark.parametrize("name", RICH)
def test_a_broken_demand_is_refused(rich: Plan, name: str) -> None:
    """A plan that breaks one demand, or rule of its fleet or session lengths, is refused with the reason."""
    mutate, reason = RICH[name]
    plan = copy.deepcopy(rich)
    mutate(plan)
    assert any(reason in problem for problem in check_plan(plan)), check_plan(plan)


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_broken_plan_is_refused(good: Plan, name: str) -> None:
    """A plan with one rule broken, or one figure misprinted, is refused with the reason."""
    mutate, reason = MUTATIONS[name]
    plan = copy.deepcopy(good)
    mutate(plan)
    assert any(reason in problem for problem in check_plan(plan)), check_plan(plan)


def test_every_minute_counts(good: Plan) -> None:
    """Moving any one minute of any visit by a tenth, either way, is refused."""
    for at in range(len(good["plan"]["visits"])):
        for name in ("arrive_min", "session_start_min", "session_end_min", "depart_min"):
            for by in (-0.1, 0.1):
                visits = [dict(v) for v in good["plan"]["visits"]]
                visits[at][name] += by
                four_weekly = sum(v["venue"] == visits[at]["venue"] for v in visits) == 1
                slack = by > 0 and (name == "depart_min" or four_weekly)  # it may wait or pack up later within the day
                assert slack or check_plan({**good, "plan": {**good["plan"], "visits": visits}}), (at, name, by)


def test_the_checker_shares_no_code_with_the_planner() -> None:
    """The checker's two modules import nothing of the planner and no solver."""
    names = set()
    for module in (inspect.getmodule(check_plan), recount):
        tree = ast.parse(inspect.getsource(module))  # type: ignore[arg-type]
        imported = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
        names |= {getattr(node, "module", None) or node.names[0].name for node in imported}
    assert names == {"collections", "math", "collections.abc", "itertools", "typing", "numpy", "cfwlib.hub.recount"}
