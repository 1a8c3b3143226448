"""Which places become candidate venues, with what hours, and why the others do not."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfwlib.data import AreaData
from cfwlib.data.opening_hours import opening_hours
from cfwlib.errors import PlanError
from cfwlib.hub import HubStudy, choose_candidates, study_hub
from cfwlib.hub.venue_hours import Window, common_window
from cfwlib.hub.venues import fit_places
from cfwlib.need import assess_need
from cfwlib.reach import AreaReach, reach_area
from cfwlib.settings import Settings

SETTINGS = Settings(max_venues=25)


def places(*rows: tuple[str, str, float]) -> pd.DataFrame:
    """Return places along a line: name, kind, easting in metres."""
    frame = pd.DataFrame(rows, columns=["name", "kind", "easting"])
    return frame.assign(venue=[f"v{i}" for i in range(len(rows))], northing=0.0)


def near(points: pd.DataFrame, places: pd.DataFrame) -> np.ndarray:
    """Return minutes at 1 km a minute."""
    return np.abs(points["easting"].to_numpy()[:, None] - places["easting"].to_numpy()[None, :]) / 1000


def candidates(frame: pd.DataFrame, points: pd.DataFrame, **rules: object) -> pd.DataFrame:
    """Choose with libraries preferred to halls."""
    minutes = near(points, frame)
    rules = {"kinds_in_order": ["library", "hall"]} | rules
    return choose_candidates(frame, points, drive_min=minutes, walk_min=minutes * 12, **rules)  # type: ignore[arg-type]


@pytest.fixture
def points() -> pd.DataFrame:
    """Return families at 0 and 50 km; those at 50 km have a fixed service."""
    frame = pd.DataFrame({"point": ["a", "b"], "lsoa": "L", "easting": [0.0, 50_000.0], "northing": 0.0})
    return frame.assign(need_count=10.0, no_car_share=0.2, served_drive=[False, True], served_walk=[False, True])


def test_of_two_places_together_the_preferred_kind_stays(points: pd.DataFrame) -> None:
    """A hall beside a library is dropped for it, whatever the order of the rows, and the reason names the library."""
    found = candidates(places(("Hall", "hall", 0), ("Library", "library", 1500), ("Far hall", "hall", 4000)), points)
    assert found["kept"].tolist() == [False, True, True]
    assert found["reason"].tolist() == ["within 1,500 m of Library (library)", "kept", "kept"]


def test_every_place_has_its_reason(points: pd.DataFrame) -> None:
    """Places of another kind, without unreached families, or beyond the limit in number are listed with the reason."""
    frame = places(("Pub", "pub", 0), ("Town", "library", 50_000), ("Near", "hall", 1000), ("Further", "library", 9000))
    found = candidates(frame, points, max_venues=1).set_index("name")
    assert found["kept"].to_dict() == {"Pub": False, "Town": False, "Near": True, "Further": False}
    assert found.loc["Pub", "reason"] == "kind 'pub' is not asked for"
    assert found.loc["Town", "reason"] == "no unreached family within 15 minutes' drive or 30 minutes' walk"
    assert found.loc["Further", "reason"] == "beyond the 1 with most unreached need, or most remote children, in reach"
    assert found["need_in_reach"].tolist() == pytest.approx([10, 0, 10, 8])


def test_input_that_does_not_fit_is_refused(points: pd.DataFrame) -> None:
    """Repeated ids, matrices of another shape and missing columns are all reported."""
    frame = places(("A", "hall", 0), ("B", "hall", 9000)).assign(venue="same")
    wrong = np.zeros((1, 1))
    with pytest.raises(PlanError) as error:
        choose_candidates(frame, points, drive_min=wrong, walk_min=wrong, kinds_in_order=["hall"])
    assert len(error.value.problems) == 3
    with pytest.raises(PlanError, match="lacks kind"):
        candidates(frame.drop(columns="kind"), points)


def window(text: str, *, weekdays: str = "12345", dwell_min: float = 120) -> Window | None:
    """Return the window of opening hours for a duty day that serves from 08:45 to 15:15."""
    week = opening_hours(text)
    assert week is not None
    return common_window(week, weekdays=weekdays, dwell_min=dwell_min, from_min=525, to_min=915)


@pytest.mark.parametrize(
    ("text", "weekdays", "opens", "closes", "lost"),
    [
        ("Mo-Fr 09:00-22:00; Sa-Su 10:00-12:00", "12345", 9, 22, ""),
        ("Mo-Th 09:00-17:00; Fr 09:00-12:00", "1234", 9, 17, "Fr 09:00-12:00"),
        ("Mo-Th 09:00-14:00; Fr 09:00-13:30", "12345", 9, 13.5, "Mo,Tu,We,Th 13:30-14:00"),
        ("Mo-Fr 09:00-12:00,13:00-18:00", "12345", 9, 12, "Mo,Tu,We,Th,Fr 13:00-15:15"),
        ("Tu 10:00-14:00; Th 11:00-15:00", "24", 11, 14, "Tu 10:00-11:00; Th 14:00-15:00"),
        ("Tu 10:00-12:00; Th 13:00-15:00", "2", 10, 12, "Th 13:00-15:00"),
    ],
)
def test_differing_hours_become_one_window(text: str, weekdays: str, opens: float, closes: float, lost: str) -> None:
    """The window and weekdays that keep most starts of a session; the hours they cannot use are said."""
    assert window(text) == Window(weekdays, 60 * opens, 60 * closes, lost)


def test_only_hours_of_a_working_duty_day_count() -> None:
    """An evening, a weekend or an hour and a half is no session of two hours in the day."""
    for text in ("Mo-Fr 18:00-22:00", "Sa-Su 09:00-17:00", "Mo-Fr 09:00-10:30", "Mo-Fr 14:00-17:00"):
        assert window(text) is None, text
    assert window("Mo-Fr 09:00-17:00", weekdays="35") == Window("35", 540, 1020, "")


spans = st.tuples(st.integers(0, 90), st.integers(1, 96)).map(lambda s: (s[0] * 15.0, (s[0] + s[1]) * 15.0))
weeks = st.dictionaries(st.integers(1, 7), st.lists(spans, max_size=3))


@given(weeks, st.sampled_from([30.0, 60.0, 120.0]), st.sampled_from(["12345", "24", "3"]))
def test_no_session_is_ever_outside_the_real_hours(
    week: dict[int, list[tuple[float, float]]], dwell: float, weekdays: str
) -> None:
    """On every weekday of the window a span holds all of it; there is a window wherever any session fits."""
    found = common_window(week, weekdays=weekdays, dwell_min=dwell, from_min=525, to_min=915)
    fits = [min(b, 915) - max(a, 525) >= dwell for day in weekdays for a, b in week.get(int(day), [])]
    assert (found is not None) == any(fits)
    if found:
        assert set(found.weekdays) <= set(weekdays)
        for day in found.weekdays:
            assert any(a <= found.open_min and found.close_min <= b for a, b in week[int(day)])


HALLS = pd.DataFrame(
    {
        "venue": ["open", "shut", "short", "bare", "unknown", "dear"],
        "opening_hours": ["", "Sa 09:00-17:00", "Mo 09:00-10:00", "", "", "We 09:00-17:00"],
        "parking": ["yes", "yes", "yes", "no", "", "yes"],
        "step_free": ["yes", "yes", "yes", "no", "", "yes"],
        "hire_gbp": [50.0, 0.0, 0.0, 80.0, np.nan, 80.0],
    }
)


def unfit(**rules: object) -> dict[str, str]:
    fitted = fit_places(HALLS.assign(name="Hall", kind="hall"), Settings.read(**rules)).set_index("venue")
    assert fitted["weekdays"].to_dict()["dear"] == "3"
    return {venue: why for venue, why in fitted["unfit"].items() if why}


def test_what_is_asked_for_decides_and_every_reason_is_told() -> None:
    """Closed places are out always; parking, access and price only when asked for, and then with every reason."""
    closed = {
        "shut": "closed on all working weekdays",
        "short": "its hours on working weekdays hold no session of 120 minutes in a duty day",
    }
    assert unfit() == closed
    asked = {"venue_parking": True, "venue_step_free": True, "venue_hire_limit_gbp": 50}
    dear = "hire £80 is above the limit of £50"
    refused = closed | {"bare": f"no parking; no step-free access; {dear}", "dear": dear}
    assert unfit(**asked) == refused
    assert unfit(**asked, venue_unknown="left_out") == refused | {
        "unknown": "parking not known; step-free access not known"
    }
    assert unfit(dwell_min=60) == {"shut": closed["shut"]}
    assert unfit(further_dwell_min=(60,)) == {"shut": closed["shut"]}


def test_an_unfit_place_never_displaces_a_fit_one(points: pd.DataFrame) -> None:
    """A library without parking is out with its reason, and the hall beside it stays."""
    frame = places(("Hall", "hall", 0), ("Library", "library", 100)).assign(unfit=["", "no parking"])
    found = candidates(frame, points)
    assert found["reason"].tolist() == ["kept", "no parking"]


@pytest.fixture(scope="module")
def reach(modelled: AreaData) -> AreaReach:
    """Return the modelled area's travel times."""
    return reach_area(modelled, assess_need(modelled.neighbourhoods, SETTINGS), SETTINGS)


