from dataclasses import replace
from itertools import pairwise

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfwlib.data import AreaData
from cfwlib.data.timetable import Timetable
from cfwlib.errors import SettingsError
from cfwlib.need import assess_need
from cfwlib.reach import reach_area
from cfwlib.reach.bus import bus_minutes
from cfwlib.settings import Settings

WALK = {"walk_kmh": 6.0, "walk_detour": 1.0, "walk_limit_m": 500.0}  # 100 m a minute, so that minutes are exact
Trip = list[tuple[int, float, float, bool, bool]]  # calls: stop, arrives, departs, may get on, may get off


def places(*coordinates: tuple[float, float]) -> pd.DataFrame:
    return pd.DataFrame(list(coordinates), columns=["easting", "northing"], dtype=float)


def timetable(stops: pd.DataFrame, trips: list[Trip]) -> Timetable:
    rows = [
        (here[0], there[0], here[2], there[1], number, here[3], there[4])
        for number, calls in enumerate(trips)
        for here, there in pairwise(calls)
    ]
    types = {
        "dep_stop": int,
        "arr_stop": int,
        "dep_min": float,
        "arr_min": float,
        "trip": int,
        "board": bool,
        "alight": bool,
    }
    rides = pd.DataFrame(rows, columns=list(types)).astype(types)
    return Timetable("2026-03-03", stops, rides.sort_values(["dep_min", "trip"], kind="stable"), {})


def trip(*calls: tuple[int, float]) -> Trip:
    return [(stop, time, time, True, True) for stop, time in calls]


VILLAGE, CROSS, TOWN = (0, 0), (10_000, 0), (20_000, 0)
STOPS = places(VILLAGE, CROSS, (10_000, 300), TOWN)  # two stops at the crossroads, 3 minutes apart
HOMES = places((0, -200), (0, -600), (9_900, 0)).set_axis(["near", "far", "cross"])  # 2 and 6 min (too far), 1 min
HUB = places((20_000, 400))  # 4 minutes from the stop in town
BUSES = [
    trip((0, 550), (1, 570)),  # village 09:10, crossroads 09:30
    trip((0, 580), (1, 600)),
    trip((2, 572), (3, 590)),  # leaves the other stop a minute before one can walk there
    trip((2, 573), (3, 595)),
    trip((1, 610), (3, 640)),
]


def minutes(buses: list[Trip], **options: float) -> pd.DataFrame:
    window = {"from_min": 540, "to_min": 560, "every_min": 5} | options
    return bus_minutes(timetable(STOPS, buses), HOMES, HUB, **(WALK | window))  # type: ignore[arg-type]


def test_a_morning_by_hand() -> None:
    """A village changes at a crossroads for town.

    From `near` (2 min to the stop) at 09:00 and 09:05: bus at 09:10, crossroads 09:30, three minutes to the other stop,
    bus at 09:33, town 09:55, four minutes to the hub: 09:59, so 59 and 54 minutes. At 09:10 and 09:15 that bus has
    gone; the next reaches the crossroads at 10:00, on at 10:10, town 10:40, hub 10:44: 94 and 89 minutes. Median 74.
    `far` lives 600 m from its stop, beyond the limit. `cross` walks 1 minute to the one stop and √(100² + 300²) m to
    the other for the 09:32, in town 09:50, at the hub 09:54: 54, 49, 44, 39 minutes.
    """
    found = minutes(BUSES)
    assert found.index.tolist() == ["near", "far", "cross"]
    assert found.loc["near"].tolist() == [74, 54, 1]
    assert found.loc["cross"].tolist() == [46.5, 39, 1]
    assert found.loc["far", ["median_min", "best_min"]].isna().all()
    assert found.loc["far", "share"] == 0


def test_half_the_departures_are_not_enough() -> None:
    """With one bus, gone by 09:10, two of four departures have a journey: a best time, but no median."""
    found = minutes([BUSES[0], BUSES[3]]).loc["near"]
    assert np.isnan(found["median_min"])
    assert found[["best_min", "share"]].tolist() == [54, 0.5]
    assert minutes([BUSES[0], BUSES[3]], to_min=555).loc["near", "median_min"] == 59  # three departures, two of them


def test_a_change_takes_the_longer_of_walk_and_minimum() -> None:
    """3 minutes' walk catches the 09:33, 4 minutes' change does not; the 10:00 makes the 10:10 with 10 but not 11."""
    assert minutes(BUSES, change_min=3).loc["near", "best_min"] == 54
    assert minutes(BUSES, change_min=4).loc["near", "best_min"] == 89
    assert minutes(BUSES, change_min=10).loc["near", "best_min"] == 89
    assert minutes(BUSES, change_min=11).loc["near", "best_min"] == 99  # by the 09:10, and a long wait


def test_journeys_too_long_do_not_count() -> None:
    """The longest journey that counts is of exactly that many minutes."""
    assert minutes(BUSES, longest_min=59).loc["near", ["best_min", "share"]].tolist() == [54, 0.5]
    assert minutes(BUSES, longest_min=58.9).loc["near", "share"] == 0.25
    assert minutes(BUSES, longest_min=89).loc["near", "share"] == 0.75  # leaving at 09:15 counts, at 09:10 does not


