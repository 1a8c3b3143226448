"""Small random hubs, and a solver of them that tries everything and shares no code with the planner."""

from itertools import chain, combinations, pairwise, permutations, product
from typing import Any

import numpy as np
import pandas as pd

from cfwlib.hub import HubMinutes, HubSettings
from cfwlib.settings import Vehicle

PLAIN: dict[str, Any] = {"reserve_share": 0.0, "round_to_min": 0.0}  # nothing in hand, to the minute
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
    points["remote_children"] = np.where(r.random(p) < 0.4, r.integers(0, 9, p), 0).astype(float)
    vehicle_min = r.uniform(2, 45, (n + 1, n + 1))
    vehicle_min[r.random(vehicle_min.shape) < 0.1] = np.nan
    vehicle_km = vehicle_min * r.uniform(0.3, 1.5, vehicle_min.shape)
    drive_min, walk_min = r.uniform(0, 30, (p, n)), r.uniform(0, 90, (p, n))
    drive_min[r.random((p, n)) < 0.2] = np.nan
    rules: dict[str, Any] = {
        "cycle_weeks": int(r.choice([1, 2, 3, 4])),
        "reserve_share": float(r.choice([0.0, 0.1])),
        "round_to_min": float(r.choice([0, 5])),
        "aim": str(r.choice(["most_need", "balanced", "farthest_first"])),
        "working_weekdays": str(r.choice(["1", "12"])),
        "duty_start_min": 0,
        "duty_min": int(r.choice([200, 280, 360])),
        "setup_min": 5,
        "pack_up_min": 5,
        "dwell_min": 50,
        "break_min": int(r.choice([0, 20, 60])),
        "range_km": float(r.choice([60, 100, 1000])),
    }
    if rules["cycle_weeks"] <= 2 and len(rules["working_weekdays"]) == 1:
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
            for _ in range(r.integers(1, 3) if rules.cycle_weeks <= 2 else 1)
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
        venues["last_visits"] = r.choice([0, *(f.visits for f in rules.frequencies)], n)
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
    padded = time * (1 + s.reserve_share)
    n, number = len(venues), {"": 0} | {v: i + 1 for i, v in enumerate(venues["venue"])}
    column = {c: venues[c].tolist() if c in venues else [d] * n for c, d in DEFAULTS.items()}
    dwell = lengths_of(venues, s)
    found: dict[Day, float] = {}
    start, home = number[vehicle.depot], number[vehicle.ends_at or ""]
    for order in chain.from_iterable(permutations(range(n), k) for k in range(1, n + 1)):
        for lengths in product(*(dwell[v] for v in order)):
            now, here, driven, far, fits = s.duty_start_min, start, 0.0, 0.0, True
            for at, (v, length) in enumerate(zip(order, lengths, strict=True)):
                now += padded[here, v + 1]
                driven, far, here = driven + time[here, v + 1], far + km[here, v + 1], v + 1
                now = max(now + s.setup_min, column["open_min"][v])
                if s.round_to_min and np.isfinite(now):
                    now = np.ceil((now - 1e-6) / s.round_to_min) * s.round_to_min
                now += length
                fits &= now <= column["close_min"][v] + 1e-6
                now += s.pack_up_min + (s.break_min if at == 0 else 0)
            now, driven, far = now + padded[here, home], driven + time[here, home], far + km[here, home]
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
    points, _, minutes, s = case
    of_venue = worth_of_visits(case, visits, lengths)
    total = 0.0
    for i, p in enumerate(points.itertuples()):
        for share, served, matrix, limit in (
            (1 - p.no_car_share, p.served_drive, minutes.drive_min, s.limit_drive_min),
            (p.no_car_share, p.served_walk, minutes.walk_min, s.limit_walk_min),
        ):
            near = [w for v, w in enumerate(of_venue) if matrix[i, v] <= limit]
            total += 0.0 if served else p.need_count * share * max(near, default=0.0)
    return total


