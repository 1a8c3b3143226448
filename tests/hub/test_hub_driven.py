"""A timetable drawn by hand, given as a file: every wrong row named, and held against the plan by the same measures."""

import dataclasses

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from cfwlib.data import AreaData
from cfwlib.data.driven import KIND, read_driven, with_driven_stops
from cfwlib.errors import InputError
from cfwlib.hub import HubStudy, compare_driven, study_hub
from cfwlib.hub.driven import Compared
from cfwlib.need import assess_need
from cfwlib.pages.hub import visits_table
from cfwlib.pages.hub_worth import by_hand_words
from cfwlib.reach import AreaReach, reach_area
from cfwlib.settings import Settings

HEAD = "week,weekday,vehicle,sequence,stop,easting,northing,arrive,depart\n"
SETTINGS = Settings(max_venues=15, baseline="van.csv")


def test_days_and_times_are_read_as_they_are_written() -> None:
    """A weekday by number or name, times with colon or point; rows in any order; a week and a vehicle of one."""
    rows = "2,Tue,,,Pooley,340000,524000,9.05,09:25:00\n1,1,2,2,B,1000,2000,12:00,12:20\n"
    rows += "1,monday,2,1,A,1000,1000,9:00,9:20\n"
    visits = read_driven("\ufeff" + HEAD + rows, "van.csv")
    assert visits["stop"].tolist() == ["Pooley", "A", "B"]
    assert visits[["week", "weekday", "vehicle", "sequence"]].to_numpy().tolist() == [
        [2, 2, 1, 1], [1, 1, 2, 1], [1, 1, 2, 2],
    ]  # fmt: skip
    assert visits["arrive_min"].tolist() == [545, 540, 720]
    assert visits["session_start_min"].isna().all()


def test_every_wrong_row_is_named_at_once() -> None:
    """File, row and what is wrong of each slip; none of the file is used."""
    rows = "0,Funday,x,1,,340000,,9:00,8:00\n1,1,1,1,A,51.5,-3.1,25:00,\n1,1,1,1,B,,,10:00,9:00\n"
    with pytest.raises(InputError) as caught:
        read_driven(HEAD + rows, "van.csv")
    assert caught.value.problems == [
        "van.csv, row 2: 'week' must be a number from 1.",
        "van.csv, row 2: 'vehicle' must be a number from 1.",
        "van.csv, row 2: 'weekday' must be 1 to 7 or a day's name, not 'funday'.",
        "van.csv, row 2: names no stop.",
        "van.csv, row 2: 'easting' and 'northing' must both be metres of the National Grid.",
        "van.csv, row 3: 'easting' and 'northing' must both be metres of the National Grid.",
        "van.csv, row 3: 'arrive' must be a time like 10:15.",
        "van.csv, row 3: 'depart' must be a time like 10:15.",
        "van.csv, row 4: the times of the visit are not in order.",
    ]
    twice = "1,1,1,1,A,1000,1000,9:00,9:20\n1,1,1,2,a,2000,1000,10:00,10:20\n"
    with pytest.raises(InputError, match="'a' is at more than one place"):
        read_driven(HEAD + twice, "van.csv")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has no column 'week'"),
        (HEAD, "holds no visit"),
        (HEAD.replace("stop", "town"), "has no column 'stop'"),
        (HEAD.replace("depart", "depart,driver"), "'driver' is no column"),
        (HEAD + '1,"1', "cannot be read to its end|must be"),
    ],
)
def test_another_file_is_no_timetable(text: str, message: str) -> None:
    """Columns that lack or mean nothing are told before any row is looked at."""
    with pytest.raises(InputError, match=message):
        read_driven(text, "van.csv")


def test_stops_are_found_by_name_or_told_what_to_give() -> None:
    """One service of the name, also told village first; a name of two places, or of none, asks for coordinates."""
    services = gpd.GeoDataFrame(
        {"name": ["The Croft Surgery", "Hall", "Hall"], "kind": "gp", "easting": [1e5, 2e5, 3e5], "northing": 5e5,
         "in_area": True, "service": ["a", "b", "c"], "venue_kind": ""},
        geometry=gpd.points_from_xy([1e5, 2e5, 3e5], [5e5] * 3), crs=27700,
    )  # fmt: skip
    row = "1,1,1,1,{},{},{},9:00,9:20\n".format
    visits = read_driven(HEAD + row("Kirkbride (the croft surgery)", "", "") + row("Lay-by", 250000, 510000), "van.csv")
    found = with_driven_stops(services, visits, "van.csv")
    added = found[found["kind"] == KIND]
    assert added[["name", "easting", "in_area", "venue_kind"]].to_numpy().tolist() == [
        ["Kirkbride (the croft surgery)", 1e5, False, ""], ["Lay-by", 250000.0, False, ""],
    ]  # fmt: skip
    assert (added.geometry.x == added["easting"]).all()
    with pytest.raises(InputError) as caught:
        with_driven_stops(services, read_driven(HEAD + row("Hall", "", "") + row("Croft Surgery", "", ""), "v"), "v")
    assert caught.value.problems == [
        "v: 'Hall' is the name of 2 places. Give its easting and northing.",
        "v: 'Croft Surgery' is no place of this area. Is it The Croft Surgery? If not, give its easting and northing.",
    ]