def test_staying_on_the_bus_needs_no_change() -> None:
    """A through bus that stops for no time at all, and lets nobody off or on at the crossroads, carries on."""
    through = [[(0, 550, 550, True, True), (1, 570, 570, False, False), (3, 570, 570, True, True)]]
    assert minutes(through).loc["near", "best_min"] == 574 - 545
    assert minutes(through).loc["cross", "share"] == 0


def test_a_slow_bus_nearby_does_not_hide_a_fast_one_here() -> None:
    """At the crossroads by 09:30: a walk to the 09:34 round by the coast, or later the 09:34 express from the stop."""
    coast, express = trip((2, 574), (3, 640)), trip((1, 574), (3, 590))
    for buses in ([BUSES[0], coast, express], [BUSES[0], express, coast]):
        assert minutes(buses).loc["near", "best_min"] == 594 - 545


def test_a_walk_alone_is_no_bus_journey() -> None:
    """Next door to the hub without a bus, there is no journey: walking is reckoned elsewhere."""
    found = bus_minutes(
        timetable(STOPS, BUSES), places((20_000, 300)), HUB, from_min=540, to_min=560, **WALK
    )  # fmt: skip
    assert found["share"].tolist() == [0]


def test_nowhere_to_go_and_nobody_to_go() -> None:
    """Without services nobody arrives; without points there is nothing to tell; both are answers, not errors."""
    day = timetable(STOPS, BUSES)
    nowhere = bus_minutes(day, HOMES, HUB[:0], from_min=540, to_min=560, **WALK)
    assert nowhere["share"].tolist() == [0, 0, 0]
    assert bus_minutes(day, HOMES[:0], HUB, from_min=540, to_min=560, **WALK).empty


def test_settings_that_make_no_sense_are_refused() -> None:
    """A window without departures, a change in no time, and standing still: all named at once."""
    with pytest.raises(SettingsError) as caught:
        minutes(BUSES, to_min=540, change_min=0, walk_kmh=0)
    assert caught.value.problems == [
        "walk_kmh is 0: it must be above 0.",
        "change_min is 0: it must be above 0.",
        "the departures end at 540 min but begin at 540: to_min must be the later.",
    ]


def searched(day: Timetable, points: pd.DataFrame, services: pd.DataFrame, departures: list[float]) -> np.ndarray:
    """Earliest arrivals by exhaustive search: a graph of all rides, what can follow what, and all that is reachable."""
    stops, rides = day.stops.to_numpy(), list(day.connections.itertuples())
    walk = lambda a, b: np.hypot(*(a - b)) / 100 if np.hypot(*(a - b)) <= 500 else np.inf  # noqa: E731
    on_foot = [min((walk(stop, service) for service in services.to_numpy()), default=np.inf) for stop in stops]
    graph = nx.DiGraph()
    graph.add_nodes_from(ride.Index for ride in rides)
    for i, first in enumerate(rides):
        for then in rides:
            change = max(walk(stops[first.arr_stop], stops[then.dep_stop]), 2)
            if first.alight and then.board and first.arr_min + change <= then.dep_min:
                graph.add_edge(first.Index, then.Index)
        following = [ride for ride in rides[i + 1 :] if ride.trip == first.trip]
        if following:
            graph.add_edge(first.Index, following[0].Index)
    end = {ride.Index: ride.arr_min + on_foot[ride.arr_stop] for ride in rides if ride.alight}
    after = {
        ride.Index: min(end.get(i, np.inf) for i in {ride.Index} | nx.descendants(graph, ride.Index)) for ride in rides
    }
    best = np.full((len(points), len(departures)), np.inf)
    for p, home in enumerate(points.to_numpy()):
        for d, leaves in enumerate(departures):
            caught = (r for r in rides if r.board and leaves + walk(home, stops[r.dep_stop]) <= r.dep_min)
            best[p, d] = min((after[ride.Index] for ride in caught), default=np.inf) - leaves
    return np.where(best <= 180, best, np.inf)


SPOT = st.tuples(st.integers(0, 12).map(lambda x: 100.0 * x), st.sampled_from([0.0, 0.0, 300.0]))
MINUTES = st.integers(0, 8).map(float)


@st.composite
def bus_trips(draw: st.DrawFn, stops: int) -> Trip:
    time, calls = draw(st.integers(535, 600).map(float)), []
    for stop in draw(st.lists(st.integers(0, stops - 1), min_size=2, max_size=5)):
        arrive = time + draw(MINUTES)
        time = arrive + draw(st.sampled_from([0.0, 0.0, 0.5, 3.0]))
        on, off = draw(st.sampled_from([(True, True)] * 4 + [(False, True), (True, False), (False, False)]))
        calls.append((stop, arrive, time, on, off))
    return calls