def remote_of(case: Case, visits: tuple[int, ...], lengths: tuple[float, ...] = ()) -> float:
    """Return the most remote children within the drive limit of a visit that is worth anything."""
    points, _, minutes, s = case
    of_venue = worth_of_visits(case, visits, lengths)
    near = [
        any(w > 0 and minutes.drive_min[i, v] <= s.limit_drive_min for v, w in enumerate(of_venue))
        for i in range(len(points))
    ]
    return float((points["remote_children"] * near).sum()) if "remote_children" in points else 0.0


def worth_of_visits(case: Case, visits: tuple[int, ...], lengths: tuple[float, ...]) -> list[float]:
    """Return what the visits to each venue are worth to a need within reach, by their number and length."""
    _, venues, _, s = case
    fewer = {2: s.value_fortnightly, 3: s.value_three_weekly, 4: s.value_four_weekly}
    worth = {0: 0.0, s.cycle_weeks: 1.0} | {s.cycle_weeks // k: v for k, v in fewer.items() if s.cycle_weeks % k == 0}
    of_venue = [worth[n] for n in visits]
    if any(len(offered) > 1 for offered in lengths_of(venues, s)):
        xs, ys = zip((0, 0), *s.dwell_values, strict=True)
        of_venue = [w * float(np.interp(length, xs, ys)) for w, length in zip(of_venue, lengths, strict=True)]
    return of_venue


State = tuple[tuple[int, float], ...]  # visits and length of each venue, and at the end the vehicle-days used


MOST_WEEKS = 3_000  # ways to fill the weeks of a weekday that are tried


def best_value(case: Case) -> tuple[float, float] | None:
    """Return the most need, less penalties, of whole rounds and of any timetable; None if none meets the demands.

    Walks through every weekday of every vehicle. Of whole rounds, it is filled with every weekly round, or pairs of
    fortnightly ones, and so on; else each week has any day that fits, and a venue is there in evenly spaced weeks, at
    one time. A venue is visited on one weekday only. All that is remembered is how often and how long each venue is
    visited, and the vehicle-days used. The aim asks for some of the most remote children that whole rounds can reach.
    Infinity stands for the most of any timetable where there are too many to try.
    """
    _, venues, minutes, s = case
    banned = {v for v, name in enumerate(venues["venue"]) if name in s.ban}
    weekdays = venues["weekdays"].tolist() if "weekdays" in venues else ["12345"] * len(venues)
    empty: State = ((0, 0.0),) * len(venues) + ((0, 0.0),)
    whole, every, tried = {empty}, {empty}, True
    possible: set[int] = set()
    for vehicle, numbers in s.vehicle_kinds:
        days = {d for d in feasible_days(venues, minutes, s, vehicle) if not {v for v, _ in d} & banned}
        for weekday in vehicle.weekdays:
            open_days = [d for d in days if all(weekday in weekdays[v] for v, _ in d)]
            possible |= {v for d in open_days for v, _ in d}
            tried &= (len(open_days) + 1) ** s.cycle_weeks <= MOST_WEEKS
            slots = weeks_of(case, vehicle, open_days) if tried else set()
            for _ in numbers:
                whole = fill(whole, s.cycle_weeks, open_days)
                every |= {new for state, slot in product(every, slots) if (new := added(state, slot))}

    def remote(state: State) -> float:
        return remote_of(case, tuple(n for n, _ in state[:-1]), tuple(length for _, length in state[:-1]))

    def most(states: set[State], asked: float) -> float:
        met = ((state, worth_of(case, state, possible)) for state in states if remote(state) >= asked)
        return max((worth for _, worth in met if worth is not None), default=-np.inf)

    could = [remote(state) for state in whole if worth_of(case, state, possible) is not None]
    if not could:
        return None
    asked = {"most_need": 0.0, "balanced": s.remote_share, "farthest_first": 1.0}[s.aim] * max(could) - 1e-6
    return most(whole, asked), most(every, asked) if tried else np.inf


def fill(states: set[State], weeks: int, open_days: list[Day]) -> set[State]:
    """Fill a block of evenly spaced weeks of a vehicle and weekday with one round, or split it in smaller blocks."""
    one = set()
    for state, day in product(states, open_days):
        if not any(state[v][0] for v, _ in day):
            new = list(state)
            for v, length in day:
                new[v] = (weeks, length)
            one.add((*new[:-1], (state[-1][0] + weeks, 0.0)))
    parts = {1: [], 2: [1, 1], 3: [1, 1, 1], 4: [2, 2]}[weeks]
    split = states
    for part in parts:
        split = fill(split, part, open_days)
    return states | one | split


def added(state: State, slot: State) -> State | None:
    """Return what two weekdays make together; None where both visit a venue."""
    pairs = list(zip(state[:-1], slot[:-1], strict=True))
    if any(now[0] and new[0] for now, new in pairs):
        return None
    return (*(max(pair) for pair in pairs), (state[-1][0] + slot[-1][0], 0.0))


def weeks_of(case: Case, vehicle: Vehicle, days: list[Day]) -> set[State]:
    """Return what a weekday of a vehicle can be in all weeks of a cycle, a day (or none) in each."""
    _, venues, _, s = case
    found: set[State] = set()
    for weeks in product([frozenset[tuple[int, float]](), *days], repeat=s.cycle_weeks):
        at: dict[int, list[int]] = {}
        lengths: dict[int, set[float]] = {}
        for week, day in enumerate(weeks):
            for v, length in day:
                at.setdefault(v, []).append(week)
                lengths.setdefault(v, set()).add(length)
        even = all({b - a for a, b in pairwise(w)} <= {s.cycle_weeks / len(w)} for w in at.values())
        even &= all(s.cycle_weeks % len(w) == 0 for w in at.values()) and all(len(one) == 1 for one in lengths.values())
        state = [(len(at[v]), min(lengths[v])) if v in at else (0, 0.0) for v in range(len(venues))]
        known = (*state, (sum(bool(day) for day in weeks), 0.0))
        distinct = [*{*weeks} - {frozenset()}]
        if even and known not in found:
            shared = any(a & b for a, b in combinations(distinct, 2))
            if not shared or at_one_time(case, vehicle, distinct):
                found.add(known)
    return found


def at_one_time(case: Case, vehicle: Vehicle, days: list[Day]) -> bool:
    """Return whether days can be driven so that what they share is begun at the same minute."""
    return any(
        together(case, vehicle, orders) for orders in product(*(list(permutations(sorted(day))) for day in days))
    )


def together(case: Case, vehicle: Vehicle, orders: tuple[tuple[tuple[int, float], ...], ...]) -> bool:
    """Return whether some orders fit their day, each session waiting for the latest of the same place."""
    _, venues, minutes, s = case
    time, km = closure(minutes)
    number = {"": 0} | {v: i + 1 for i, v in enumerate(venues["venue"])}
    n = len(venues)
    column = {c: venues[c].tolist() if c in venues else [d] * n for c, d in DEFAULTS.items()}
    wait: dict[int, float] = {}
    for _ in range(50):
        before = dict(wait)
        for order in orders:
            now, here, far = s.duty_start_min, number[vehicle.depot], 0.0
            for at, (v, length) in enumerate(order):
                now += time[here, v + 1] * (1 + s.reserve_share)
                far, here = far + km[here, v + 1], v + 1
                now = max(now + s.setup_min, column["open_min"][v], wait.get(v, 0.0))
                now = np.ceil((now - 1e-6) / s.round_to_min) * s.round_to_min if s.round_to_min else now
                wait[v] = max(now, wait.get(v, 0.0))
                now += length
                if now > column["close_min"][v] + 1e-6:
                    return False
                now += s.pack_up_min + (s.break_min if at == 0 else 0)
            home = number[vehicle.ends_at or ""]
            now, far = now + time[here, home] * (1 + s.reserve_share), far + km[here, home]
            if now > s.duty_start_min + s.duty_min + 1e-6 or far > vehicle.range_km + 1e-6:
                return False
        if wait == before:
            return True
    return False


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
