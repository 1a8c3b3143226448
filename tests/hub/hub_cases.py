"""Small random hubs, and a solver of them that tries everything and shares no code with the planner."""

from itertools import chain, combinations, permutations, product
from typing import Any

import numpy as np
import pandas as pd

from cfwlib.hub import HubMinutes, HubSettings

Case = tuple[pd.DataFrame, pd.DataFrame, HubMinutes, HubSettings]


def case(seed: int, *, most: int = 5, **settings: Any) -> Case:
    """Return a random hub with tight days: missing ways, detours, opening hours, weekdays and decisions included."""
    r = np.random.default_rng(seed)
    n, p = int(r.integers(1, most + 1)), int(r.integers(1, 9))
    ids = [f"v{i}" for i in range(n)]
    venues = pd.DataFrame({"venue": ids, "name": [f"Place {i}" for i in range(n)], "kind": "hall"})
    venues["easting"] = venues["northing"] = 0.0
    if r.random() < 0.6:
        venues["weekdays"] = r.choice(["12", "1", "2", "12345", "345"], n)
    if r.random() < 0.5:
        venues["open_min"] = r.choice([0, 60, 120, 200], n).astype(float)
        venues["close_min"] = venues["open_min"] + r.choice([60, 120, 1000], n)
    if r.random() < 0.4:
        venues["dwell_min"] = r.choice([40, 60, 75], n).astype(float)
    points = pd.DataFrame({"point": [f"p{i}" for i in range(p)], "lsoa": "L", "easting": 0.0, "northing": 0.0})
    points["need_count"] = r.integers(0, 20, p).astype(float)
    points["no_car_share"] = r.choice([0.0, 0.25, 0.5, 1.0], p)
    points["served_drive"], points["served_walk"] = r.random((2, p)) < 0.2
    vehicle_min = r.uniform(2, 45, (n + 1, n + 1))
    vehicle_min[r.random(vehicle_min.shape) < 0.1] = np.nan
    vehicle_km = vehicle_min * r.uniform(0.3, 1.5, vehicle_min.shape)
    drive_min, walk_min = r.uniform(0, 30, (p, n)), r.uniform(0, 90, (p, n))
    drive_min[r.random((p, n)) < 0.2] = np.nan
    rules: dict[str, Any] = {
        "cycle_weeks": int(r.choice([2, 4])),
        "working_weekdays": str(r.choice(["1", "12"])),
        "duty_start_min": 0,
        "duty_min": int(r.choice([200, 280, 360])),
        "setup_min": 5,
        "pack_up_min": 5,
        "dwell_min": 50,
        "break_min": int(r.choice([0, 20, 60])),
        "range_km": float(r.choice([60, 100, 1000])),
    }
    if rules["cycle_weeks"] == 2 and len(rules["working_weekdays"]) == 1:
        rules["vehicles"] = int(r.choice([1, 2]))
    decisions = r.permutation(ids)
    if r.random() < 0.3:
        rules["must"] = tuple(decisions[: r.integers(1, 3)].tolist())
    if r.random() < 0.3 and n > 2:
        rules["ban"] = tuple(decisions[2:3].tolist())
    return points, venues, HubMinutes(vehicle_min, vehicle_km, drive_min, walk_min), HubSettings(**(rules | settings))


def closure(minutes: HubMinutes) -> tuple[np.ndarray, np.ndarray]:
    """Return fastest minutes between all stops and the km of those ways, by three plain loops."""
    time, km = np.nan_to_num(minutes.vehicle_min, nan=np.inf), np.nan_to_num(minutes.vehicle_km, nan=np.inf)
    np.fill_diagonal(time, 0)
    np.fill_diagonal(km, 0)
    for via, a, b in product(range(len(time)), repeat=3):
        if time[a, via] + time[via, b] < time[a, b]:
            time[a, b], km[a, b] = time[a, via] + time[via, b], km[a, via] + km[via, b]
    return time, km