def study(modelled: AreaData, reach: AreaReach, **rules: object) -> HubStudy:
    """Plan the modelled area's hub under changed rules."""
    return study_hub(modelled, reach, SETTINGS.model_copy(update=rules))


def test_own_venues_come_first_and_keep_their_hours(modelled: AreaData, reach: AreaReach) -> None:
    """A village gives way to its own hall, and every visit to a hall lies inside the hours on its list."""
    found = study(modelled, reach, venue_kinds="village,library")
    listed = found.candidates.set_index("name")
    assert listed.loc["Caldbeck", "reason"] == "within 1,500 m of Caldbeck Modelled Hall (own)"
    assert listed.loc["Caldbeck Modelled Hall", "kind"] == "village hall"
    assert listed.loc["Bassenthwaite Modelled Hall", "hours_lost"] == "Fr 09:00-12:00"
    assert listed.loc["Bootle Modelled Hall", "reason"] == "closed on all working weekdays"
    visits = found.plan.visits.merge(found.candidates[["venue", "opening_hours"]], on="venue")
    visits = visits[visits["opening_hours"] != ""]
    assert len(visits)
    for visit in visits.itertuples():
        spans = (opening_hours(visit.opening_hours) or {})[visit.weekday]
        assert any(a <= visit.session_start_min and visit.session_end_min <= b for a, b in spans)


