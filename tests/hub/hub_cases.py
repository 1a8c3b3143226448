"""Small random hubs, and a solver of them that tries everything and shares no code with the planner."""

from itertools import chain, combinations, permutations, product
from typing import Any

import numpy as np
import pandas as pd

from cfwlib.hub import HubMinutes, HubSettings
from cfwlib.settings import Vehicle

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


def demanding(seed: int) -> Case:
    """Return a random hub in which, each perhaps, lengths are a choice, vehicles differ, and demands are made."""
    points, venues, minutes, rules = case(seed, most=4, must=(), ban=())
    r, n, p = np.random.default_rng(seed + 1), len(venues), len(points)
    changes: dict[str, Any] = {}
    if r.random() < 0.5:
        changes |= {"further_dwell_min": (30.0,), "dwell_values": ((20, 0.5), (50, 0.9), (80, 1.0))}
    elif r.random() < 0.5:
        venues["further_dwell_min"] = r.choice(["", "30", "70"], n)
    if r.random() < 0.5:
        days, ids = rules.working_weekdays, ["", *venues["venue"]]
        worked, ranges = [days, days[0]], [60.0, 500.0]
        kinds = [
            {"depot": str(r.choice(ids)), "weekdays": str(r.choice(worked)), "range_km": r.choice(ranges)}
            for _ in range(r.integers(1, 3) if rules.cycle_weeks == 2 else 1)
        ]
        kinds[0] |= {"ends_at": str(r.choice(ids))}
        changes["fleet"] = kinds
    if r.random() < 0.4:
        points["lsoa"], points["floor"] = r.choice(["L", "M"], p), r.random(p) < 0.3
    if r.random() < 0.4:
        venues["district"], changes["min_stops_per_district"] = r.choice(["", "East", "West"], n), int(r.integers(1, 3))
    if r.random() < 0.4:
        venues["hire_gbp"] = r.integers(0, 40, n).astype(float)
        changes |= {"cost_per_visit_gbp": 10.0, "cost_per_vehicle_day_gbp": 50.0}
        changes["budget_gbp"] = float(r.integers(60, 400))
    if r.random() < 0.4:
        venues["last_visits"] = r.choice([0, 1, 2], n)
        if r.random() < 0.7:
            changes["change_penalty"] = float(r.choice([0.5, 3.0, 20.0]))
        kept = venues["venue"][venues["last_visits"] > 0].tolist()
        changes["keep"] = tuple(kept[:1]) if r.random() < 0.4 else ()
    if r.random() < 0.3:
        changes["max_vehicle_days"] = int(r.integers(1, 5))
    return points, venues, minutes, HubSettings.model_validate(rules.model_dump() | changes)


def lengths_of(venues: pd.DataFrame, s: HubSettings) -> list[list[float]]:
    """Return the session lengths each venue is offered at."""
    own = venues["dwell_min"].tolist() if "dwell_min" in venues else [np.nan] * len(venues)
    if "further_dwell_min" in venues:
        text = venues["further_dwell_min"].tolist()
        further = [t.split(",") if t else [] for t in text]
        return [[s.dwell_min if np.isnan(x) else x, *map(float, t)] for x, t in zip(own, further, strict=True)]
    return [[s.dwell_min, *s.further_dwell_min] if np.isnan(x) else [x] for x in own]


Day = frozenset[tuple[int, float]]  # venues (0-based) with the length of the session


def feasible_days(venues: pd.DataFrame, minutes: HubMinutes, s: HubSettings, vehicle: Vehicle) -> dict[Day, float]:
    """Return every day that some order allows, with its fewest minutes driven."""
    time, km = closure(minutes)
    n, number = len(venues), {"": 0} | {v: i + 1 for i, v in enumerate(venues["venue"])}
    column = {c: venues[c].tolist() if c in venues else [d] * n for c, d in DEFAULTS.items()}
    dwell = lengths_of(venues, s)
    found: dict[Day, float] = {}
    start, home = number[vehicle.depot], number[vehicle.ends_at or ""]
    for order in chain.from_iterable(permutations(range(n), k) for k in range(1, n + 1)):
        for lengths in product(*(dwell[v] for v in order)):
            now, here, driven, far, fits = s.duty_start_min, start, 0.0, 0.0, True
            for at, (v, length) in enumerate(zip(order, lengths, strict=True)):
                now += time[here, v + 1]
                driven, far, here = driven + time[here, v + 1], far + km[here, v + 1], v + 1
                now = max(now + s.setup_min, column["open_min"][v]) + length
                fits &= now <= column["close_min"][v] + 1e-6
                now += s.pack_up_min + (s.break_min if at == 0 else 0)
            now, driven, far = now + time[here, home], driven + time[here, home], far + km[here, home]
            if fits and now <= s.duty_start_min + s.duty_min + 1e-6 and far <= vehicle.range_km + 1e-6:
                day = frozenset(zip(order, lengths, strict=True))
                found[day] = min(driven, found.get(day, np.inf))
    return found


def feasible_sets(venues: pd.DataFrame, minutes: HubMinutes, s: HubSettings) -> dict[frozenset[int], float]:
    """Return the same where every venue has one length: sets of venues (0-based) with the fewest minutes driven."""
    days = feasible_days(venues, minutes, s, s.vehicle_kinds[0][0])
    return {frozenset(v for v, _ in day): driven for day, driven in days.items()}