def feasible_sets(venues: pd.DataFrame, minutes: HubMinutes, s: HubSettings) -> dict[frozenset[int], float]:
    """Return every set of venues (0-based) that some order visits in a duty day, with its fewest minutes driven."""
    time, km = closure(minutes)
    n = len(venues)
    column = {c: venues[c].tolist() if c in venues else [d] * n for c, d in DEFAULTS.items()}
    dwell = venues["dwell_min"].tolist() if "dwell_min" in venues else [s.dwell_min] * n
    found: dict[frozenset[int], float] = {}
    for order in chain.from_iterable(permutations(range(n), k) for k in range(1, n + 1)):
        now, here, driven, far, fits = s.duty_start_min, 0, 0.0, 0.0, True
        for at, v in enumerate(order):
            now += time[here, v + 1]
            driven, far, here = driven + time[here, v + 1], far + km[here, v + 1], v + 1
            now = max(now + s.setup_min, column["open_min"][v]) + dwell[v]
            fits &= now <= column["close_min"][v] + 1e-6
            now += s.pack_up_min + (s.break_min if at == 0 else 0)
        now, driven, far = now + time[here, 0], driven + time[here, 0], far + km[here, 0]
        if fits and now <= s.duty_start_min + s.duty_min + 1e-6 and far <= s.range_km + 1e-6:
            found[frozenset(order)] = min(driven, found.get(frozenset(order), np.inf))
    return found


DEFAULTS: dict[str, Any] = {"open_min": 0.0, "close_min": 1440.0, "weekdays": "12345"}


def value_of(case: Case, visits: tuple[int, ...]) -> float:
    """Return the need reached by so many visits a cycle to each venue, household by household."""
    points, _, minutes, s = case
    worth = {0: 0.0, s.cycle_weeks: 1.0, s.cycle_weeks // 2: s.value_fortnightly}
    worth |= {1: s.value_four_weekly} if s.cycle_weeks == 4 else {}
    total = 0.0
    for i, p in enumerate(points.itertuples()):
        for share, served, matrix, limit in (
            (1 - p.no_car_share, p.served_drive, minutes.drive_min, s.limit_drive_min),
            (p.no_car_share, p.served_walk, minutes.walk_min, s.limit_walk_min),
        ):
            near = [worth[n] for v, n in enumerate(visits) if matrix[i, v] <= limit]
            total += 0.0 if served else p.need_count * share * max(near, default=0.0)
    return total


def best_value(case: Case) -> float | None:
    """Return the most need any timetable reaches, None if no timetable keeps the decisions.

    Walks through every vehicle-day and fills it with every weekly round, or pairs of fortnightly ones, and so on; a
    venue is in one round at most. All that is remembered is how often each venue is visited.
    """
    _, venues, minutes, s = case
    banned = {v for v, name in enumerate(venues["venue"]) if name in s.ban}
    sets = [f for f in feasible_sets(venues, minutes, s) if not f & banned]
    weekdays = venues["weekdays"].tolist() if "weekdays" in venues else ["12345"] * len(venues)
    states = {(0,) * len(venues)}
    for weekday, _ in product(s.working_weekdays, range(s.vehicles)):
        open_sets = [f for f in sets if all(weekday in weekdays[v] for v in f)]

        def fill(states: set[tuple[int, ...]], weeks: int, open_sets: list[frozenset[int]] = open_sets) -> set:
            """Fill a block of evenly spaced weeks of this vehicle and weekday with one round, or split it in two."""
            one = {
                tuple(weeks if v in f else n for v, n in enumerate(state))
                for state in states
                for f in open_sets
                if not any(state[v] for v in f)
            }
            return states | one | (fill(fill(states, weeks // 2), weeks // 2) if weeks > 1 else set())

        states = fill(states, s.cycle_weeks)
    kept = [state for state in states if all(state[v] for v, name in enumerate(venues["venue"]) if name in s.must)]
    return max((value_of(case, state) for state in kept), default=None)


def subsets(stops: frozenset[int]) -> list[frozenset[int]]:
    """Return every non-empty subset."""
    return [frozenset(c) for k in range(1, len(stops) + 1) for c in combinations(stops, k)]
