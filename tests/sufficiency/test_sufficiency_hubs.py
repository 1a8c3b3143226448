import json

import pandas as pd
import pytest

from cfwlib.data import AreaData
from cfwlib.errors import PlanError
from cfwlib.hub import HubStudy, plan_json, study_hub
from cfwlib.hub.hours import BANDS, hours_bands, hub_access, newly_by_visits, reached_by, shortfall_by
from cfwlib.need import assess_need
from cfwlib.reach import AreaReach, reach_area
from cfwlib.settings import Settings

SETTINGS = Settings(max_venues=25)


@pytest.fixture(scope="module")
def reach(modelled: AreaData) -> AreaReach:
    return reach_area(modelled, assess_need(modelled.neighbourhoods, SETTINGS), SETTINGS)


@pytest.fixture(scope="module")
def study(modelled: AreaData, reach: AreaReach) -> HubStudy:
    return study_hub(modelled, reach, SETTINGS)


@pytest.fixture(scope="module")
def access(modelled: AreaData, reach: AreaReach, study: HubStudy) -> pd.DataFrame:
    return hub_access(modelled, reach, study, SETTINGS)


def test_every_session_hour_is_shared_out(modelled: AreaData, study: HubStudy, access: pd.DataFrame) -> None:
    """Hours per child times children are the hours of 19 centres, one hub, and the mobile hub's own timetable."""
    fixed = 19 * SETTINGS.centre_hours_per_week + SETTINGS.hub_hours_per_week
    mobile = study.plan.visits_per_cycle * SETTINGS.dwell_min / 60 / SETTINGS.cycle_weeks
    children = access["children_0_17"]
    assert (children * access["hours_before"]).sum() / 1000 == pytest.approx(fixed)
    assert (children * access["hours_after"]).sum() / 1000 == pytest.approx(fixed + mobile)
    assert (access["hours_after"] >= access["hours_before"] - 1e-9).all()


def test_a_fortnightly_stop_is_one_hour_a_week() -> None:
    """Two households at one point: hours in reach fall in their band at its ends, car and foot each for itself."""
    access = pd.DataFrame({"children_0_17": [10.0, 20.0, 30.0], "no_car_share": [0.2, 0.5, 0.0]}).assign(
        car_before=[0.0, 20.0, 37.0], car_after=[1.0, 20.5, 37.0], foot_before=[0.0, 0.0, 5.0],
        foot_after=[0.0, 0.5, 5.0],
    )  # fmt: skip
    bands = hours_bands(access)
    assert bands["hours_in_reach"].tolist() == list(BANDS)
    assert bands["before"].tolist() == [20, 0, 0, 0, 40]
    assert bands["after"].tolist() == [2, 10, 8, 0, 40]  # a stop beside a centre moves nobody
    assert bands["change"].sum() == 0


def test_hours_in_reach_grow_by_the_timetable(study: HubStudy, access: pd.DataFrame) -> None:
    """Whoever is newly reached by car has the hours of the stops there, and no more than the whole timetable's."""
    bands = hours_bands(access)
    assert bands["before"].sum() == bands["after"].sum() == round(access["children_0_17"].sum())
    assert bands.loc[0, "change"] < 0
    newly = access["reached_drive"] & ~access["served_drive"]
    assert (access.loc[newly, "car_before"] == 0).all()
    assert (access.loc[newly, "car_after"] >= SETTINGS.dwell_min / 60 / SETTINGS.cycle_weeks - 1e-9).all()
    assert ((access["stop_visits"] > 0) >= newly).all()


def test_those_newly_reached_are_told_by_how_often_the_hub_comes(access: pd.DataFrame) -> None:
    """The numbers add up to the difference that the headline shows, whatever is rounded."""
    before, after = (
        round(access.loc[access[f"{name}_drive"], "children_0_17"].sum()) for name in ("served", "reached")
    )
    found = newly_by_visits(access)
    assert sum(found.values()) == after - before
    assert set(found) <= {1, 2}
    assert list(found) == sorted(found, reverse=True)