DEFAULTS: dict[str, Any] = {"open_min": 0.0, "close_min": 1440.0, "weekdays": "12345"}


def value_of(case: Case, visits: tuple[int, ...], lengths: tuple[float, ...] = ()) -> float:
    """Return the need reached by so many visits of such lengths to each venue, household by household."""
    points, venues, minutes, s = case
    worth = {0: 0.0, s.cycle_weeks: 1.0, s.cycle_weeks // 2: s.value_fortnightly}
    worth |= {1: s.value_four_weekly} if s.cycle_weeks == 4 else {}
    of_venue = [worth[n] for n in visits]
    if any(len(offered) > 1 for offered in lengths_of(venues, s)):
        xs, ys = zip((0, 0), *s.dwell_values, strict=True)
        of_venue = [w * float(np.interp(length, xs, ys)) for w, length in zip(of_venue, lengths, strict=True)]
    total = 0.0
    for i, p in enumerate(points.itertuples()):
        for share, served, matrix, limit in (
            (1 - p.no_car_share, p.served_drive, minutes.drive_min, s.limit_drive_min),
            (p.no_car_share, p.served_walk, minutes.walk_min, s.limit_walk_min),
        ):
            near = [w for v, w in enumerate(of_venue) if matrix[i, v] <= limit]
            total += 0.0 if served else p.need_count * share * max(near, default=0.0)
    return total


State = tuple[tuple[int, float], ...]  # visits and length of each venue, and at the end the vehicle-days used


def best_value(case: Case) -> float | None:
    """Return the most need, less penalties, that any timetable reaches; None if no timetable meets the demands.

    Walks through every vehicle-day and fills it with every weekly round, or pairs of fortnightly ones, and so on; a
    venue is in one round at most. All that is remembered is how often and how long each venue is visited, and the
    vehicle-days used.
    """
    _, venues, minutes, s = case
    banned = {v for v, name in enumerate(venues["venue"]) if name in s.ban}
    weekdays = venues["weekdays"].tolist() if "weekdays" in venues else ["12345"] * len(venues)
    states: set[State] = {((0, 0.0),) * len(venues) + ((0, 0.0),)}
    possible: set[int] = set()
    for vehicle, numbers in s.vehicle_kinds:
        days = {d for d in feasible_days(venues, minutes, s, vehicle) if not {v for v, _ in d} & banned}
        for weekday, _ in product(vehicle.weekdays, numbers):
            open_days = [d for d in days if all(weekday in weekdays[v] for v, _ in d)]
            possible |= {v for d in open_days for v, _ in d}

            def fill(states: set[State], weeks: int, open_days: list[Day] = open_days) -> set[State]:
                """Fill a block of evenly spaced weeks of a vehicle and weekday with one round, or split it in two."""
                one = set()
                for state, day in product(states, open_days):
                    if not any(state[v][0] for v, _ in day):
                        new = list(state)
                        for v, length in day:
                            new[v] = (weeks, length)
                        one.add((*new[:-1], (state[-1][0] + weeks, 0.0)))
                return states | one | (fill(fill(states, weeks // 2), weeks // 2) if weeks > 1 else set())

            states = fill(states, s.cycle_weeks)
    values = (worth_of(case, state, possible) for state in states)
    return max((value for value in values if value is not None), default=None)


def worth_of(case: Case, state: State, possible: set[int]) -> float | None:
    """Return the need reached less penalties, or None where a demand is not met."""
    points, venues, minutes, s = case
    visits, days = tuple(n for n, _ in state[:-1]), state[-1][0]
    names, n = venues["venue"].tolist(), len(venues)
    hire = venues["hire_gbp"].tolist() if "hire_gbp" in venues else [0.0] * n
    last = venues["last_visits"].tolist() if "last_visits" in venues else [0] * n
    district = venues["district"].tolist() if "district" in venues else [""] * n
    cost = days * s.cost_per_vehicle_day_gbp + sum(
        k * (s.cost_per_visit_gbp + h) for k, h in zip(visits, hire, strict=True)
    )
    met = [all(visits[names.index(v)] for v in s.must)]
    met += [all(visits[names.index(v)] >= last[names.index(v)] for v in s.keep)]
    met += [s.budget_gbp is None or cost <= s.budget_gbp + 1e-6, days <= (s.max_vehicle_days or days)]
    for name in set(district) - {""}:
        inside = {v for v in possible if district[v] == name}
        met.append(sum(visits[v] > 0 for v in inside) >= min(s.min_stops_per_district, len(inside)))
    if "floor" in points:
        for lsoa in set(points["lsoa"]):
            at = (points["floor"] & (points["lsoa"] == lsoa)).to_numpy()
            near = {v for v in possible if (minutes.drive_min[at, v] <= s.limit_drive_min).any()}
            met.append(not near or any(visits[v] for v in near))
    if not all(met):
        return None
    dropped = sum(now < before for now, before in zip(visits, last, strict=True))
    return value_of(case, visits, tuple(length for _, length in state[:-1])) - s.change_penalty * dropped


def subsets(stops: frozenset[int]) -> list[frozenset[int]]:
    """Return every non-empty subset."""
    return [frozenset(c) for k in range(1, len(stops) + 1) for c in combinations(stops, k)]
