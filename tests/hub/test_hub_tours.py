from typing import Any

import numpy as np
import pytest
from hub_cases import case, closure, feasible_sets, subsets
from hypothesis import given, settings
from hypothesis import strategies as st

from cfwlib.errors import PlanError
from cfwlib.hub.day import Day, day_of, shortest_trip, trip
from cfwlib.hub.instance import read_instance
from cfwlib.hub.tours import find_tours

SEEDS = st.integers(0, 2**32 - 1)
many = settings(max_examples=60, derandomize=True, deadline=None, database=None)


def road(*places: float, **rules: Any) -> Day:
    """Return a day on a straight road: stops at minutes from the depot, 1 km a minute, 60-minute sessions."""
    at = np.array([0.0, *places])
    far = np.abs(at[:, None] - at[None, :])
    n = len(at)
    stops = {"opens": np.zeros(n), "closes": np.full(n, 1440.0), "dwell": np.full(n, 60.0), "weekdays": np.full(n, 31)}
    stops["venue"] = np.arange(-1, n - 1)
    limits = {"start": 0.0, "end": 420.0, "setup": 0.0, "pack_up": 0.0, "pause": 0.0, "range_km": 1000.0}
    return Day(**{"minutes": far, "km": far.copy()} | stops | limits | rules)


def sets(day: Day) -> set[tuple[int, ...]]:
    """Return the tours of a day as sets of stops."""
    tours = find_tours(day, range(1, len(day.opens)), max_tours=10_000)
    return {tuple(int(s) for s in row if s) for row in tours.stops}


@given(SEEDS)
@many
def test_tours_are_the_days_that_some_order_allows(seed: int) -> None:
    """Every tour is feasible, and every feasible day is part of a tour on the same weekdays."""
    points, venues, minutes, rules = case(seed, working_weekdays="12")
    day = day_of(read_instance(points, venues, minutes, rules.model_copy(update={"must": (), "ban": ()})))
    feasible = {frozenset(v + 1 for v in f): drive for f, drive in feasible_sets(venues, minutes, rules).items()}
    open_on = {f: int(np.bitwise_and.reduce(day.weekdays[list(f)])) for f in feasible}
    feasible = {f: drive for f, drive in feasible.items() if open_on[f]}
    tours = find_tours(day, range(1, len(venues) + 1), max_tours=10_000)
    found = {frozenset(int(s) for s in row if s): i for i, row in enumerate(tours.stops)}
    assert set(found) <= set(feasible)
    assert tours.closed == all(part in feasible for f in feasible for part in subsets(f))
    for f in feasible:
        assert any(f <= tour and open_on[f] == open_on[tour] for tour in found)
        if tours.closed and f in found:
            assert not any(f < other and open_on[f] == open_on[other] for other in feasible), (
                "only maximal sets are kept"
            )
        if not tours.closed:
            assert f in found
    for f, at in found.items():
        assert tours.weekdays[at] == open_on[f]
        assert tours.drive[at] >= feasible[f] - 1e-6


@given(SEEDS)
@many
def test_the_shortest_trip_is_the_shortest_of_all_orders(seed: int) -> None:
    """The order found drives the fewest minutes of all feasible orders, and none is found where none exists."""
    points, venues, minutes, rules = case(seed)
    day = day_of(read_instance(points, venues, minutes, rules.model_copy(update={"must": (), "ban": ()})))
    feasible = feasible_sets(venues, minutes, rules)
    for f in subsets(frozenset(range(len(venues)))):
        found = shortest_trip(day, [v + 1 for v in f])
        assert (found is not None) == (f in feasible)
        if found:
            assert found.drive == pytest.approx(feasible[f], abs=1e-5)


@given(SEEDS)
@many
def test_vehicle_times_become_metric(seed: int) -> None:
    """No way through a third place is faster than the time used, and km are those of the way taken."""
    points, venues, minutes, rules = case(seed, must=(), ban=())
    metric = read_instance(points, venues, minutes, rules).minutes
    time, km = closure(minutes)
    np.testing.assert_allclose(np.nan_to_num(metric.vehicle_min, nan=np.inf), time)
    np.testing.assert_allclose(np.nan_to_num(metric.vehicle_km, nan=np.inf), km)


def test_only_maximal_days_are_kept() -> None:
    """Two stops that fit a day together are one tour; a third too far joins neither."""
    assert sets(road(30, 60, -150)) == {(1, 2), (3,)}


def test_a_smaller_day_open_on_more_weekdays_is_kept() -> None:
    """A stop open all week stays a tour of its own beside a pair that is possible on one weekday only."""
    assert sets(road(30, 60, weekdays=np.array([0, 31, 1]))) == {(1,), (1, 2)}


def test_opening_hours_decide_the_order() -> None:
    """A stop open only in the afternoon comes last even when it is on the way out."""
    day = road(30, 60, opens=np.array([0, 240.0, 0]))
    found = shortest_trip(day, [1, 2])
    assert found is not None
    assert [(v.stop, v.arrive, v.begin) for v in found.visits] == [(2, 60, 60), (1, 150, 240)]


def test_the_break_follows_the_first_session() -> None:
    """A break of 30 minutes delays the departure from the first stop only."""
    found = trip(road(30, 60, pause=30.0, setup=5.0, pack_up=10.0), [1, 2])
    assert found is not None
    assert [(v.begin, v.end, v.depart) for v in found.visits] == [(35, 95, 135), (170, 230, 240)]
    assert (found.back, found.drive, found.km) == (300, 120, 120)


def test_a_slower_road_within_range_is_found() -> None:
    """Where the quickest order is out of range, an order that takes longer and drives less counts."""
    day = road(10, 20, range_km=45.0)
    day.km[0, 1] = day.km[2, 0] = 100.0  # the order 1, 2 is too far; the order 2, 1 is not
    assert sets(day) == {(1, 2)}
    assert [v.stop for v in shortest_trip(day, [1, 2]).visits] == [2, 1]  # type: ignore[union-attr]


def test_time_and_distance_are_traded_off() -> None:
    """Of two ways to the same last stop, the slower one is remembered when only it stays within range."""
    opens, closes = np.array([0, 0, 0, 145.0]), np.array([1440.0, 155, 155, 1440])  # so stop 3 comes last
    day = road(10, 20, 30, opens=opens, closes=closes, range_km=115.0)
    day.km[0, 1], day.km[3, 0] = 50.0, 60.0  # the quick order 1, 2, 3 is 130 km, the order 2, 1, 3 only 110
    assert (1, 2, 3) in sets(day)


def test_every_day_is_kept_where_a_stop_cannot_be_left_out() -> None:
    """If dropping the first stop moves the break and breaks the day, no set is dropped as dominated."""
    opens, closes = np.array([0, 0, 100.0, 0]), np.array([1440.0, 1440, 170, 230])
    day = road(10, 20, 30, opens=opens, closes=closes, pause=60.0, end=300.0)
    day.dwell[:] = [0, 10, 60, 60]
    tours = find_tours(day, [1, 2, 3], max_tours=100)
    assert not tours.closed
    assert sets(day) == {(1,), (2,), (3,), (1, 2), (1, 3), (1, 2, 3)}


def test_too_many_tours_are_refused_not_cut() -> None:
    """More sets than the limit end in a message that says what to change."""
    with pytest.raises(PlanError, match=r"More than 10 sets of 2 stops fit a duty day.*max_tours"):
        find_tours(road(*range(1, 9)), range(1, 9), max_tours=10)