@st.composite
def mornings(draw: st.DrawFn) -> tuple[pd.DataFrame, list[Trip], pd.DataFrame, pd.DataFrame]:
    """Stops along two streets, up to 8 buses between them, homes and services anywhere."""
    stops = draw(st.lists(SPOT, min_size=2, max_size=8))
    trips = draw(st.lists(bus_trips(len(stops)), max_size=8))
    homes, services = draw(st.lists(SPOT, min_size=1, max_size=3)), draw(st.lists(SPOT, min_size=1, max_size=2))
    return places(*stops), trips, places(*homes), places(*services)


def assert_as_searched(day: Timetable, homes: pd.DataFrame, services: pd.DataFrame) -> None:
    expected = searched(day, homes, services, departures := [540.0, 545.0, 550.0, 555.0, 560.0])
    for i, leaves in enumerate(departures):
        one = bus_minutes(day, homes, services, from_min=leaves, to_min=leaves + 1, **WALK)
        np.testing.assert_allclose(one["median_min"].fillna(np.inf), expected[:, i], rtol=0, atol=1e-9)
    found = bus_minutes(day, homes, services, from_min=540, to_min=565, **WALK).fillna(np.inf)
    np.testing.assert_allclose(found["median_min"], np.median(expected, axis=1), rtol=0, atol=1e-9)
    np.testing.assert_allclose(found["best_min"], expected.min(axis=1), rtol=0, atol=1e-9)
    np.testing.assert_allclose(found["share"], np.isfinite(expected).mean(axis=1), rtol=0, atol=1e-9)


@settings(max_examples=120, deadline=None)
@given(mornings())
def test_equal_to_exhaustive_search(morning: tuple[pd.DataFrame, list[Trip], pd.DataFrame, pd.DataFrame]) -> None:
    """On any small timetable, every figure is what searching all chains of rides gives, for every departure."""
    stops, trips, homes, services = morning
    assert_as_searched(timetable(stops, trips), homes, services)


@pytest.mark.parametrize("seed", range(25))
def test_equal_to_exhaustive_search_on_a_busy_morning(seed: int) -> None:
    """So it is where 24 buses meet at ten stops, and most journeys have changes to choose from."""
    rng = np.random.default_rng(seed)
    stops, homes, services = (
        places(*zip(rng.integers(0, 8 + seed, size) * 100.0, rng.choice([0.0, 300.0], size), strict=True))
        for size in (10, 6, 1)
    )
    trips: list[Trip] = []
    for _ in range(24):
        size = rng.integers(2, 6)
        arrive = rng.integers(535, 640) + np.cumsum(rng.integers(0, 9, size)).astype(float)
        leave = np.minimum(arrive + rng.choice([0, 0, 0.5], size), np.append(arrive[1:], np.inf))
        trips.append(list(zip(rng.integers(0, 10, size).tolist(), arrive, leave, rng.random(size) < 0.9,
                              rng.random(size) < 0.9, strict=True)))  # fmt: skip
    assert_as_searched(timetable(stops, trips), homes, services)


@settings(max_examples=60, deadline=None)
@given(mornings(), st.data())
def test_another_bus_never_makes_anyone_slower(
    morning: tuple[pd.DataFrame, list[Trip], pd.DataFrame, pd.DataFrame], data: st.DataObject
) -> None:
    """Whatever bus is added, nobody's figures get worse."""
    stops, trips, homes, services = morning
    extra = data.draw(bus_trips(len(stops)))
    before, after = (
        bus_minutes(timetable(stops, buses), homes, services, from_min=540, to_min=570, **WALK).fillna(np.inf)
        for buses in (trips, [*trips, extra])
    )
    assert (after["median_min"] <= before["median_min"]).all()
    assert (after["best_min"] <= before["best_min"]).all()
    assert (after["share"] >= before["share"]).all()


SETTINGS = Settings()


def test_a_bus_brings_a_village_within_reach(modelled: AreaData) -> None:
    """A bus every ten minutes from a far village to a centre takes its families without a car off the list."""
    need = assess_need(modelled.neighbourhoods, SETTINGS)
    today = reach_area(modelled, need, SETTINGS)
    village = today.points.sort_values("walk_min").iloc[-1]
    centre = modelled.services[modelled.services["kind"] == "family_hub"].iloc[0]
    stops = pd.DataFrame([village, centre])[["easting", "northing"]].assign(stop=["V", "C"], name=["Village", "Centre"])
    leave = np.arange(500.0, 720.0, 10.0)
    rides = pd.DataFrame({"dep_stop": 0, "arr_stop": 1, "dep_min": leave, "arr_min": leave + 25,
                          "trip": np.arange(len(leave)), "board": True, "alight": True})  # fmt: skip
    bus = Timetable(date="2026-03-10", stops=stops.reset_index(drop=True), connections=rides, left_out={})
    found = reach_area(replace(modelled, timetable=bus), need, SETTINGS).points.set_index("point")
    there = found.loc[village["point"]]
    assert there["bus_min"] == pytest.approx(30, abs=5.1)
    assert there["no_car_min"] == there["bus_min"] < there["walk_min"]
    assert there["served_walk"]
    assert today.points["bus_min"].isna().all()
    assert (found["household_min"].to_numpy() <= today.points["household_min"].to_numpy() + 1e-9).all()