def test_own_venues_may_stand_alone_or_behind(modelled: AreaData, reach: AreaReach) -> None:
    """`venue_kinds` may name `own`, alone or after other kinds."""
    assert set(study(modelled, reach, venue_kinds="own").candidates["kind"]) == {"village hall"}
    behind = study(modelled, reach, venue_kinds="village,own").candidates.set_index("name")
    assert behind.loc["Caldbeck Modelled Hall", "reason"] == "within 1,500 m of Caldbeck (village)"


def test_a_decision_overrules_price_but_not_a_locked_door(modelled: AreaData, reach: AreaReach) -> None:
    """Must-serve keeps a hall that is too dear and says so; one that is never open is refused with the reason."""
    found = study(modelled, reach, venues_must="Lamplugh Modelled Hall", venue_hire_limit_gbp=50.0)
    listed = found.candidates.set_index("name")["reason"]
    assert listed["Lamplugh Modelled Hall"] == "named in a decision (hire £95 is above the limit of £50)"
    assert "Lamplugh Modelled Hall" in set(found.stops["name"])
    with pytest.raises(PlanError, match="Bootle Modelled Hall must be served, but cannot be: closed on all working"):
        study(modelled, reach, venues_must="Bootle Modelled Hall")
    banned = study(modelled, reach, venues_banned="Bootle Modelled Hall")
    assert "Bootle Modelled Hall" not in set(banned.stops["name"])