@pytest.fixture(scope="module")
def study(modelled: AreaData) -> HubStudy:
    return study_hub(modelled, reached(modelled), SETTINGS.model_copy(update={"baseline": ""}))


def reached(region: AreaData) -> AreaReach:
    return reach_area(region, assess_need(region.neighbourhoods, SETTINGS), SETTINGS)


def compared(region: AreaData, study: HubStudy, text: str, **changes: object) -> Compared:
    """Hold the plan against a timetable, as a run does that names it."""
    services = with_driven_stops(region.services, read_driven(text, "van.csv"), "van.csv")
    loaded = dataclasses.replace(region, services=services, named={("baseline", "van.csv"): text})
    return compare_driven(loaded, reached(loaded), study, SETTINGS.model_copy(update=changes))


def test_the_plan_beside_itself_is_the_same(modelled: AreaData, study: HubStudy) -> None:
    """The visits that a run exports are such a file: what they reach is the plan's value, and no rule is broken."""
    table = visits_table(study.plan).drop(columns="venue")
    found = compared(modelled, study, table.to_csv(index=False))
    assert found.value_plan == pytest.approx(study.plan.value, rel=1e-6)
    assert found.value_driven == pytest.approx(study.plan.value, rel=1e-6)
    assert found.broken.empty
    rows = found.table.set_index("what")
    assert rows.loc["Places visited", "this plan"] == study.plan.stops
    assert rows.loc["Kilometres driven a week", "this plan"] == round(study.plan.km_driven / 2)
    assert (rows["difference"].abs() <= 1).all()
    told = by_hand_words(found)
    assert told.endswith(f"this plan reaches {study.plan.value:,.0f}. No visit of it breaks a rule of this plan.")


def test_a_library_van_is_told_what_it_breaks(modelled: AreaData, study: HubStudy) -> None:
    """Twenty minutes at the first two stops of the plan, once in three weeks, one of them on Saturday at dawn."""
    stops = study.stops.head(2)
    times = (("1", "Sat", "05:00", "05:20"), ("2", "1", "10:00", "10:20"))
    rows = [
        f'{week},{day},1,,"{name}",{x:.0f},{y:.0f},{arrive},{depart}\n'
        for (week, day, arrive, depart), name, x, y in zip(
            times, stops["name"], stops["easting"], stops["northing"], strict=True
        )
    ]
    rows.append(rows[1].replace("2,1,1,", "3,1,2,").replace("10:00,10:20", "10:01,12:30"))
    found = compared(modelled, study, HEAD + "".join(rows))
    told = found.broken.groupby("stop")["rule"].agg(list)
    assert told[stops["name"].iloc[0]][:2] == [
        "the hub does not work on this weekday", "open for 0 minutes once it is set up, not 120",
    ]  # fmt: skip
    assert any(rule.startswith("must leave the depot at 0") for rule in told[stops["name"].iloc[0]])
    assert "there is no vehicle 2" in told[stops["name"].iloc[1]]
    assert "weeks 2, 3 of 3 are not evenly spaced" in told[stops["name"].iloc[1]]
    assert 0 <= found.value_driven < found.value_plan
    assert "3 visits of it break a rule of this plan." in by_hand_words(found)


def test_rare_and_short_visits_count_for_less() -> None:
    """Weekly two hours are all of a need, a fortnight 0.6, three weeks between, six weeks less; an hour 0.7 of two."""
    from cfwlib.hub.driven import _worth

    visits = pd.DataFrame(
        [("a", w, 600, 720) for w in (1, 2, 3, 4, 5, 6)] + [("b", w, 600, 720) for w in (1, 3, 5)]
        + [("c", w, 600, 720) for w in (1, 4)] + [("d", 2, 600, 720), ("e", 1, 600, 660)]
        + [("f", w, 600, 660) for w in (1, 2, 3, 4, 5, 6)],
        columns=["venue", "week", "begin_min", "end_min"],
    )  # fmt: skip
    settings = Settings(value_fortnightly=0.6, value_four_weekly=0.36)
    worth = _worth(visits, 6, settings)
    three = getattr(settings, "value_three_weekly", 0.48)
    assert worth.to_dict() == pytest.approx({"a": 1, "b": 0.6, "c": three, "d": 0.24, "e": 0.168, "f": 0.7})
    assert np.isfinite(worth).all()
