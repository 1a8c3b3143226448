"""What stops are called, the village first; and places that no family can come to are never stops."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from calendar_cases import DEPOT, START, closed

from cfwlib.data import AreaData
from cfwlib.data.places import closed_to_families
from cfwlib.errors import PlanError
from cfwlib.hub import HubStudy, hub_calendar, plan_json, study_hub, timetable, village_first
from cfwlib.hub.names import place_names
from cfwlib.hub.venues import fit_places
from cfwlib.need import assess_need
from cfwlib.reach import AreaReach, reach_area
from cfwlib.settings import CalendarSettings, Settings

VILLAGES = pd.DataFrame(
    [
        ("Carlisle", "city", 0, 0), ("Tarraby", "hamlet", 2_000, 0), ("Kirkbride", "village", 20_000, 0),
        ("Burgh-by-Sands", "village", 30_000, 0), ("Hill", "hamlet", 20_900, 0),
    ],
    columns=["name", "kind", "easting", "northing"],
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "easting", "told"),
    [
        ("The Croft Surgery", 20_300, "Kirkbride (The Croft Surgery)"),
        ("Kirkbride School", 20_300, "Kirkbride School"),
        ("The Kirkbride School", 20_300, "The Kirkbride School"),
        ("Kirk Bride Hall", 20_300, "Kirk Bride Hall"),
        ("Kirk Hall", 20_300, "Kirkbride (Kirk Hall)"),
        ("Hillside Hall", 20_200, "Kirkbride (Hillside Hall)"),
        ("Burgh by Sands School", 30_900, "Burgh by Sands School"),
        ("Stanwix School", 1_500, "Carlisle (Stanwix School)"),  # a city is wider than the hamlet at its edge
        ("St Anne's School, Carlisle", 2_000, "Carlisle (St Anne's School)"),
        ("Village hall", 60_000, "Village hall"),
    ],
)
def test_a_place_is_told_village_first(name: str, easting: float, told: str) -> None:
    """What bears its village's name already is not told twice; far from any village a place keeps its own name."""
    place = pd.DataFrame({"name": [name], "kind": ["gp"], "easting": [easting], "northing": [0]})
    assert place_names(place, VILLAGES) == [told]
    assert place_names(place.assign(kind="hamlet"), VILLAGES) == [name]


SETTINGS = Settings(max_venues=15)


def test_two_villages_of_one_name_are_told_apart() -> None:
    """There are two Partons in Cumberland: each by the town it is near."""
    more = pd.DataFrame(
        [("Wigton", "town", 45_000, 0), ("Kirkbride", "village", 50_000, 0)], columns=list(VILLAGES.columns)
    )
    known = pd.concat([VILLAGES, more])
    places = known[known["kind"] == "village"]
    told = ["Kirkbride, near Carlisle", "Burgh-by-Sands", "Kirkbride, near Wigton"]
    assert place_names(places, known) == told


@pytest.fixture(scope="module")
def reach(modelled: AreaData) -> AreaReach:
    return reach_area(modelled, assess_need(modelled.neighbourhoods, SETTINGS), SETTINGS)


@pytest.fixture(scope="module")
def study(modelled: AreaData, reach: AreaReach) -> HubStudy:
    return study_hub(modelled, reach, SETTINGS)


def test_the_timetable_the_calendar_and_the_map_say_the_same_name(modelled: AreaData, study: HubStudy) -> None:
    """One function names the stops wherever families read them; the plan that others check keeps the data's names."""
    before = plan_json(study.plan)
    services = modelled.services.copy()
    villages = services["kind"].isin(["village", "hamlet", "town"])
    services.loc[villages, "name"] = "Nether " + services.loc[villages, "name"]
    shown = village_first(study, dataclasses.replace(modelled, services=services))
    assert plan_json(study.plan) == before
    names = shown.plan.venues.set_index("venue")["name"]
    stops = list(shown.stops["venue"])
    assert shown.stops["name"].tolist() == names[stops].tolist()
    listed = " ".join([*timetable(shown.plan)["Stops"], *shown.plan.rounds["venues"]])
    assert all(listed.count(name) >= 2 for name in names[stops])
    dates = CalendarSettings(cycle_start=START)  # type: ignore[call-arg]
    calendar = hub_calendar(shown.plan, DEPOT, closed(), dates, area_name="X", modelled=True)
    assert set(calendar.visits["name"]) == set(names[stops])
    changed = names.to_numpy() != study.plan.venues["name"].to_numpy()
    assert changed.any()
    assert all(name.startswith("Nether ") and name.endswith(")") for name in names[changed])


def test_no_family_is_sent_to_a_prison_or_a_closed_site() -> None:
    """What a register lists inside a prison, as closed or as planned, is told apart; a village and the own list not."""
    names = ["HMP Haverigg Library", "Haverigg Prison Library", "Secure Children's Home", "Old School (closed)",
             "Proposed Hub", "Prisongate Hall", "Secure Start Nursery", "Prison", "Prison Fellowship Room"]  # fmt: skip
    kinds = ["library"] * 7 + ["hamlet", "own"]
    told = closed_to_families(pd.DataFrame({"name": names, "kind": kinds}))
    assert told.tolist() == ["a prison", "a prison", "a secure unit", "closed", "planned", "", "", "", ""]
    given = pd.DataFrame({"name": ["A", "B", "C"], "kind": "own", "status": ["Planned", None, "open"]})
    assert closed_to_families(given).tolist() == ["planned", "", ""]


def test_a_prison_is_no_candidate_and_no_decision_opens_it(modelled: AreaData, reach: AreaReach) -> None:
    """It stands among the places left out with the reason, and to ask for it is refused."""
    services = modelled.services.copy()
    at = services.index[(services["kind"] == "library") & services["in_area"]][0]
    services.loc[at, "name"] = "Haverigg Prison Library"
    jailed = dataclasses.replace(modelled, services=services)
    fit = fit_places(services.loc[[at]].rename(columns={"service": "venue"}), Settings())
    assert fit[["unfit", "weekdays"]].to_numpy().tolist() == [["a prison", ""]]
    assert np.isfinite(fit["open_min"]).all()
    with pytest.raises(PlanError, match="Haverigg Prison Library must be served, but cannot be: a prison"):
        study_hub(jailed, reach, Settings(max_venues=15, venues_must="Haverigg Prison Library"))