def test_shortfall_is_what_closes_the_gap(access: pd.DataFrame) -> None:
    """A ward with its missing hours added stands exactly at the floor; the mobile hub never widens a gap."""
    wards = shortfall_by(access, "ward_name", SETTINGS)
    short = wards[wards["shortfall_before"] > 0]
    assert len(short) > 0
    filled = short["hours_before"] + 1000 * short["shortfall_before"] / short["children_0_17"]
    assert filled.tolist() == pytest.approx([SETTINGS.floor_hours_per_1000] * len(short))
    assert (wards["shortfall_after"] <= wards["shortfall_before"] + 1e-9).all()
    assert wards["hours_before"].is_monotonic_increasing


def test_before_and_after_add_up(access: pd.DataFrame) -> None:
    """Groups sum to the whole, nobody is lost by adding a stop, and the hub reaches someone new."""
    table = reached_by(access, "deprivation_fifth")
    parts, whole = table[table["deprivation_fifth"] != "All"], table[table["deprivation_fifth"] == "All"].iloc[0]
    assert parts["within_after"].sum() == pytest.approx(whole["within_after"], abs=3)  # rounded to children
    assert (table["within_after"] >= table["within_before"]).all()
    assert whole["gained"] > 0


def test_the_hub_is_for_rural_families_unless_told_otherwise(
    modelled: AreaData, reach: AreaReach, study: HubStudy
) -> None:
    """By default only rural need counts, as the plan says; a setting lets towns count too."""
    everyone = study_hub(modelled, reach, SETTINGS.model_copy(update={"hub_serves": "everyone"}))
    assert everyone.plan.residual_need > study.plan.residual_need
    rural = set(reach.points.loc[reach.points["is_rural"], "point"])
    assert set(study.plan.clients["point"]) < rural
    assert not set(everyone.plan.clients["point"]) <= rural


def test_a_plan_is_reused_only_for_the_same_problem(modelled: AreaData, reach: AreaReach, study: HubStudy) -> None:
    """Two notebooks of a run speak of one plan; a changed road speed is another problem."""
    stored = plan_json(study.plan)
    marked = json.loads(stored)
    marked["plan"]["solve_s"] = 123.0
    assert study_hub(modelled, reach, SETTINGS, known=json.dumps(marked)).plan.solve_s == 123.0
    slower = SETTINGS.model_copy(update={"speed_factor": 0.9})
    elsewhere = reach_area(modelled, assess_need(modelled.neighbourhoods, slower), slower)
    assert study_hub(modelled, elsewhere, slower, known=json.dumps(marked)).plan.solve_s != 123.0


def test_planners_decisions_are_taken_by_name(modelled: AreaData, reach: AreaReach, study: HubStudy) -> None:
    """A named venue is served, a banned one is not, and neither raises the value."""
    first = study.stops.sort_values("need_reached")["name"].iloc[-1]
    banned = study_hub(modelled, reach, SETTINGS.model_copy(update={"venues_banned": first}))
    assert first not in set(banned.stops["name"])
    assert banned.plan.value <= study.plan.value + 1e-6
    other = study.plan.venues.loc[study.plan.venues["status"] == "not chosen", "name"].iloc[0]
    forced = study_hub(modelled, reach, SETTINGS.model_copy(update={"venues_must": other.upper()}))
    assert other in set(forced.stops["name"])
    assert forced.plan.value <= study.plan.value * (1 + 1e-4)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"venues_must": "Atlantis; Lyonesse"}, "Atlantis"),
        ({"venue_kinds": "library,pub"}, "'pub' is not in the data"),
        ({"depot": "Moon base"}, "depot 'Moon base'"),
        ({"duty_min": 120.0}, "No venue can be visited in a duty day"),
    ],
)
def test_what_cannot_be_planned_is_explained(
    modelled: AreaData, reach: AreaReach, changes: dict[str, object], message: str
) -> None:
    """A wrong name or an impossible day says which, and what to change."""
    with pytest.raises(PlanError, match=message):
        study_hub(modelled, reach, SETTINGS.model_copy(update=changes))
